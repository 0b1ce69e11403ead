//! What some grants take: an assertion (RFC 7523 §2.1) or a subject token (RFC 8693 §2.1).

use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::error::{self, Error};
use crate::hex;
use crate::oauth::exchange::{ACCESS_TOKEN, TypedToken, type_uri};
use crate::oauth::grant::Grant;

use super::request::TokenRequest;

/// The parameters of a zone that say the types of an exchange.
pub const TYPES: [&str; 2] = ["subject_token_type", "requested_token_type"];

/// Reads the token or assertion that the request's grant takes; `None` for another grant. Only an exchange has a type.
pub fn read_input(cx: &Context, request: &TokenRequest<'_>) -> Result<Option<TypedToken>, Error> {
    let flag = match request.grant {
        Grant::JwtBearer => "assertion",
        Grant::TokenExchange => "subject-token",
        Grant::Extension(_) if request.input.is_some() => "assertion",
        _ => return Ok(None),
    };
    let zone = request.zone;
    let source = request.input.ok_or_else(|| error::token_request::no_input(&zone.name, request.grant, flag))?;
    let token = cx.read_hidden(source, &format!("{} for zone {}", flag.replace('-', " "), zone.name), Some(zone))?;
    let kind = token_type(request, TYPES[0])?.unwrap_or_else(|| ACCESS_TOKEN.to_owned());
    Ok(Some(TypedToken { token, kind }))
}

/// A hash of whole tokens, not of their unverified claims: a forged one must not get the cached token of another.
pub fn hash_subject(subject: &TypedToken, actor: Option<&TypedToken>) -> String {
    let mut digest = Sha256::new();
    for part in std::iter::once(subject).chain(actor) {
        digest.update(Sha256::digest(part.token.expose()));
        digest.update(Sha256::digest(&part.kind));
    }
    hex::encode(&digest.finalize())
}

pub fn token_type(request: &TokenRequest<'_>, name: &str) -> Result<Option<String>, Error> {
    let found = request.parameters.extra.iter().find(|(known, _)| known == name);
    let uri = found.map(|(_, kind)| type_uri(kind)).transpose();
    uri.map_err(|reason| error::token_request::bad_token_type(&request.zone.name, &reason))
}
