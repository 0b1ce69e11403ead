//! Sentences about a refresh token.

use super::super::rule::Remedy::{Login, Say};
use super::super::rule::{Remedy, Rule, rule};
use crate::error::Finding;

const AGAIN: &[Remedy] = &[Login];
const ROTATED: &[Remedy] =
    &[Login, Say("keep only the newest refresh token; Keycloak: Realm settings > Tokens > Revoke Refresh Token")];

const fn of_refresh(sentence: &'static str, meaning: &'static str, remedies: &'static [Remedy]) -> Rule {
    rule(&["refresh_token"], "invalid_grant", sentence, Finding::Refresh, meaning, remedies)
}

pub(super) const REFRESH: &[Rule] = &[
    of_refresh(
        "Token client and authorized client don't match",
        "the refresh token was issued to another client than {client}",
        &[Login, Say("or use a zone of that client: -z ZONE")],
    ),
    of_refresh(
        "Invalid token issuer",
        "the refresh token was issued by another realm, or by this one under another URL",
        AGAIN,
    ),
    of_refresh(
        "Session not active",
        "the session of the refresh token has ended: signed out, expired, or ended by an administrator",
        &[Login, Say("Keycloak: Realm settings > Sessions > SSO Session Idle, SSO Session Max")],
    ),
    of_refresh(
        "Session doesn't have required client",
        "the session has ended for {client}: a refresh token was reused, or the client was signed out",
        ROTATED,
    ),
    of_refresh(
        "Stale token",
        "a newer refresh token was issued since, or the not-before time is later than this one",
        ROTATED,
    ),
    of_refresh(
        "Maximum allowed refresh token reuse exceeded",
        "the refresh token was used before, and its session has ended because of it",
        ROTATED,
    ),
    of_refresh("Token is not active", "the refresh token has expired", AGAIN),
    of_refresh(
        "User disabled",
        "the user who signed in is disabled",
        &[Say("Keycloak: Users > the user who signed in > Enabled: on")],
    ),
    of_refresh("DPoP confirmation doesn't match", "the refresh token is bound to another key", AGAIN),
    of_refresh("Invalid refresh token", "it is no refresh token of realm {realm}", AGAIN),
];
