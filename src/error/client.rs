//! A zone's client that can't prove itself, and refusals of the client by the server.

use crate::config::Zone;
use crate::jose;
use crate::oauth::client_auth::{Fault, Method};
use crate::source::Source;
use crate::text::sanitize;

use super::{Error, Hint, exit};

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

/// How a client authenticated when the server refused it.
pub struct RefusedClient<'a> {
    pub zone: &'a Zone,
    pub method: Method,
    /// The methods that the zone allows, the best first.
    pub methods: Vec<Method>,
    /// The methods that the server lists.
    pub listed: Option<&'a [String]>,
    /// The status of the response.
    pub status: u16,
    /// By how many seconds this machine's clock is ahead of the server's, as its Date field shows.
    pub ahead: Option<i64>,
}

/// From here on a difference of two clocks is reported, in seconds.
const CLOCKS_DIFFER: i64 = 30;

impl Error {
    /// Explains a refusal of the client or of its proof; another failure stays as it is.
    #[must_use]
    pub fn explain_client(self, refused: &RefusedClient<'_>) -> Self {
        let code = self.code.as_deref().unwrap_or_default();
        if self.exit != exit::REFUSED {
            return self;
        }
        // RFC 9449 §5; some servers name it in the description only.
        if matches!(code, "invalid_dpop_proof" | "use_dpop_nonce") || self.message.contains("DPoP proof") {
            return if refused.zone.dpop {
                self.hint(refused.clock_hint().unwrap_or_else(|| {
                    "a proof is valid for seconds only: compare this machine's clock with the server's".into()
                }))
            } else {
                self.hint(Hint::edit(&refused.zone.name, "--dpop").purpose("to use a key"))
            };
        }
        let of_the_client = match &self.code {
            Some(code) => matches!(code.as_str(), "invalid_client" | "unauthorized_client"),
            None => refused.status == 401,
        };
        if !of_the_client {
            return self;
        }
        let hints = refused.hints(&self.message);
        let listed = refused.listed.map_or_else(String::new, |list| format!("; the server lists {}", list.join(", ")));
        hints.into_iter().fold(self.because(format!("authenticated with {}{listed}", refused.method)), Self::hint)
    }
}

impl RefusedClient<'_> {
    /// The difference of the clocks, if it is large enough to be why a signed statement was refused.
    fn clock_hint(&self) -> Option<Hint> {
        let ahead = self.ahead.filter(|ahead| ahead.abs() >= CLOCKS_DIFFER)?;
        let direction = if ahead > 0 { "ahead of" } else { "behind" };
        let seconds = ahead.abs();
        Some(format!("set this machine's clock: it is {seconds} s {direction} the server's (its Date field)").into())
    }

    fn hints(&self, description: &str) -> Vec<Hint> {
        let edit = |flags: &str, purpose| Hint::edit(&self.zone.name, flags).purpose(purpose);
        let external: Option<&Source> = self.zone.client_assertion_ref.as_ref();
        let asserts = matches!(self.method, Method::ClientSecretJwt | Method::PrivateKeyJwt);
        // RFC 7521 §4.2: a server that misses the type of the assertion expects one.
        if !asserts && description.contains("client_assertion_type") {
            return vec![
                edit("--auth client_secret_jwt", "the server wants an assertion"),
                edit("--private-key-from SOURCE", "or with a key"),
            ];
        }
        if asserts && external.is_none() && description.contains("audience") {
            return vec![edit("--assertion-audience AUDIENCE", "the server wants another audience")];
        }
        if asserts && let Some(hint) = self.clock_hint() {
            return vec![hint];
        }
        let mut hints = match (self.method, external) {
            (Method::PrivateKeyJwt, Some(source)) => {
                return vec![format!("check that the server trusts the issuer of the assertion from {source}").into()];
            }
            (Method::PrivateKeyJwt, None) => vec![
                edit("--key-id ID", "check that the server has this key, and its id"),
                edit("--private-key-from SOURCE", "or use the right key"),
            ],
            (method, _) if method.is_mutual_tls() => {
                vec![edit("--cert FILE --cert-key-from SOURCE", "check that the server knows this certificate, else")]
            }
            _ => vec![edit("--client-secret-from -", "check the secret")],
        };
        let lists = |other: &&Method| self.listed.is_none_or(|list| list.iter().any(|name| name == other.name()));
        let others: Vec<Method> = self.methods.iter().copied().filter(|other| *other != self.method).collect();
        if let Some(other) = others.iter().find(lists).or(others.first()) {
            hints.push(edit(&format!("--auth {other}"), "or name the method"));
        }
        hints
    }
}
