//! The end of a session at the server, asked for by its client (`OpenID` Connect RP-Initiated Logout 1.0 §2).

use super::error;
use super::fault::{Fault, is_html};
use super::message::{Replay, Request, Response};
use crate::secret::Secret;

pub const ENDPOINT: &str = "end_session_endpoint";

/// Builds the request of the specification: no credential but the ID token that names the session.
pub fn request(endpoint: &str, client_id: &str, id_token: &Secret) -> Request {
    let parameters =
        vec![("id_token_hint".to_owned(), id_token.clone().into()), ("client_id".to_owned(), client_id.into())];
    Request::form("logout endpoint", endpoint, parameters, Replay::Safe)
}

/// Builds the request of Keycloak, which finds the session by the refresh token; the client authenticates besides.
pub fn request_by_refresh_token(endpoint: &str, refresh_token: &Secret, id_token: Option<&Secret>) -> Request {
    let mut parameters = Vec::new();
    parameters.extend(id_token.map(|token| ("id_token_hint".to_owned(), token.clone().into())));
    parameters.push(("refresh_token".to_owned(), refresh_token.clone().into()));
    Request::form("logout endpoint", endpoint, parameters, Replay::Safe)
}

/// Reads the answer: whether the session has ended. A page says neither: it may want a person's yes (§2).
pub fn read(answer: &Response) -> Result<bool, Fault> {
    match answer.status {
        200..=299 => Ok(!is_html(answer)),
        _ => Err(error::read("the logout request", answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::{read, request, request_by_refresh_token};
    use crate::oauth::message::{Body, Response};
    use crate::secret::Secret;

    #[test]
    fn tokens_are_hidden() {
        let (refresh, id) = (Secret::new("RT-1"), Secret::new("a.b.c"));
        let by_refresh_token = request_by_refresh_token("https://a.example/logout", &refresh, Some(&id));
        for (made, expected) in [
            (by_refresh_token, [("id_token_hint", "a.b.c"), ("refresh_token", "RT-1")]),
            (request("https://a.example/logout", "app", &id), [("id_token_hint", "a.b.c"), ("client_id", "app")]),
        ] {
            let Body::Form(form) = &made.body else { panic!("a form") };
            let names: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
            assert_eq!(names, expected);
            let shown = format!("{made:?}");
            assert!(!shown.contains("RT-1") && !shown.contains("a.b.c") && made.credential);
        }
    }

    #[test]
    fn only_answer_without_page_says_that_session_has_ended() {
        let answer = |status, kind: &str, body: &str| Response {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
            url: String::new(),
        };
        assert!(read(&answer(204, "", "")).unwrap() && read(&answer(200, "application/json", "{}")).unwrap());
        assert!(!read(&answer(200, "text/html", "<p>Sure?")).unwrap());
        assert!(read(&answer(400, "application/json", "{\"error\":\"invalid_grant\"}")).is_err());
        assert!(read(&answer(500, "", "")).is_err());
    }
}
