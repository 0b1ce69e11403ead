//! An assertion as the grant (RFC 7523 §2.1): somebody else's signature stands in for a person's consent. The answer is
//! a token answer, which `token::read` reads.

use super::message::{Replay, Request, Value};
use super::parameters::TokenParameters;
use crate::secret::Secret;

/// The grant (RFC 7523 §2.1).
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Builds the request. A server may take the assertion only once. Client authentication is applied to it afterwards.
pub fn request(endpoint: &str, assertion: &Secret, parameters: &TokenParameters<'_>) -> Request {
    let mut form =
        vec![("grant_type".to_owned(), GRANT.into()), ("assertion".to_owned(), Value::Hidden(assertion.clone()))];
    parameters.append_to(&mut form);
    Request::form(endpoint, form, Replay::Input)
}

#[cfg(test)]
mod tests {
    use super::request;
    use crate::oauth::message::{Body, Replay};
    use crate::oauth::parameters::TokenParameters;
    use crate::secret::Secret;

    #[test]
    fn the_request_of_rfc_7523_2_1_is_built() {
        let scope = ["read".to_owned(), "write".to_owned()];
        let parameters = TokenParameters { scope: &scope, ..TokenParameters::default() };
        let request = request("https://as.example/t", &Secret::new("a.hunter2.c"), &parameters);
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
