//! The sentences of Keycloak (26.7.4), what they mean and which setting of its admin console is behind them: its codes
//! alone say little.

use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;

/// What one sentence means. The texts may have `{client}` and the other names of `Refusal::fill`.
pub(super) struct Rule {
    /// The grant types and endpoints that it is said of; any, where there is none.
    pub asks: &'static [&'static str],
    /// The OAuth error; any, where it is empty.
    code: &'static str,
    sentence: &'static str,
    pub meaning: &'static str,
    pub remedies: &'static [Remedy],
}

#[derive(Clone, Copy)]
pub(super) enum Remedy {
    Say(&'static str),
    /// Flags of `zone edit`, and what they are for.
    Edit(&'static str, &'static str),
    /// To correct the client's secret, where it authenticates with one.
    Secret,
}

use Remedy::{Edit, Say, Secret};

const fn rule(
    asks: &'static [&'static str],
    code: &'static str,
    sentence: &'static str,
    meaning: &'static str,
    remedies: &'static [Remedy],
) -> Rule {
    Rule { asks, code, sentence, meaning, remedies }
}

const EXCHANGE: &[&str] = &[Grant::TokenExchange.registered_name()];
const ASSERTION: &[&str] = &[Grant::JwtBearer.registered_name()];
const DEVICE: &[&str] = &[Grant::DeviceCode.registered_name(), "device_authorization_endpoint"];
const PAR: &[&str] = &["pushed_authorization_request_endpoint"];
const REGISTRATION: &[&str] = &["registration_endpoint"];
const CHECK_ID: Remedy = Edit("--client-id ID", "check the client_id");
const NEW_INITIAL_TOKEN: &[Remedy] =
    &[Say("Keycloak: Clients > Initial access token > Create; give it with --initial-token-from SOURCE")];

/// Sentences that no other server says.
const OWN: &[Rule] = &[
    rule(
        &[],
        "unauthorized_client",
        "Invalid client or Invalid client credentials",
        "realm {realm} has the client {client}, but this secret is not its secret",
        &[Secret, Say("Keycloak: Clients > {client} > Credentials > Client Secret")],
    ),
    rule(
        &[],
        "invalid_client",
        "Invalid client or Invalid client credentials",
        "realm {realm} has no enabled client {client}",
        &[CHECK_ID, Say("Keycloak: Clients > {client} > Enabled: on")],
    ),
    rule(
        &[],
        "",
        "Client not enabled to retrieve service account",
        "the client authenticated, so its secret is right, but it has no service account",
        &[Say("Keycloak: Clients > {client} > Settings > Capability config > Service account roles: on")],
    ),
    rule(
        &[],
        "",
        "Public client not allowed to retrieve service account",
        "{client} is a public client, which gets tokens only for a user who signs in",
        &[
            Say(
                "Keycloak: Clients > {client} > Settings > Capability config > Client authentication: on, and Service account roles: on",
            ),
            Say("or sign in: hallpass login {issuer} -z NAME --client-id {client}"),
        ],
    ),
    rule(&[], "", "Bearer-only not allowed", "{client} is a bearer-only client, which gets no tokens", &[CHECK_ID]),
    rule(
        &[],
        "",
        "Invalid method used to get client secret",
        "{client} authenticates with {quoted} only; this says nothing about the secret",
        &[Edit("--auth {quoted}", "name the method")],
    ),
    rule(
        &[],
        "",
        "Realm not enabled",
        "the realm {realm} is disabled",
        &[Say("Keycloak: realm {realm} > Realm settings > Enabled: on")],
    ),
    rule(
        EXCHANGE,
        "",
        "Standard token exchange is not enabled",
        "token exchange is switched off for this client",
        &[Say(
            "Keycloak: Clients > {client} > Settings > Capability config > Standard Token Exchange: on (attribute standard.token.exchange.enabled=true)",
        )],
    ),
    rule(
        EXCHANGE,
        "",
        "Client is not within the token audience",
        "the subject token does not name {client} in its aud",
        &[Say(
            "Keycloak: give the client that the subject token was issued to an Audience mapper with {client}; then get a new subject token",
        )],
    ),
    rule(
        EXCHANGE,
        "",
        "Requested audience not available",
        "the audience filters what the token would have, it adds nothing",
        &[Say(
            "Keycloak: put the audience into the aud of {client}'s tokens, by an Audience mapper or by a role of that client",
        )],
    ),
    rule(
        EXCHANGE,
        "",
        "Audience not found",
        "realm {realm} has no client {audience}",
        &[Say("--audience takes a client_id of the realm: check its spelling")],
    ),
    rule(
        EXCHANGE,
        "",
        "Client disabled",
        "the audience {audience} is a client that is switched off",
        &[Say("Keycloak: Clients > {audience} > Enabled: on")],
    ),
    rule(
        EXCHANGE,
        "",
        "Public client is not allowed to exchange token",
        "only a confidential client may exchange tokens",
        &[Say("Keycloak: Clients > {client} > Settings > Capability config > Client authentication: on")],
    ),
    rule(
        EXCHANGE,
        "",
        "requested_token_type unsupported",
        "the server issues no token of this type here",
        &[Say(
            "leave --requested-type out; for a refresh token switch on standard.token.exchange.enableRefreshRequestedTokenType at client {client}",
        )],
    ),
    rule(
        EXCHANGE,
        "",
        "supports access tokens only",
        "only an access token can be exchanged here",
        &[Say("give an access token and --subject-type access")],
    ),
    rule(
        EXCHANGE,
        "",
        "is not supported for standard token exchange",
        "this parameter belongs to the legacy exchange (V1)",
        &[Say("leave the parameter out")],
    ),
    rule(
        EXCHANGE,
        "",
        "Sender-constrained token exchange rejected",
        "the subject token is bound to the key of another client",
        &[Say("exchange it as the client that it was issued to, or give a bearer token")],
    ),
    rule(
        EXCHANGE,
        "",
        "Missing consents for Token Exchange",
        "the person has not consented to what is asked for",
        &[Say("let the person consent at a login with that client, or switch its consent off")],
    ),
    rule(
        EXCHANGE,
        "invalid_request",
        "Invalid token",
        "the subject token is expired, revoked, of an ended session, of another realm, or of this realm under another URL",
        &[Say("look at it: hallpass inspect SOURCE; its iss must be the zone's issuer byte for byte")],
    ),
    rule(
        ASSERTION,
        "",
        "JWT Authorization Grant is not supported for the requested client",
        "the JWT authorization grant is switched off for {client}",
        &[Say(
            "Keycloak: Clients > {client} > Settings > Capability config > JWT Authorization Grant: on (attribute oauth2.jwt.authorization.grant.enabled=true)",
        )],
    ),
    rule(
        ASSERTION,
        "",
        "No Identity Provider for provided issuer",
        "no identity provider of the realm has the assertion's iss as its issuer",
        &[Say("Keycloak: Identity providers: add one with this issuer and its keys, JWT Authorization Grant: on")],
    ),
    rule(
        ASSERTION,
        "",
        "Identity Provider is not allowed for the client",
        "{client} may not use the identity provider of the assertion's iss",
        &[Say("Keycloak: Clients > {client} > Settings > Allowed Identity Providers for JWT Authorization Grant")],
    ),
    rule(
        ASSERTION,
        "",
        "User not found",
        "no user of the realm is linked to the assertion's sub at this identity provider",
        &[Say("Keycloak: Users: add an identity provider link whose user id is the assertion's sub")],
    ),
    rule(
        ASSERTION,
        "invalid_grant",
        "Token reuse detected",
        "the server takes an assertion only once, and saw this one before",
        &[Say("hand in a new one")],
    ),
    rule(
        ASSERTION,
        "invalid_grant",
        "Invalid token audience",
        "the assertion is not for this server",
        &[Say("let its aud be the issuer, one string, byte for byte")],
    ),
    rule(
        DEVICE,
        "",
        "OAuth 2.0 Device Authorization Grant",
        "the device flow is switched off for {client}",
        &[Say(
            "Keycloak: Clients > {client} > Settings > Capability config > OAuth 2.0 Device Authorization Grant: on",
        )],
    ),
    rule(
        REGISTRATION,
        "",
        "Policy 'Allowed Client Scopes' rejected",
        "a policy of realm {realm} does not allow the scopes that were asked for",
        &[
            Say("leave --scope out, or ask for scopes that the policy allows"),
            Say("Keycloak: Clients > Client registration > Allowed Client Scopes: add them ({scope})"),
        ],
    ),
    rule(
        REGISTRATION,
        "",
        "Policy 'Trusted Hosts' rejected",
        "realm {realm} takes no registration from this machine without an initial access token",
        NEW_INITIAL_TOKEN,
    ),
    rule(
        REGISTRATION,
        "",
        "rejected request to client-registration service",
        "the policy {quoted} of realm {realm} does not allow this registration",
        &[Say("Keycloak: Clients > Client registration > {quoted}")],
    ),
    rule(
        REGISTRATION,
        "",
        "No remaining count on initial access token",
        "the initial access token is used up",
        NEW_INITIAL_TOKEN,
    ),
    rule(REGISTRATION, "", "Initial Access Token not found", "the initial access token was deleted", NEW_INITIAL_TOKEN),
    rule(
        REGISTRATION,
        "invalid_token",
        "Failed decode token",
        "the initial access token has expired, or is not one of realm {realm}",
        NEW_INITIAL_TOKEN,
    ),
];

/// As the first of [`OWN`], said to a client that sent no proof.
const NO_PROOF: Rule = rule(
    &[],
    "",
    "",
    "realm {realm} has the client {client}, and it must authenticate",
    &[Edit("--client-secret-from -", "give its secret"), Say("Keycloak: Clients > {client} > Credentials")],
);

/// Sentences that another server may say as well: they count at an issuer of Keycloak's form.
const PLAIN: &[Rule] = &[
    rule(
        &[],
        "",
        "Invalid scopes",
        "{scopes} assigned to {client}",
        &[Say("Keycloak: Clients > {client} > Client scopes: add {scope} as an optional scope")],
    ),
    rule(
        PAR,
        "",
        "Invalid parameter: redirect_uri",
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
        "realm {realm} has no enabled client {client}, or the client did not authenticate as it must",
        &[CHECK_ID, Secret],
    ),
    rule(
        &["revocation_endpoint"],
        "",
        "Unmatching clients",
        "the token was issued to {azp}, and only that client may revoke it",
        &[Say("revoke it with a zone of {azp}: hallpass revoke -z ZONE")],
    ),
    rule(
        &["introspection_endpoint"],
        "",
        "Client not allowed",
        "{client} is a public client, and only a confidential one may introspect",
        &[
            Say("introspect with a zone of a confidential client: -z ZONE; to decode a JWT: hallpass inspect"),
            Say("Keycloak: Clients > {client} > Settings > Capability config > Client authentication: on"),
        ],
    ),
];

/// The rule for what the server said. `ask` is the grant type or else the endpoint, and `in_realm` whether the issuer has
/// Keycloak's form.
pub(super) fn find(
    ask: &str,
    in_realm: bool,
    method: Option<Method>,
    code: &str,
    description: &str,
) -> Option<&'static Rule> {
    let plain = if in_realm { PLAIN } else { &[] };
    let rule = OWN.iter().chain(plain).find(|rule| {
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
