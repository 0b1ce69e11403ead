//! The discovery documents (RFC 8414 §2; OpenID Connect Discovery §3) and the key set (RFC 7517 §5).

use serde_json::{Value, json};

use super::grant;
use crate::jose::Algorithm;
use crate::oauth::client_auth::Method;
use crate::oauth::pkce;
use crate::sandbox::model::access::SCOPES;
use crate::sandbox::state::{PATH, State};

/// What a person sees who opens the issuer in a browser.
pub fn greeting(state: &State) -> Value {
    json!({
        "issuer": state.issuer(),
        "about": "hallpass sandbox, a test authorization server in memory",
        "metadata": format!("{}/.well-known/openid-configuration", state.issuer()),
    })
}

pub fn jwks(state: &State) -> Value {
    state.signer.jwks.clone()
}

/// The OpenID Connect document; like many servers it leaves out introspection and revocation.
pub fn openid_metadata(state: &State) -> Value {
    let mut document = shared_metadata(state);
    document["end_session_endpoint"] = json!(format!("{}/logout", state.issuer()));
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    document
}

pub fn oauth_metadata(state: &State) -> Value {
    let issuer = state.issuer();
    let mut document = shared_metadata(state);
    let confidential = Method::ALL.into_iter().filter(|method| *method != Method::None).map(Method::name);
    document["introspection_endpoint"] = json!(format!("{issuer}/introspect"));
    document["introspection_endpoint_auth_methods_supported"] = json!(confidential.collect::<Vec<_>>());
    document["introspection_signing_alg_values_supported"] = json!(["ES256"]);
    document["revocation_endpoint"] = json!(format!("{issuer}/revoke"));
    document["revocation_endpoint_auth_methods_supported"] = json!(Method::ALL.map(Method::name));
    document
}

fn shared_metadata(state: &State) -> Value {
    let issuer = state.issuer();
    let secure = |path: &str| json!(format!("{}{PATH}{path}", state.secure_origin));
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let assertion_algorithms: Vec<_> = std::iter::once("HS256").chain(algorithms).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "token_endpoint_auth_methods_supported": Method::ALL.map(Method::name),
        "token_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": grant::names(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": [pkce::METHOD],
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": SCOPES,
        // RFC 8705 §5: where a client authenticates and may do so by a certificate.
        "mtls_endpoint_aliases": {
            "token_endpoint": secure("/token"),
            "introspection_endpoint": secure("/introspect"),
            "revocation_endpoint": secure("/revoke"),
            "pushed_authorization_request_endpoint": secure("/par"),
            "device_authorization_endpoint": secure("/device_authorization"),
        },
        "tls_client_certificate_bound_access_tokens": true,
        "dpop_signing_alg_values_supported": algorithms,
    })
}
