//! An assertion as the grant (RFC 7523 §2.1): somebody else's signature stands in for a person's consent. The answer is
//! a token answer, which `token::read` reads.

use super::message::{Replay, Request, Value};
use crate::secret::Secret;

/// The grant (RFC 7523 §2.1).
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Builds the request. A server may take the assertion only once. Client authentication is applied to it afterwards.
pub fn request(
    endpoint: &str,
    assertion: &Secret,
    scopes: &[String],
    audiences: &[String],
    resources: &[String],
    params: &[(String, String)],
) -> Request {
    let mut parameters: Vec<(String, Value)> =
        vec![("grant_type".to_owned(), GRANT.into()), ("assertion".to_owned(), Value::Hidden(assertion.clone()))];
    let scope = scopes.iter().filter(|scope| !scope.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    if !scope.is_empty() {
        parameters.push(("scope".to_owned(), scope.into()));
    }
    parameters.extend(audiences.iter().map(|audience| ("audience".to_owned(), audience.clone().into())));
    parameters.extend(resources.iter().map(|resource| ("resource".to_owned(), resource.clone().into())));
    parameters.extend(params.iter().map(|(name, value)| (name.clone(), value.clone().into())));
    Request::form(endpoint, parameters, Replay::Input)
}

#[cfg(test)]
mod tests {
    use super::request;
    use crate::oauth::message::{Body, Replay};
    use crate::secret::Secret;

    #[test]
    fn the_request_of_rfc_7523_2_1_is_built() {
        let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let request =
            request("https://as.example/t", &Secret::new("a.hunter2.c"), &text(&["read", "", "write"]), &[], &[], &[]);
        let Body::Form(parameters) = &request.body else { panic!("a form") };
        let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
        assert_eq!(
            sent,
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", "a.hunter2.c"),
                ("scope", "read write"),
            ]
        );
        assert_eq!((request.replay, request.credential), (Replay::Input, true));
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
