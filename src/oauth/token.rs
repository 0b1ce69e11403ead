//! Token responses (RFC 6749 §5.1), and the parameters that a person may add to a token request.

use std::time::Duration;

use serde_json::Value;

use super::bearer::Grammar;
use super::fault::{Fault, content_type};
use super::members::Members;
use super::message::Response;
use super::{error, expiry, json};
use crate::secret::Secret;

const WHAT: &str = "the token answer";

/// Parameters whose value is a secret, which no flag takes.
pub const SECRET_PARAMETERS: [&str; 10] = [
    "client_secret",
    "client_assertion",
    "assertion",
    "subject_token",
    "actor_token",
    "refresh_token",
    "code",
    "code_verifier",
    "password",
    "api_key",
];

/// The parameters that the request itself sets: the caller refuses them among `params`.
const RESERVED: [&str; 7] =
    ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "refresh_token"];

/// Checks the name of a further parameter that a person gives. The error does not repeat a value.
pub fn check_parameter_name(name: &str) -> Result<(), String> {
    match name {
        "" => Err("the name is empty".to_owned()),
        _ if RESERVED.contains(&name) => Err(format!("{name} has a flag or a zone setting of its own")),
        _ if SECRET_PARAMETERS.contains(&name) => Err(format!("{name} is a secret, and no flag takes one")),
        _ => Ok(()),
    }
}

/// Checks a resource: an absolute URI without a fragment (RFC 8707 §2).
pub fn check_resource(text: &str) -> Result<(), String> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let fits = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    if !scheme.is_some_and(fits) || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("a resource is an absolute URI (RFC 8707 §2)".to_owned());
    }
    if text.contains('#') { Err("a resource has no fragment (RFC 8707 §2)".to_owned()) } else { Ok(()) }
}

/// Checks scopes, one or several with spaces between them (RFC 6749 §3.3).
pub fn check_scope(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_whitespace() || (c.is_ascii_graphic() && !matches!(c, '"' | '\\'));
    if text.chars().all(fits) {
        return Ok(());
    }
    Err("a scope consists of visible ASCII characters without quotes and backslashes (RFC 6749 §3.3)".to_owned())
}

#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The access token: visible ASCII without `" , ; \`, at most 16 KiB.
    pub access_token: Secret,
    /// `Bearer`, `DPoP`, `N_A`, else as served.
    pub token_type: String,
    /// The lifetime from the request's start, or a time (see [`expiry::lifetime`]); `None` when the server names none that
    /// can be used, zero when the token has expired.
    pub expires_in: Option<Duration>,
    /// The granted scope; `None` means the one asked for (RFC 6749 §5.1).
    pub scope: Option<String>,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
    pub issued_token_type: Option<String>,
    /// What is odd about the answer and was put up with, in words.
    pub warnings: Vec<String>,
}

/// Reads a token answer. Nothing of a body that may contain a token is ever shown in a fault.
pub fn read(answer: &Response) -> Result<TokenResponse, Fault> {
    if !matches!(answer.status, 200 | 201) {
        return Err(error::read(WHAT, answer));
    }
    let mut members = Members::read_private(WHAT, answer, None)?;
    let mut warnings = Vec::new();
    if answer.header("content-type").is_some_and(|kind| !is_json(kind)) {
        let kind = content_type(answer);
        warnings.push(format!("the token answer has the content type {kind}; RFC 6749 §5.1 wants application/json"));
    }
    let access_token = Grammar::Server.read("access_token", members.take_required("access_token")?)?;
    let token_type = read_type(&members.take_required("token_type")?, &mut warnings)?;
    let expires_in = expiry::read(members.get("expires_in")).unwrap_or_else(|reason| {
        let expired = [expiry::ZERO, expiry::NEGATIVE].contains(&reason);
        let meaning = if expired { "the token counts as expired now" } else { "it counts as absent" };
        warnings.push(format!("expires_in is not a lifetime ({reason}); {meaning}"));
        expired.then_some(Duration::ZERO)
    });
    let scope = read_scope(&members, &mut warnings)?;
    // Servers write an empty string for a token that they do not give.
    members.map.retain(|name, value| value != "" || !matches!(name.as_str(), "refresh_token" | "id_token"));
    Ok(TokenResponse {
        access_token,
        token_type,
        expires_in,
        scope,
        refresh_token: members.take_secret("refresh_token", Grammar::Printable)?,
        id_token: members.take_secret("id_token", Grammar::B64Token)?,
        issued_token_type: members.string("issued_token_type")?.map(crate::text::sanitize),
        warnings,
    })
}

/// The refresh token of a success that is unusable otherwise: the old one is spent anyway.
pub fn refresh_token_from_bad_response(answer: &Response) -> Option<Secret> {
    let members = json::object(&answer.body).ok().filter(|_| matches!(answer.status, 200 | 201))?;
    Grammar::Printable.read("refresh_token", members.get("refresh_token")?.as_str()?.to_owned()).ok()
}

/// Whether a `Content-Type` is JSON. RFC 6749 §5.1 wants `application/json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

/// What some servers call a bearer token (Apigee, Slack, eBay and others).
const BEARER_NAMES: [&str; 6] = ["", "BearerToken", "JWT", "bot", "User Access Token", "Application Access Token"];

/// Types are compared without case (RFC 6749 §5.1) and written as their RFCs do.
fn read_type(kind: &str, warnings: &mut Vec<String>) -> Result<String, Fault> {
    if BEARER_NAMES.iter().any(|name| kind.eq_ignore_ascii_case(name)) {
        warnings.push(format!("token_type is \"{}\"; it is taken as Bearer", crate::text::sanitize(kind)));
        return Ok("Bearer".to_owned());
    }
    if let Some(known) = ["Bearer", "DPoP", "N_A"].iter().find(|known| kind.eq_ignore_ascii_case(known)) {
        return Ok((*known).to_owned());
    }
    if kind.is_empty() || kind.len() > 200 || !kind.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(Fault::malformed(WHAT, "token_type is not the name of a type (RFC 6749 §7.1)"));
    }
    Ok(crate::text::sanitize(kind))
}

/// The scope is one string; some servers send a list, which says the same.
fn read_scope(members: &Members, warnings: &mut Vec<String>) -> Result<Option<String>, Fault> {
    if !members.get("scope").is_some_and(Value::is_array) {
        return Ok(members.string("scope")?.map(crate::text::escape_control));
    }
    warnings.push("scope is a list; RFC 6749 §3.3 wants one string".to_owned());
    Ok(members.list("scope")?.map(|scopes| crate::text::escape_control(&scopes.join(" "))))
}

#[cfg(test)]
mod tests;
