//! The discovery documents (RFC 8414 §2; `OpenID` Connect Discovery §3).

use serde_json::{Value, json};

use crate::jose::Algorithm;
use crate::sandbox::endpoint::grant;
use crate::sandbox::endpoint::message::Reply;
use crate::sandbox::model::client::{Method, SCOPES};
use crate::sandbox::state::{PATH, State};

/// The `OpenID` Connect document: as many servers do, it leaves out introspection and revocation.
pub fn openid(state: &State) -> Reply {
    let mut document = common(state);
    document["end_session_endpoint"] = json!(format!("{}/logout", state.issuer));
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    Reply::public(&document)
}

/// The RFC 8414 document.
pub fn oauth(state: &State) -> Reply {
    let issuer = &state.issuer;
    let mut document = common(state);
    document["introspection_endpoint"] = json!(format!("{issuer}/introspect"));
    document["introspection_endpoint_auth_methods_supported"] =
        json!(Method::ALL.into_iter().filter(|method| *method != Method::None).map(Method::name).collect::<Vec<_>>());
    document["introspection_signing_alg_values_supported"] = json!(["ES256"]);
    document["revocation_endpoint"] = json!(format!("{issuer}/revoke"));
    document["revocation_endpoint_auth_methods_supported"] = json!(Method::ALL.map(Method::name));
    Reply::public(&document)
}

/// What a person sees who opens the issuer in a browser.
pub fn greeting(state: &State) -> Reply {
    Reply::public(&json!({
        "issuer": state.issuer,
        "about": "hallpass sandbox, an authorization server in memory, for trying out only",
        "metadata": format!("{}/.well-known/openid-configuration", state.issuer),
    }))
}

fn common(state: &State) -> Value {
    let issuer = &state.issuer;
    let secure = |path: &str| json!(format!("{}{PATH}{path}", state.secure_origin));
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "token_endpoint_auth_methods_supported": Method::ALL.map(Method::name),
        "token_endpoint_auth_signing_alg_values_supported": signing_algorithms(),
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": grant::names(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": SCOPES,
        // RFC 8705 §5: where a client proves itself, and may do so by a certificate.
        "mtls_endpoint_aliases": {
            "token_endpoint": secure("/token"),
            "introspection_endpoint": secure("/introspect"),
            "revocation_endpoint": secure("/revoke"),
            "pushed_authorization_request_endpoint": secure("/par"),
            "device_authorization_endpoint": secure("/device_authorization"),
        },
        "tls_client_certificate_bound_access_tokens": true,
        "dpop_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
    })
}

/// What client assertions may be signed with.
fn signing_algorithms() -> Vec<&'static str> {
    std::iter::once("HS256").chain(Algorithm::ALL.map(Algorithm::name)).collect()
}
