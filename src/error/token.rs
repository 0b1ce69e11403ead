//! Tokens and secrets that are missing or can't be used.

use std::fmt::Display;
use std::path::Path;

use crate::config::Zone;
use crate::edges::Moment;
use crate::oauth::issuer;
use crate::secret::Secret;
use crate::source::FORMS;
use crate::text::sanitize;

use super::{Error, Hint, Kind, exit, usage};

pub fn no_token() -> Error {
    Error::usage("no token was given").hint(format!("name its source: {FORMS}")).hint("or pipe it in")
}

/// A line of `--many`.
pub fn unusable_line(reason: &str) -> Error {
    Error::usage(format!("this line can't be used: {}", sanitize(reason)))
        .hint(r#"a line is a JSON object such as {"zone":"prod","scope":"read","id":1}"#)
}

/// A token that is still valid serves, because there is no newer one.
pub fn renewal_failed(valid_until: Option<Moment>, error: &Error) -> String {
    let until = valid_until.map(Moment::rfc3339).unwrap_or_default();
    format!("renewal failed, a token that is valid until {until} is used: {}", error.chain())
}

/// The file of `--many`.
pub fn unreadable_lines(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(Kind::Storage, exit::STORAGE, format!("can't read {}", sanitize(&path.to_string_lossy())))
        .because(cause.to_string())
}

pub fn blank_secret(source: &dyn Display) -> Error {
    Error::config(format!("{source} is blank"))
}

/// The server issued a token without an audience that was asked for.
pub fn lacks_audience(zone: &Zone, missing: &[&str]) -> String {
    let missing = sanitize(&missing.join(", "));
    let warning = format!("the aud of the token lacks {missing}: the server ignored the requested audience");
    let client = zone.client_id.as_deref().map_or_else(String::new, sanitize);
    match issuer::realm(&zone.issuer) {
        Some(_) => format!(
            "{warning}; Keycloak: Clients > {client} > Client scopes > {client}-dedicated > Add mapper > Audience, with {missing} as \
             Included Client Audience"
        ),
        None => warning,
    }
}

/// What was to be decoded is not a JWT; what it looks like decides the hint.
pub fn not_a_jwt(token: &Secret, fault: &dyn Display) -> Error {
    let text = token.expose().trim_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    Error::refused(fault.to_string()).hint(if begins("authorization:") || begins("bearer ") {
        "this is a header, not a token: hallpass header --read - [--line] | hallpass inspect"
    } else if text.starts_with('{') {
        "this is JSON; for an introspection response add --claims"
    } else {
        "the server may know this token: hallpass inspect --introspect"
    })
}

/// A token that was cut by what showed it.
pub fn cut_off() -> Error {
    Error::refused("not a whole token: it was cut off where it has dots in a row").hint("copy all of it")
}

pub fn several_tokens() -> Error {
    Error::refused("not one token, but several in a row").hint("give one at a time")
}

/// A token whose type needs more than a header field.
pub fn unusable_type(token_type: &str) -> Error {
    Error::refused(format!("a token of type {} can't be sent as a bearer token", sanitize(token_type)))
}

pub fn unusable_environment_token() -> Error {
    usage::without_variable(Error::refused("HALLPASS_TOKEN is not a bearer token of at most 16 KiB (RFC 6750 §2.1)"))
}

/// A renewal brought the same token again.
pub fn not_renewed() -> Error {
    Error::new(Kind::Protocol, exit::RETRY, "the token is due for renewal, and there is no newer one")
}

pub fn no_id_token() -> Error {
    Error::new(Kind::Protocol, exit::REFUSED, "the server returned no ID token")
        .hint("request the scope openid: --scope openid --fresh")
}

pub fn id_token_expired(zone: &str) -> Error {
    Error::sign_in(zone, "the ID token has expired, and the server returned no new one")
}

pub fn no_client_secret(zone: &str) -> Error {
    Error::config(format!("zone {zone} has no client secret")).hint(Hint::edit(zone, "--client-secret-from -"))
}

/// DPoP was asked of a zone without it.
pub fn zone_without_dpop(zone: &str) -> Error {
    Error::usage(format!("zone {zone} does not use DPoP")).hint(Hint::edit(zone, "--dpop").purpose("turn it on"))
}

/// A token of this zone can't be sent without a proof for each request.
pub fn proof_required(zone: &str) -> Error {
    Error::usage(format!("the tokens of zone {zone} are bound to a key: each request needs its own proof"))
        .hint(format!("hallpass -z {zone} header --dpop --method GET --url URL"))
}

pub fn not_bound_to_key(token: &str, zone: &str) -> Error {
    Error::refused(format!("{token} is not bound to the key of zone {zone}"))
        .hint(format!("get one that is: hallpass -z {zone} header --dpop … --fresh"))
}
