//! Refresh (RFC 6749 §6).

use super::json;
use super::message::{Replay, Request, Response, Value};
use crate::secret::Secret;

/// Builds a refresh request. An empty scope is left out, which means all that was allowed at the sign-in; `audience` and
/// `resource` (RFC 8707 §2.2) repeat; `params` come last. Client authentication is applied to it afterwards.
///
/// It is sent once: a server that rotates takes a second one for a theft (RFC 9700 §4.14.2).
pub fn request(
    endpoint: &str,
    refresh_token: &Secret,
    scopes: &[String],
    audiences: &[String],
    resources: &[String],
    params: &[(String, String)],
) -> Request {
    let mut parameters = vec![
        ("grant_type".to_owned(), "refresh_token".into()),
        ("refresh_token".to_owned(), Value::Hidden(refresh_token.clone())),
    ];
    if !scopes.is_empty() {
        parameters.push(("scope".to_owned(), scopes.join(" ").into()));
    }
    parameters.extend(audiences.iter().map(|audience| ("audience".to_owned(), audience.clone().into())));
    parameters.extend(resources.iter().map(|resource| ("resource".to_owned(), resource.clone().into())));
    parameters.extend(params.iter().map(|(name, value)| (name.clone(), value.clone().into())));
    Request::form(endpoint, parameters, Replay::Single)
}

/// The refresh token of a success that is unusable otherwise: the old one is spent all the same.
pub fn salvage(answer: &Response) -> Option<Secret> {
    let members = json::object(&answer.body).ok().filter(|_| matches!(answer.status, 200 | 201))?;
    let token = members.get("refresh_token")?.as_str()?;
    let sound =
        (1..=super::bearer::TOKEN_LIMIT).contains(&token.len()) && token.bytes().all(|b| (0x20..=0x7e).contains(&b));
    sound.then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::{request, salvage};
    use crate::oauth::message::{Body, Replay, Response};
    use crate::secret::Secret;

    #[test]
    fn the_request_has_its_parameters_in_order_and_hides_the_token() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let token = Secret::new("tGzv3JOkF0XG5Qx2TlKWIA");
        let params = [("tenant".to_owned(), "x".to_owned())];
        let made =
            request("https://a.example/t", &token, &texts(&["a", "b"]), &texts(&["c"]), &texts(&["urn:d"]), &params);
        let Body::Form(parameters) = &made.body else { panic!("a form") };
        let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
        assert_eq!(
            sent,
            [
                ("grant_type", "refresh_token"),
                // The example of RFC 6749 §6.
                ("refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"),
                ("scope", "a b"),
                ("audience", "c"),
                ("resource", "urn:d"),
                ("tenant", "x"),
            ]
        );
        assert!(made.credential && made.replay == Replay::Single);
        assert!(!format!("{made:?}").contains("tGzv"));
        let bare = request("https://a.example/t", &token, &[], &[], &[], &[]);
        assert!(matches!(bare.body, Body::Form(parameters) if parameters.len() == 2));
    }

    #[test]
    fn a_refresh_token_is_saved_from_an_unusable_success_and_from_nothing_else() {
        let saved = |status, body: &str| {
            let answer = Response { status, headers: vec![], body: body.as_bytes().to_vec(), url: String::new() };
            salvage(&answer).map(|token| token.expose().to_owned())
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
