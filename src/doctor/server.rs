//! What the authorization server says to everybody.

mod clock;
mod discovery;
mod endpoint;
mod forwarded;
mod https;
mod issuer;
mod jwks;
mod reach;
mod realm;
mod version;
mod well_known;

use super::check::{Check, always};

pub use version::{Server, recognize};

pub const CHECKS: &[Check] = &[
    always("reach", &["config", "trust", "proxy"], reach::examine),
    always("discovery", &["reach"], discovery::examine),
    always("issuer", &["reach", "discovery"], issuer::examine),
    always("well-known", &["issuer"], well_known::examine),
    always("https", &["reach"], https::examine),
    always("endpoint", &["issuer", "https"], endpoint::examine),
    always("jwks", &["issuer", "https"], jwks::examine),
    always("realm", &["reach"], realm::examine).only_if(|case| case.keycloak_realm().is_some()),
    always("clock", &["endpoint", "realm"], clock::examine),
    always("forwarded", &["issuer"], forwarded::examine).only_if(|case| case.questions.probe_proxy),
    always("version", &["issuer"], version::examine).only_if(|case| case.keycloak_realm().is_some()),
];
