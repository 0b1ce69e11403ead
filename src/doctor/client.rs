//! How the server treats the zone's client: one token request, and what its refusal says.

mod authorization_request;
mod device;
mod known;
pub mod mint;
mod redirect_uri;
mod registration;
mod scope;

use super::case::Case;
use super::check::{Check, always};
use super::finding::Verdict;

/// What every check of the client needs.
const SERVER: &[&str] = &["vault", "issuer", "https", "endpoint", "realm"];

/// What is needed where the client proves itself.
pub const PROVEN: &[&str] =
    &["vault", "issuer", "https", "endpoint", "realm", "client", "auth-method", "secret", "key"];

pub const CHECKS: &[Check] = &[
    of_client("client", known::examine),
    of_client("auth-method", |case| mint::judge(case, "auth-method")),
    of_client("secret", |case| mint::judge(case, "secret")),
    of_client("key", |case| mint::judge(case, "key")),
    of_client("grant", |case| mint::judge(case, "grant")),
    of_client("scope", scope::examine),
    of_client("proof", |case| mint::judge(case, "proof")),
    always("redirect-uri", &["vault", "issuer", "https", "endpoint", "realm", "client"], redirect_uri::examine)
        .only_if(|case| case.questions.redirect_uri.is_some()),
    always("device", PROVEN, device::examine).only_if(|case| case.questions.device),
    always("registration", SERVER, registration::examine).only_if(|case| case.questions.register),
];

#[expect(clippy::redundant_closure_for_method_calls, reason = "a method is not general over the lifetime")]
const fn of_client(id: &'static str, examine: fn(&mut Case<'_>) -> Option<Verdict>) -> Check {
    always(id, SERVER, examine).only_if(|case| case.has_client())
}
