//! Token requests and their answers (RFC 6749 §4.4, §5.1).

use std::time::Duration;

use serde_json::{Map, Value};

use super::bearer::{TOKEN_LIMIT, is_b64token};
use super::fault::{Fault, Shape};
use super::message::{Replay, Request, Response};
use super::parameters::TokenParameters;
use super::{error, expiry, json};
use crate::secret::Secret;

const WHAT: &str = "the token answer";

/// The parameters that the request itself sets: the caller refuses them among `params`.
const RESERVED: [&str; 7] =
    ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "refresh_token"];

/// Checks the name of a further parameter that a person gives. The error does not repeat a value.
pub fn check_parameter_name(name: &str) -> Result<(), String> {
    match name {
        "" => Err("the name is empty".to_owned()),
        _ if RESERVED.contains(&name) => Err(format!("{name} has a flag or a zone setting of its own")),
        _ => Ok(()),
    }
}

/// Checks scopes, one or several with spaces between them (RFC 6749 §3.3): a server would refuse others or read them
/// otherwise than they were meant.
pub fn check_scope(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_whitespace() || (c.is_ascii_graphic() && !matches!(c, '"' | '\\'));
    if text.chars().all(fits) {
        return Ok(());
    }
    Err("a scope consists of visible ASCII characters without quotes and backslashes (RFC 6749 §3.3)".to_owned())
}

/// Builds a client credentials request (RFC 6749 §4.4.2). Client authentication is applied to it afterwards.
pub fn client_credentials(endpoint: &str, parameters: &TokenParameters<'_>) -> Request {
    let mut form = vec![("grant_type".to_owned(), "client_credentials".into())];
    parameters.append_to(&mut form);
    Request::form(endpoint, form, Replay::RetryOnce)
}

#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The access token: a b64token of at most 16 KiB.
    pub access_token: Secret,
    /// `Bearer`, `DPoP`, `N_A`, else as served.
    pub token_type: String,
    /// The lifetime from the request's start; `None` when the server does not say, zero when its value can't be used.
    pub expires_in: Option<Duration>,
    /// The granted scope; `None` means the one asked for (RFC 6749 §5.1).
    pub scope: Option<String>,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
    /// The type of an exchanged token (RFC 8693 §2.2.1).
    pub issued_token_type: Option<String>,
    /// What is odd about the answer and was put up with, in words.
    pub warnings: Vec<String>,
}

/// Reads a token answer. Only 200 and 201 are success, and not with an `error` in them.
///
/// Nothing of a body that may hold a token is ever shown in a fault.
pub fn read(answer: &Response) -> Result<TokenResponse, Fault> {
    if !matches!(answer.status, 200 | 201) {
        return Err(error::read(WHAT, answer));
    }
    if answer.header("content-type").is_some_and(|kind| !is_json(kind)) {
        return Err(Fault::NotJson { what: WHAT, status: answer.status, shape: Shape::of(answer, false) });
    }
    let mut members = json::body(WHAT, answer, false)?;
    if members.get("error").is_some_and(|error| !error.is_null()) {
        return Err(error::read(WHAT, answer));
    }
    let mut warnings = Vec::new();
    let access_token = json::take_string(WHAT, &mut members, "access_token")?
        .map(Secret::new)
        .ok_or(Fault::MissingMember { what: WHAT, member: "access_token" })?;
    check_token("access_token", &access_token)?;
    let token_type = json::take_string(WHAT, &mut members, "token_type")?
        .ok_or(Fault::MissingMember { what: WHAT, member: "token_type" })
        .and_then(|kind| canonical_type(&kind))?;
    let expires_in = expiry::read(members.shift_remove("expires_in").as_ref()).unwrap_or_else(|reason| {
        warnings.push(format!("expires_in says no lifetime ({reason}); the token counts as expired now"));
        Some(Duration::ZERO)
    });
    let scope = take_scope(&mut members, &mut warnings)?;
    let refresh_token =
        json::take_string(WHAT, &mut members, "refresh_token")?.filter(|text| !text.is_empty()).map(Secret::new);
    if let Some(token) = &refresh_token {
        // RFC 6749 appendix A.17.
        let printing = token.expose().bytes().all(|b| (0x20..=0x7e).contains(&b));
        check_usable("refresh_token", token, printing, "it holds characters outside VSCHAR (RFC 6749 appendix A.17)")?;
    }
    let id_token = json::take_string(WHAT, &mut members, "id_token")?.filter(|text| !text.is_empty()).map(Secret::new);
    id_token.iter().try_for_each(|token| check_token("id_token", token))?;
    let issued_token_type =
        json::take_string(WHAT, &mut members, "issued_token_type")?.map(|text| crate::text::sanitize(&text));
    Ok(TokenResponse {
        access_token,
        token_type,
        expires_in,
        scope,
        refresh_token,
        id_token,
        issued_token_type,
        warnings,
    })
}

/// Whether a `Content-Type` is JSON. RFC 6749 §5.1 wants `application/json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

fn check_token(member: &'static str, token: &Secret) -> Result<(), Fault> {
    check_usable(member, token, is_b64token(token.expose()), "it is not a b64token (RFC 6750 §2.1)")
}

fn check_usable(member: &'static str, token: &Secret, sound: bool, reason: &'static str) -> Result<(), Fault> {
    let reason = match token.expose() {
        "" => "it is empty",
        text if text.len() > TOKEN_LIMIT => "it is longer than 16 KiB",
        _ if !sound => reason,
        _ => return Ok(()),
    };
    Err(Fault::BadToken { member, reason })
}

/// Types are compared without case (RFC 6749 §5.1) and written as their RFCs do.
fn canonical_type(kind: &str) -> Result<String, Fault> {
    if let Some(known) = ["Bearer", "DPoP", "N_A"].iter().find(|known| kind.eq_ignore_ascii_case(known)) {
        return Ok((*known).to_owned());
    }
    if kind.is_empty() || kind.len() > 200 || !kind.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(Fault::malformed(WHAT, "token_type is no type's name (RFC 6749 §7.1)"));
    }
    Ok(crate::text::sanitize(kind))
}

/// The scope is one string; some servers send a list, which says the same.
fn take_scope(members: &mut Map<String, Value>, warnings: &mut Vec<String>) -> Result<Option<String>, Fault> {
    let refuse = || Fault::malformed(WHAT, "scope is not a string");
    match members.shift_remove("scope") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(scope)) => Ok(Some(crate::text::escape_control(&scope))),
        Some(Value::Array(list)) => {
            let scopes: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            warnings.push("scope is a list; RFC 6749 §3.3 wants one string".to_owned());
            Ok(Some(crate::text::escape_control(&scopes.ok_or_else(refuse)?.join(" "))))
        }
        Some(_) => Err(refuse()),
    }
}

#[cfg(test)]
mod tests;
