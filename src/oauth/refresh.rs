//! Refresh (RFC 6749 §6).

use super::bearer::Grammar;
use super::json;
use super::message::{Replay, Request, Response, Value};
use super::parameters::TokenParameters;
use crate::secret::Secret;

/// Builds a refresh request. Without a scope it asks for all that was granted at the sign-in. Client authentication is
/// applied to it afterwards.
///
/// It is sent once: a server that rotates refresh tokens treats a second use as theft (RFC 9700 §4.14.2).
pub fn request(endpoint: &str, refresh_token: &Secret, parameters: &TokenParameters<'_>) -> Request {
    let mut form = vec![
        ("grant_type".to_owned(), "refresh_token".into()),
        ("refresh_token".to_owned(), Value::Hidden(refresh_token.clone())),
    ];
    parameters.append_to(&mut form);
    Request::form(endpoint, form, Replay::Single)
}

/// The refresh token of a success that is unusable otherwise: the old one is spent anyway.
pub fn refresh_token_from_bad_response(answer: &Response) -> Option<Secret> {
    let members = json::object(&answer.body).ok().filter(|_| matches!(answer.status, 200 | 201))?;
    let token = members.get("refresh_token")?.as_str()?;
    Grammar::Printable.read("refresh_token", token.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::{refresh_token_from_bad_response, request};
    use crate::oauth::message::{Body, Replay, Response};
    use crate::oauth::parameters::TokenParameters;
    use crate::secret::Secret;

    #[test]
    fn the_request_has_its_parameters_in_order_and_hides_the_token() {
        let token = Secret::new("tGzv3JOkF0XG5Qx2TlKWIA");
        let scope = ["a".to_owned(), "b".to_owned()];
        let extra = [("tenant".to_owned(), "x".to_owned())];
        let parameters = TokenParameters { scope: &scope, extra: &extra, ..TokenParameters::default() };
        let made = request("https://a.example/t", &token, &parameters);
        let Body::Form(parameters) = &made.body else { panic!("a form") };
        let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
        assert_eq!(
            sent,
            [
                ("grant_type", "refresh_token"),
                // The example of RFC 6749 §6.
                ("refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"),
                ("scope", "a b"),
                ("tenant", "x"),
            ]
        );
        assert!(made.credential && made.replay == Replay::Single);
        assert!(!format!("{made:?}").contains("tGzv"));
        let bare = request("https://a.example/t", &token, &TokenParameters::default());
        assert!(matches!(bare.body, Body::Form(parameters) if parameters.len() == 2));
    }

    #[test]
    fn a_refresh_token_is_saved_from_an_unusable_success_and_from_nothing_else() {
        let saved = |status, body: &str| {
            let answer = Response { status, headers: vec![], body: body.as_bytes().to_vec(), url: String::new() };
            refresh_token_from_bad_response(&answer).map(|token| token.expose().to_owned())
        };
        assert_eq!(saved(200, r#"{"access_token":7,"refresh_token":"RT-2"}"#).as_deref(), Some("RT-2"));
        for (status, body) in [
            (400, r#"{"refresh_token":"RT-2"}"#),
            (200, r#"{"refresh_token":""}"#),
            (200, r#"{"refresh_token":"a\nb"}"#),
            (200, r#"{"refresh_token":7}"#),
            (200, r#"{"refresh_token":"RT-2""#),
            (200, "<html>"),
        ] {
            assert_eq!(saved(status, body), None, "{body}");
        }
    }
}
