//! Sentences about an assertion that the client signed itself.

use super::super::rule::Remedy::{Edit, Say, Secret};
use super::super::rule::{Remedy, Rule, rule};
use crate::error::Finding;

const CLOCK: &[Remedy] = &[Say("compare this machine's clock with the server's")];
const OTHER_TIME: &str = "by the server's clock the assertion is not valid now";
const AUDIENCE: &[Remedy] = &[Edit("--assertion-audience {issuer}", "the server wants its issuer")];

const fn of_client(
    sentence: &'static str,
    finding: Finding,
    meaning: &'static str,
    remedies: &'static [Remedy],
) -> Rule {
    rule(&[], "invalid_client", sentence, finding, meaning, remedies)
}

pub(super) const ASSERTION: &[Rule] = &[
    of_client(
        "Unable to load public key",
        Finding::Key,
        "realm {realm} has no key of this id for {client}",
        &[
            Edit("--key-id ID", "check the id of the key"),
            Edit("--private-key-from SOURCE", "or use the right key"),
            Say("Keycloak: Clients > {client} > Keys"),
        ],
    ),
    of_client(
        "Signature on JWT token failed validation",
        Finding::Key,
        "the key of this id that realm {realm} has for {client} is another one",
        &[Edit("--private-key-from SOURCE", "use the right key"), Say("Keycloak: Clients > {client} > Keys")],
    ),
    of_client(
        "Invalid signature algorithm",
        Finding::Key,
        "realm {realm} takes another algorithm from {client}",
        &[
            Edit("--algorithm ALG", "sign with the other algorithm"),
            Say("Keycloak: Clients > {client} > Credentials > Signature algorithm"),
        ],
    ),
    rule(
        &[],
        "unauthorized_client",
        "client secret signed JWT failed",
        Finding::Secret,
        "realm {realm} has the client {client}, but this secret is not its secret",
        &[Secret, Say("Keycloak: Clients > {client} > Credentials > Client Secret")],
    ),
    of_client("Invalid token audience", Finding::AuthMethod, "the assertion's aud is not this realm", AUDIENCE),
    of_client("Multiple audiences not allowed", Finding::AuthMethod, "the assertion has more than one aud", AUDIENCE),
    of_client("Token is not active", Finding::Clock, OTHER_TIME, CLOCK),
    of_client("Token was issued in the future", Finding::Clock, OTHER_TIME, CLOCK),
    of_client("Token was issued too far in the past", Finding::Clock, OTHER_TIME, CLOCK),
];
