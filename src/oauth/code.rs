//! The authorization code is redeemed (RFC 6749 §4.1.3): once, whatever comes back.

use super::message::{Replay, Request, Value};
use super::parameters::TokenParameters;
use super::pkce::Verifier;
use crate::secret::Secret;

const GRANT: &str = "authorization_code";

#[derive(Debug, Clone, Copy)]
pub struct CodeGrant<'a> {
    pub code: &'a Secret,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: &'a str,
    /// What the challenge was made of (RFC 7636 §4.5).
    pub verifier: &'a Verifier,
    /// The scope was granted with the code, so it is empty here, as are the audiences.
    pub parameters: TokenParameters<'a>,
}

/// Builds the request. Client authentication is applied to it afterwards. A code is spent by the first request that
/// reaches the server, so it is never sent again.
pub fn request(endpoint: &str, grant: &CodeGrant<'_>) -> Request {
    let mut form: Vec<(String, Value)> = vec![
        ("grant_type".to_owned(), GRANT.into()),
        ("code".to_owned(), grant.code.clone().into()),
        ("redirect_uri".to_owned(), grant.redirect_uri.into()),
        ("code_verifier".to_owned(), grant.verifier.secret().clone().into()),
    ];
    grant.parameters.append_to(&mut form);
    Request::form(endpoint, form, Replay::Single)
}

#[cfg(test)]
mod tests {
    use super::{CodeGrant, request};
    use crate::oauth::message::{Body, Replay};
    use crate::oauth::parameters::TokenParameters;
    use crate::oauth::pkce::Verifier;
    use crate::secret::Secret;

    #[test]
    fn the_code_goes_with_its_proof_once_and_hidden() {
        let verifier = Verifier::read(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).unwrap();
        let code = Secret::new("SplxlOBeZQQYbYS6WxSbIA");
        let resource = ["https://api.example".to_owned()];
        let extra = [("tenant".to_owned(), "t".to_owned())];
        let grant = CodeGrant {
            code: &code,
            redirect_uri: "https://client.example.com/cb",
            verifier: &verifier,
            parameters: TokenParameters { resource: &resource, extra: &extra, ..TokenParameters::default() },
        };
        let request = request("https://server.example.com/token", &grant);
        let Body::Form(parameters) = &request.body else { panic!("a form") };
        let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
        // RFC 6749 §4.1.3, with the verifier of RFC 7636 appendix B.
        assert_eq!(
            sent,
            [
                ("grant_type", "authorization_code"),
                ("code", "SplxlOBeZQQYbYS6WxSbIA"),
                ("redirect_uri", "https://client.example.com/cb"),
                ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
                ("resource", "https://api.example"),
                ("tenant", "t"),
            ]
        );
        assert_eq!(request.replay, Replay::Single);
        let shown = format!("{request:?}");
        assert!(!shown.contains("Splxl") && !shown.contains("dBjft"), "{shown}");
    }
}
