//! Client metadata (RFC 7591 §2): a known member must be valid, an unknown one is left out.

use serde_json::{Map, Value, json};
use url::Url;

use crate::oauth::claim::list;
use crate::oauth::client_auth::Method;
use crate::sandbox::endpoint::grant;
use crate::sandbox::endpoint::requested_access::is_absolute_uri;
use crate::sandbox::model::access::SCOPES;
use crate::sandbox::model::certificate::{NAMES, normalize_name};
use crate::sandbox::model::{KnownCertificate, OAuthError};
use crate::sandbox::state::State;

const CODE: &str = "authorization_code";

pub fn check(state: &State, asked: &Map<String, Value>) -> Result<Map<String, Value>, OAuthError> {
    let mut asked = asked.clone();
    // RFC 7591 §2.3: what a software statement contains overrides what the client says.
    if let Some(Value::String(statement)) = asked.get("software_statement") {
        let mut stated = state.platform.verify(statement).ok_or_else(|| invalid_member("software_statement"))?;
        stated.retain(|name, _| !["iss", "sub", "aud", "iat", "nbf", "exp", "jti"].contains(&name.as_str()));
        asked.extend(stated);
    }
    let mut accepted = Map::new();
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_null()) {
        match is_valid(name, value) {
            Some(true) => accepted.insert(name.clone(), value.clone()),
            Some(false) => return Err(invalid_member(name)),
            None => None,
        };
    }
    let method = accepted.entry("token_endpoint_auth_method").or_insert_with(|| json!(Method::ALL[0].name())).clone();
    check_keys(&accepted, &method)?;
    accepted.entry("grant_types").or_insert_with(|| json!([CODE]));
    let redirects = list(&accepted, "grant_types").contains(&CODE);
    if redirects && list(&accepted, "redirect_uris").is_empty() {
        return Err(OAuthError::new("invalid_redirect_uri", "the grant authorization_code needs redirect_uris"));
    }
    accepted.entry("response_types").or_insert_with(|| if redirects { json!(["code"]) } else { json!([]) });
    if redirects == list(&accepted, "response_types").is_empty() {
        return Err(invalid("grant_types and response_types do not match (RFC 7591 section 2.1)"));
    }
    Ok(accepted)
}

/// Each authentication method needs its keys, or one certificate (RFC 8705 §2.1.2, §2.2.2).
fn check_keys(accepted: &Map<String, Value>, method: &Value) -> Result<(), OAuthError> {
    let count = |names: &[&str]| names.iter().filter(|name| accepted.contains_key(**name)).count();
    let keys = count(&["jwks", "jwks_uri"]);
    if keys > 1 || (method == Method::PrivateKeyJwt.name() && keys == 0) {
        return Err(invalid("private_key_jwt needs jwks or jwks_uri; no client may have both"));
    }
    if method == Method::TlsClientAuth.name() && count(&NAMES) != 1 {
        return Err(invalid(
            "tls_client_auth needs exactly one of tls_client_auth_subject_dn and tls_client_auth_san_*",
        ));
    }
    let certificates = accepted.get("jwks").and_then(KnownCertificate::from_keys);
    if method == Method::SelfSignedTlsClientAuth.name() && certificates.is_none() {
        return Err(invalid(
            "self_signed_tls_client_auth needs jwks whose keys have an x5c; jwks_uri is not supported",
        ));
    }
    Ok(())
}

/// Whether a member is valid; `None` for an unknown one. A language may follow its name (`client_name#de`).
fn is_valid(name: &str, value: &Value) -> Option<bool> {
    let text = |check: &dyn Fn(&str) -> bool| value.as_str().is_some_and(check);
    let list = |check: &dyn Fn(&str) -> bool| {
        value.as_array().is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(check)))
    };
    Some(match name.split('#').next().unwrap_or_default() {
        "redirect_uris" => list(&is_absolute_uri),
        "token_endpoint_auth_method" => text(&|name| Method::ALL.iter().any(|method| method.name() == name)),
        "grant_types" => list(&|name| grant::names().contains(&name)),
        "response_types" => list(&|name| name == "code"),
        "contacts" => list(&|contact| !contact.is_empty()),
        "jwks" => value["keys"].is_array(),
        "dpop_bound_access_tokens" | "tls_client_certificate_bound_access_tokens" => value.is_boolean(),
        name if NAMES.contains(&name) => text(&|value| normalize_name(name, value).is_some()),
        "scope" => text(&|scope| scope.split(' ').all(|name| SCOPES.contains(&name))),
        "client_uri" | "logo_uri" | "tos_uri" | "policy_uri" => text(&|page| Url::parse(page).is_ok()),
        "client_name" | "software_id" | "software_version" | "software_statement" | "jwks_uri" => value.is_string(),
        _ => return None,
    })
}

fn invalid_member(name: &str) -> OAuthError {
    match name {
        "redirect_uris" => {
            OAuthError::new("invalid_redirect_uri", "redirect_uris must be absolute and without a fragment")
        }
        "software_statement" => {
            OAuthError::new("invalid_software_statement", "it is not signed by an issuer that is trusted here")
        }
        "scope" | "grant_types" | "token_endpoint_auth_method" => {
            invalid(format!("unsupported value of {name}, see the metadata"))
        }
        name if NAMES.contains(&name) => {
            invalid(format!("no certificate can contain this {name} (RFC 8705 section 2.1.2)"))
        }
        _ => invalid("a member has the wrong type (RFC 7591 section 2)"),
    }
}

pub fn invalid(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_client_metadata", description)
}
