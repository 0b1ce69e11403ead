//! What product and version the server looks like. A guess, and called so.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::metadata::{self, Kind};

/// What the server looks like.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Server {
    /// The product.
    product: &'static str,
    /// From which version on it does what it does; null where nothing tells.
    version: Option<&'static str>,
    /// What tells.
    why: String,
}

/// As `probably Keycloak 26.4 or later`.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "probably {}", self.product)?;
        self.version.map_or(Ok(()), |version| write!(f, " {version}"))
    }
}

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let server = recognize(case)?;
    Some(Verdict::ok(server.to_string()).because_of(server.why))
}

/// The product, where something tells.
pub fn recognize(case: &mut Case<'_>) -> Option<Server> {
    if !case.is_keycloak() {
        return None;
    }
    let inserted = metadata::well_known(case.issuer()).into_iter().find(|(kind, _)| *kind == Kind::OauthInserted);
    let has_inserted =
        inserted.is_some_and(|(_, url)| Result::as_ref(&case.get(&url)).is_ok_and(|answer| answer.status == 200));
    let grants =
        case.metadata.as_ref().and_then(|metadata| metadata.list("grant_types_supported").ok()?).unwrap_or_default();
    let has_exchange = grants.iter().any(|grant| grant.ends_with(":token-exchange"));
    let (version, why) = match (has_inserted, has_exchange) {
        (true, _) => (Some("26.4 or later"), "it serves RFC 8414 metadata before the path"),
        (false, true) => (Some("26.2 or later"), "it lists token exchange"),
        (false, false) => (None, "its endpoints are below /protocol/openid-connect"),
    };
    Some(Server { product: "Keycloak", version, why: why.to_owned() })
}
