//! Token requests (RFC 6749 §4). Client authentication is applied to them afterwards.

use super::grant::Grant;
use super::message::{Replay, Request, Value};
use super::parameters::TokenParameters;
use super::pkce::Verifier;
use crate::secret::Secret;

pub fn build(
    endpoint: &str,
    grant_type: &str,
    own: impl IntoIterator<Item = (&'static str, Value)>,
    parameters: &TokenParameters<'_>,
    replay: Replay,
) -> Request {
    let mut form = vec![("grant_type".to_owned(), grant_type.into())];
    form.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
    parameters.append_to(&mut form);
    Request::form("token endpoint", endpoint, form, replay)
}

/// A request with the client's own grant (RFC 6749 §4.4.2).
pub fn client_credentials(endpoint: &str, parameters: &TokenParameters<'_>) -> Request {
    build(endpoint, Grant::ClientCredentials.registered_name(), [], parameters, Replay::RetryOnce)
}

/// Redeems an authorization code (RFC 6749 §4.1.3), which the first request that reaches the server spends.
pub fn authorization_code(
    endpoint: &str,
    code: &Secret,
    redirect_uri: &str,
    verifier: &Verifier,
    parameters: &TokenParameters<'_>,
) -> Request {
    let own = [
        ("code", code.clone().into()),
        ("redirect_uri", redirect_uri.into()),
        ("code_verifier", verifier.secret().clone().into()),
    ];
    build(endpoint, Grant::AuthorizationCode.registered_name(), own, parameters, Replay::Single)
}

/// Asks for new tokens (RFC 6749 §6), once: a server that rotates refresh tokens treats a second use as theft.
pub fn refresh(endpoint: &str, refresh_token: &Secret, parameters: &TokenParameters<'_>) -> Request {
    let own = [("refresh_token", refresh_token.clone().into())];
    build(endpoint, "refresh_token", own, parameters, Replay::Single)
}

/// Presents an assertion as the grant (RFC 7523 §2.1), which a server may take only once.
pub fn jwt_bearer(endpoint: &str, assertion: &Secret, parameters: &TokenParameters<'_>) -> Request {
    let own = [("assertion", assertion.clone().into())];
    build(endpoint, Grant::JwtBearer.registered_name(), own, parameters, Replay::Input)
}

/// Sends an extension grant as given (RFC 6749 §4.5), with the assertion that it may take (RFC 7522 §2.1).
pub fn extension(
    endpoint: &str,
    grant_type: &str,
    assertion: Option<&Secret>,
    parameters: &TokenParameters<'_>,
) -> Request {
    let own = assertion.map(|assertion| ("assertion", assertion.clone().into()));
    build(endpoint, grant_type, own, parameters, Replay::Input)
}

#[cfg(test)]
mod tests {
    use super::{authorization_code, jwt_bearer, refresh};
    use crate::oauth::message::{Body, Replay, Request};
    use crate::oauth::parameters::TokenParameters;
    use crate::oauth::pkce::Verifier;
    use crate::secret::Secret;

    fn sent(request: &Request) -> Vec<(&str, &str)> {
        let Body::Form(parameters) = &request.body else { panic!("a form") };
        parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect()
    }

    #[test]
    fn refresh_has_its_parameters_in_order_and_hides_token() {
        let token = Secret::new("tGzv3JOkF0XG5Qx2TlKWIA");
        let scope = ["a".to_owned(), "b".to_owned()];
        let extra = [("tenant".to_owned(), "x".to_owned())];
        let parameters = TokenParameters { scope: &scope, extra: &extra, ..TokenParameters::default() };
        let made = refresh("https://a.example/t", &token, &parameters);
        assert_eq!(
            sent(&made),
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
        let bare = refresh("https://a.example/t", &token, &TokenParameters::default());
        assert!(matches!(bare.body, Body::Form(parameters) if parameters.len() == 2));
    }

    #[test]
    fn code_goes_with_its_proof_once_and_hidden() {
        let verifier = Verifier::read(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).unwrap();
        let code = Secret::new("SplxlOBeZQQYbYS6WxSbIA");
        let resource = ["https://api.example".to_owned()];
        let extra = [("tenant".to_owned(), "t".to_owned())];
        let parameters = TokenParameters { resource: &resource, extra: &extra, ..TokenParameters::default() };
        let (endpoint, redirect_uri) = ("https://server.example.com/token", "https://client.example.com/cb");
        let request = authorization_code(endpoint, &code, redirect_uri, &verifier, &parameters);
        // RFC 6749 §4.1.3, with the verifier of RFC 7636 appendix B.
        assert_eq!(
            sent(&request),
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

    #[test]
    fn request_of_rfc_7523_2_1_is_built() {
        let scope = ["read".to_owned(), "write".to_owned()];
        let parameters = TokenParameters { scope: &scope, ..TokenParameters::default() };
        let request = jwt_bearer("https://as.example/t", &Secret::new("a.hunter2.c"), &parameters);
        assert_eq!(
            sent(&request),
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
