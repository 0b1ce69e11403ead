//! The sentences of Keycloak (26.7.4), what they mean and which setting of its admin console is behind them: its codes
//! alone say little.

mod assertion;
mod own;
mod refresh;

use super::rule::Remedy::{Edit, Say, Secret};
use super::rule::{CHECK_ID, Rule, rule};
use crate::error::Finding;
use crate::oauth::client_auth::Method;

use assertion::ASSERTION;
use own::OWN;
use refresh::REFRESH;

const PAR: &[&str] = &["pushed_authorization_request_endpoint"];

/// As the first of [`OWN`], said to a client that sent no proof.
const NO_PROOF: Rule = rule(
    &[],
    "",
    "",
    Finding::Secret,
    "realm {realm} has the client {client}, and it must authenticate",
    &[Edit("--client-secret-from -", "give its secret"), Say("Keycloak: Clients > {client} > Credentials")],
);

/// Sentences that another server may say as well: they count at an issuer of Keycloak's form.
const PLAIN: &[Rule] = &[
    rule(
        &[],
        "",
        "Invalid scopes",
        Finding::Scope,
        "{scopes} assigned to {client}",
        &[Say("Keycloak: Clients > {client} > Client scopes: add {scope} as an optional scope")],
    ),
    rule(
        &[],
        "invalid_request",
        "' disabled",
        Finding::Grant,
        "the user {quoted} of the client's service account is disabled",
        // The list of users does not show those of service accounts.
        &[Say("Keycloak: Clients > {client} > Service account roles > {quoted} > Enabled: on")],
    ),
    rule(
        PAR,
        "",
        "Invalid parameter: redirect_uri",
        Finding::RedirectUri,
        "{redirect_uri} is not registered for {client}",
        &[
            Say("Keycloak: Clients > {client} > Settings > Valid redirect URIs: add http://127.0.0.1/*"),
            Say("or name one that is registered: --redirect-uri URI"),
        ],
    ),
    rule(
        PAR,
        "invalid_request",
        "Authentication failed",
        Finding::Client,
        "realm {realm} has no enabled client {client}, or the client did not authenticate as it must",
        &[CHECK_ID, Secret],
    ),
    rule(
        &["revocation_endpoint"],
        "",
        "Unmatching clients",
        Finding::Client,
        "the token was issued to {azp}, and only that client may revoke it",
        &[Say("revoke it with a zone of {azp}: hallpass revoke -z ZONE")],
    ),
    rule(
        &["introspection_endpoint"],
        "",
        "Client not allowed",
        Finding::Introspection,
        "{client} is a public client, and only a confidential one may introspect",
        &[
            Say("introspect with a zone of a confidential client: -z ZONE; to decode a JWT: hallpass inspect"),
            Say("Keycloak: Clients > {client} > Settings > Capability config > Client authentication: on"),
        ],
    ),
];

/// The rule for what the server said. `ask` is the grant type or else the endpoint, `in_realm` whether the issuer has
/// Keycloak's form, and `is_external` whether somebody else signed the client's assertion.
pub(super) fn find(
    ask: &str,
    in_realm: bool,
    is_external: bool,
    method: Option<Method>,
    code: &str,
    description: &str,
) -> Option<&'static Rule> {
    let tables: &[&[Rule]] = match (in_realm, is_external) {
        (false, _) => &[OWN],
        (true, true) => &[OWN, REFRESH, PLAIN],
        (true, false) => &[OWN, REFRESH, PLAIN, ASSERTION],
    };
    let rule = tables.iter().copied().flatten().find(|rule| {
        (rule.asks.is_empty() || rule.asks.contains(&ask))
            && (rule.code.is_empty() || rule.code == code)
            && description.contains(rule.sentence)
    })?;
    let of_proof = rule.sentence == OWN[0].sentence;
    match method {
        Some(Method::None) if of_proof && rule.code == OWN[0].code => Some(&NO_PROOF),
        // Of an assertion or a certificate Keycloak says the same for many causes.
        Some(method) if of_proof && !method.uses_secret() && method != Method::None => None,
        _ => Some(rule),
    }
}
