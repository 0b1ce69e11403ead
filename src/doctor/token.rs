//! What the token says, and what the server says of it.

mod audience;
mod exchange;
mod expiry;
mod introspection;
mod issuer;
mod lightweight;
mod not_before;
mod refresh;
mod role;
mod shape;
mod subject_token;

use super::check::{Check, always};
use super::client;

pub const CHECKS: &[Check] = &[
    always("token", &["config"], shape::examine),
    always("expiry", &["token"], expiry::examine),
    always("not-before", &["token", "expiry"], not_before::examine),
    always("token-issuer", &["token"], issuer::examine),
    always("lightweight", &["token"], lightweight::examine).only_if(|case| case.keycloak_realm().is_some()),
    always("audience", &["token", "token-issuer"], audience::examine).only_if(audience::is_asked),
    always("role", &["token", "token-issuer"], role::examine).only_if(|case| !case.questions.roles.is_empty()),
    always(
        "introspection",
        &["token", "expiry", "not-before", "token-issuer", "client", "auth-method", "secret", "key"],
        introspection::examine,
    )
    .only_if(|case| case.questions.introspect),
    always("subject-token", client::PROVEN, subject_token::examine)
        .only_if(|case| case.questions.subject_token.is_some()),
    always("exchange", &["subject-token"], exchange::examine).only_if(|case| case.questions.subject_token.is_some()),
    always("refresh", client::PROVEN, refresh::examine).only_if(|case| case.questions.refresh_token.is_some()),
];
