//! The access that a request asks for (RFC 6749 §3.3, RFC 8707 §2).

use serde_json::{Value, json};
use url::Url;

use super::form::Form;
use crate::sandbox::model::access::SCOPES;
use crate::sandbox::model::{GrantedAccess, OAuthError};

/// The audience of a token that was requested without one.
const AUDIENCE: &str = "sandbox-api";
/// The most audiences and resources of one token, and the most bytes of each.
const TARGETS: (usize, usize) = (16, 512);

pub fn requested_access(form: &Form, client_id: &str, subject: &str) -> Result<GrantedAccess, OAuthError> {
    Ok(GrantedAccess {
        client_id: client_id.to_owned(),
        subject: subject.to_owned(),
        scope: requested_scope(form)?.unwrap_or_else(|| SCOPES[0].to_owned()),
        audience: requested_audience(form)?.unwrap_or_else(|| json!(AUDIENCE)),
        nonce: form.get("nonce").map(str::to_owned),
    })
}

pub fn narrow_scope(form: &Form, access: &mut GrantedAccess) -> Result<(), OAuthError> {
    let Some(scope) = requested_scope(form)? else { return Ok(()) };
    if scope.split(' ').any(|name| !access.has_scope(name)) {
        return Err(OAuthError::new("invalid_scope", "the scope exceeds what was granted"));
    }
    access.scope = scope;
    Ok(())
}

pub fn replace_audience(form: &Form, access: &mut GrantedAccess) -> Result<(), OAuthError> {
    if let Some(audience) = requested_audience(form)? {
        access.audience = audience;
    }
    Ok(())
}

fn requested_scope(form: &Form) -> Result<Option<String>, OAuthError> {
    let Some(scope) = form.get("scope") else { return Ok(None) };
    let mut names: Vec<&str> = Vec::new();
    for name in scope.split(' ').filter(|name| !name.is_empty()) {
        if !SCOPES.contains(&name) {
            return Err(OAuthError::new("invalid_scope", "unknown scope, see scopes_supported in the metadata"));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(Some(names.join(" ")))
}

/// One string, or an array of several (RFC 7519 §4.1.3).
fn requested_audience(form: &Form) -> Result<Option<Value>, OAuthError> {
    let refused = |description| OAuthError::new("invalid_target", description);
    if form.all("resource").any(|resource| !is_absolute_uri(resource)) {
        return Err(refused("a resource is not an absolute URI without a fragment"));
    }
    let mut targets: Vec<&str> = Vec::new();
    for target in form.all("resource").chain(form.all("audience")) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    if targets.len() > TARGETS.0 || targets.iter().any(|target| target.len() > TARGETS.1) {
        return Err(refused("there are too many targets, or one is too long"));
    }
    Ok(match targets[..] {
        [] => None,
        [only] => Some(json!(only)),
        _ => Some(json!(targets)),
    })
}

/// Whether a string is an absolute URI without a fragment (RFC 6749 §3.1.2, RFC 8707 §2).
pub fn is_absolute_uri(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.fragment().is_none())
}
