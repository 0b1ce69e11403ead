//! What some grants hand in: an assertion (RFC 7523 §2.1) or a subject token (RFC 8693 §2.1).

use sha2::{Digest as _, Sha256};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, Hint};
use crate::hex;
use crate::oauth::exchange::{ACCESS_TOKEN, TypedToken, type_uri};
use crate::oauth::grant::Grant;

/// A token or assertion that a grant hands in.
pub struct Input {
    /// It, with its type; the type says nothing where the grant has none.
    pub part: TypedToken,
    /// Its hash: which cached token answers to it. It is that of the whole text and not of what it says, because
    /// nobody has verified that yet: a forged one must not be answered with another's token.
    pub hash: String,
}

impl Input {
    /// Whether the zone's grant hands in anything.
    pub fn is_needed(zone: &Zone) -> bool {
        zone.grant().takes_input()
    }

    /// Reads what the zone's grant hands in; `None` for a grant that hands in nothing.
    pub fn of(cx: &Context, zone: &Zone) -> Result<Option<Self>, Error> {
        let (source, flag, what) = match zone.grant() {
            Grant::JwtBearer => (&zone.assertion_ref, "assertion", "assertion"),
            Grant::TokenExchange => (&zone.subject_token_ref, "subject-token", "subject token"),
            _ => return Ok(None),
        };
        let source = source.as_ref().ok_or_else(|| {
            Error::config(format!("zone {} asks by the grant {} but has no {what}", zone.name, zone.grant()))
                .hint(format!("for this call: --{flag}-from SOURCE"))
                .hint(Hint::edit(&zone.name, format!("--{flag}-ref SOURCE")).purpose("for every call"))
        })?;
        let token = cx.read_hidden(source, Some(zone))?;
        let kind =
            parameter(zone, "subject_token_type").map_or(Ok(ACCESS_TOKEN.to_owned()), |kind| uri(zone, &kind))?;
        let part = TypedToken { token, kind };
        Ok(Some(Self { hash: hash_subject(&part, None), part }))
    }
}

/// A hash of who speaks: the tokens that are handed in, with their types.
pub fn hash_subject(subject: &TypedToken, actor: Option<&TypedToken>) -> String {
    let mut digest = Sha256::new();
    for part in std::iter::once(subject).chain(actor) {
        digest.update(Sha256::digest(part.token.expose()));
        digest.update(Sha256::digest(&part.kind));
    }
    hex::encode(&digest.finalize())
}

/// A parameter of the zone that says a type of token, and not just any word.
fn parameter(zone: &Zone, name: &str) -> Option<String> {
    zone.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

fn uri(zone: &Zone, kind: &str) -> Result<String, Error> {
    type_uri(kind).map_err(|reason| Error::config(format!("zone {}: subject_token_type: {reason}", zone.name)))
}

/// The zone as an exchange takes it: what it says of types is not among its parameters.
pub fn exchanging(zone: &Zone) -> Zone {
    let mut zone = zone.clone();
    zone.params.retain(|(name, _)| name != "subject_token_type" && name != "requested_token_type");
    zone
}

/// The type that the zone wants of an exchanged token.
pub fn requested(zone: &Zone) -> Result<Option<String>, Error> {
    parameter(zone, "requested_token_type").map(|kind| uri(zone, &kind)).transpose()
}
