//! A zone's client that can't prove itself, and tokens that are not bound to its key.

use crate::jose;
use crate::oauth::client_auth::{Fault, Method};
use crate::text::sanitize;

use super::{Error, Finding, Hint};

pub fn no_client_id(zone: &str) -> Error {
    Error::config(format!("zone {zone} has no client_id")).hint(Hint::edit(zone, "--client-id ID"))
}

pub fn no_certificate_key(zone: &str) -> Error {
    Error::config(format!("zone {zone} has a certificate but no key for it"))
        .hint(Hint::edit(zone, "--cert-key-from SOURCE"))
}

/// The zone's method needs something that it does not have; each of `flags` would give it.
pub fn lacks_proof(zone: &str, method: Method, what: &str, flags: &[&str]) -> Error {
    let error = Error::config(format!("zone {zone} authenticates with {method} but has no {what}"));
    flags.iter().fold(error, |error, flag| error.hint(Hint::edit(zone, *flag)))
}

/// The server lists no method that the zone can use; `best` may work anyway.
pub fn no_method_fits(zone: &str, fault: Fault, best: Option<Method>) -> Error {
    let error = Error::from(fault);
    match best {
        Some(best) => error.hint(Hint::edit(zone, format!("--auth {best}")).purpose("to try it anyway")),
        None => error,
    }
}

pub fn needs_https(method: Method, endpoint: &str, origin: &str) -> Error {
    Error::config(format!("{method} needs https, and the {endpoint} is at {origin}"))
}

pub fn no_entropy(why: String) -> Error {
    Error::internal("no random numbers").because(why)
}

pub fn no_proof(fault: &jose::Fault) -> Error {
    Error::internal("no proof of possession").because(fault.to_string())
}

pub fn unusable_stored_key(zone: &str, fault: &jose::Fault) -> Error {
    Error::storage(format!("the stored dpop_key of zone {zone} can't be used"))
        .because(fault.to_string())
        .hint(Hint::edit(zone, "--unset dpop").purpose("delete it"))
}

/// A token that the zone did not ask for: it is bound to a key, and the zone has none.
pub fn bound_to_unknown_key(zone: &str) -> Error {
    Error::refused("the server sent a DPoP token, which is bound to a key that is not ours")
        .finding(Finding::Proof)
        .hint(Hint::edit(zone, "--dpop").purpose("to use a key"))
}

pub fn bound_to_other_key() -> Error {
    Error::refused("the server sent a token that is bound to another key than ours")
}

/// A downgrade: the zone's tokens are bound to its key, and this one is not.
pub fn not_bound(zone: &str, token_type: &str) -> Error {
    let kind = sanitize(token_type);
    Error::refused(format!("the server sent a token of type {kind}, which is not bound to the key of zone {zone}"))
        .because("the request carried a proof (DPoP, RFC 9449) that the server ignored")
        .hint("check whether the server supports DPoP: hallpass discover --require dpop")
        .hint(Hint::edit(zone, "--unset dpop").purpose("or do without"))
}
