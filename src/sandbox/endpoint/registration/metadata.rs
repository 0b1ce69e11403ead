//! What a client may say of itself (RFC 7591 §2), strictly: a member that the server knows must be right, one that it
//! does not know is left out of the registration.

use serde_json::{Map, Value, json};
use url::Url;

use crate::sandbox::endpoint::assertion;
use crate::sandbox::endpoint::grant;
use crate::sandbox::endpoint::message::Refusal;
use crate::sandbox::model::certificate::{Known, NAMES};
use crate::sandbox::model::client::{Method, SCOPES};
use crate::sandbox::state::State;

/// The grant that needs a redirection.
const CODE: &str = "authorization_code";
/// Members that are one text.
const TEXTS: [&str; 6] = ["client_name", "software_id", "software_version", "software_statement", "scope", "jwks_uri"];
/// Members that are one URL.
const PAGES: [&str; 4] = ["client_uri", "logo_uri", "tos_uri", "policy_uri"];

/// The metadata as it is registered.
///
/// # Errors
/// `invalid_redirect_uri`, `invalid_software_statement` or `invalid_client_metadata` (RFC 7591 §3.2.2).
pub fn accept(state: &State, asked: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut asked = asked.clone();
    // RFC 7591 §2.3: what its publisher states of a software goes before what the client says.
    if let Some(Value::String(statement)) = asked.get("software_statement") {
        let stated = assertion::stated(state, statement).ok_or_else(|| wrong("software_statement"))?;
        asked.extend(stated);
    }
    let mut kept = Map::new();
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_null()) {
        if let Some(right) = right(name, value) {
            if !right {
                return Err(wrong(name));
            }
            kept.insert(name.clone(), value.clone());
        }
    }
    let methods = Method::ALL.map(Method::name);
    let method = kept.entry("token_endpoint_auth_method").or_insert_with(|| json!(methods[0])).clone();
    let keys = ["jwks", "jwks_uri"].iter().filter(|name| kept.contains_key(**name)).count();
    if keys > 1 || (method == Method::KeyJwt.name() && keys == 0) {
        return Err(refused("private_key_jwt needs jwks or jwks_uri, and nobody both"));
    }
    certified(&kept, &method)?;
    kept.entry("grant_types").or_insert_with(|| json!([CODE]));
    let redirects = texts(&kept, "grant_types").iter().any(|grant| grant == CODE);
    if redirects && texts(&kept, "redirect_uris").is_empty() {
        return Err(Refusal::new(400, "invalid_redirect_uri", "the grant authorization_code needs redirect_uris"));
    }
    kept.entry("response_types").or_insert_with(|| if redirects { json!(["code"]) } else { json!([]) });
    if redirects == texts(&kept, "response_types").is_empty() {
        return Err(refused("grant_types and response_types do not fit together (RFC 7591 section 2.1)"));
    }
    Ok(kept)
}

/// A client that proves itself by a certificate says by which (RFC 8705 §2.1.2, §2.2.2).
fn certified(kept: &Map<String, Value>, method: &Value) -> Result<(), Refusal> {
    let named = NAMES.iter().filter(|name| kept.contains_key(**name)).count();
    if method == Method::Tls.name() && named != 1 {
        return Err(refused("tls_client_auth needs exactly one of tls_client_auth_subject_dn and its companions"));
    }
    if method == Method::SelfSignedTls.name() && kept.get("jwks").and_then(Known::own).is_none() {
        return Err(refused("self_signed_tls_client_auth needs jwks whose keys have an x5c; no jwks_uri is read here"));
    }
    Ok(())
}

/// Whether a member is right; `None` for one that is not known.
fn right(name: &str, value: &Value) -> Option<bool> {
    let list = |allowed: &dyn Fn(&str) -> bool| {
        value.as_array().is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(allowed)))
    };
    let plain = name.split('#').next().unwrap_or_default();
    Some(match plain {
        "redirect_uris" => list(&redirection),
        "token_endpoint_auth_method" => Method::ALL.iter().any(|method| value == method.name()),
        "grant_types" => list(&|grant| grant == CODE || grant::names().contains(&grant)),
        "response_types" => list(&|kind| kind == "code"),
        "contacts" => list(&|contact| !contact.is_empty()),
        "jwks" => value["keys"].is_array(),
        "dpop_bound_access_tokens" | "tls_client_certificate_bound_access_tokens" => value.is_boolean(),
        name if NAMES.contains(&name) => value.as_str().is_some_and(|value| Known::named(name, value).is_some()),
        "scope" => value.as_str().is_some_and(|all| all.split(' ').all(|scope| SCOPES.contains(&scope))),
        "software_statement" => value.is_string(),
        name if PAGES.contains(&name) => value.as_str().is_some_and(|page| Url::parse(page).is_ok()),
        name if TEXTS.contains(&name) => value.is_string(),
        _ => return None,
    })
}

/// An absolute URI without a fragment (RFC 6749 §3.1.2).
fn redirection(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.fragment().is_none())
}

fn wrong(name: &str) -> Refusal {
    match name {
        "redirect_uris" => {
            Refusal::new(400, "invalid_redirect_uri", "redirect_uris are absolute and without a fragment")
        }
        "software_statement" => Refusal::new(400, "invalid_software_statement", "nobody who is trusted here signed it"),
        "scope" => refused("a scope is unknown, metadata lists the known ones"),
        "grant_types" => refused("a grant is unknown, metadata lists the known ones"),
        "token_endpoint_auth_method" => refused("the authentication method is unknown, metadata lists the known ones"),
        name if NAMES.contains(&name) => {
            refused("a tls_client_auth name is none that a certificate has (RFC 8705 section 2.1.2)")
        }
        _ => refused("a member is not of its type (RFC 7591 section 2)"),
    }
}

/// `invalid_client_metadata`.
pub fn refused(description: &'static str) -> Refusal {
    Refusal::new(400, "invalid_client_metadata", description)
}

/// The texts of a list.
pub fn texts(metadata: &Map<String, Value>, name: &str) -> Vec<String> {
    let all = metadata.get(name).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
