//! Refusals of the client or of its proof, in the codes of the standards.

use super::{ClientProof, DEVICE, Error, Finding, Hint, PAR, Refusal};
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::text::{quote_for_shell, sanitize};

/// From here on a difference of two clocks is reported, in seconds.
const CLOCKS_DIFFER: i64 = 30;

impl Refusal<'_> {
    /// The error with what to do if it refuses the client or its proof.
    pub(super) fn explain_client(&self, proof: &ClientProof<'_>, error: &Error) -> Option<Error> {
        let error = error.clone();
        let code = error.code.as_deref().unwrap_or_default();
        // RFC 9449 §5; some servers name it in the description only.
        if matches!(code, "invalid_dpop_proof" | "use_dpop_nonce") || error.message.contains("DPoP proof") {
            let too_old = "a proof is valid for seconds only: compare this machine's clock with the server's";
            let error = error.finding(if proof.clock_hint().is_some() { Finding::Clock } else { Finding::Proof });
            return Some(if self.zone.dpop {
                error.hint(proof.clock_hint().unwrap_or_else(|| too_old.into()))
            } else {
                error.hint(Hint::edit(&self.zone.name, "--dpop").purpose("to use a key"))
            });
        }
        if forbids_grant(proof.status, code, &error.message)
            && let Some(error) = self.explain_unauthorized(proof, &error)
        {
            return Some(error);
        }
        let of_the_client = match error.code.as_deref() {
            Some(code) => matches!(code, "invalid_client" | "unauthorized_client"),
            None => proof.status == 401,
        };
        if !of_the_client {
            return None;
        }
        let wanted = wanted_method(&error.message).filter(|wanted| proof.methods.contains(wanted));
        if let Some(wanted) = wanted.filter(|wanted| *wanted != proof.method) {
            let edit = Hint::edit(&self.zone.name, format!("--auth {wanted}")).purpose("name the method");
            return Some(
                error.finding(Finding::AuthMethod).because(format!("authenticated with {}", proof.method)).hint(edit),
            );
        }
        let hints = self.client_hints(proof, &error);
        let finding = proof.finding(code, &error.message);
        let error = error.finding(finding);
        let listed = proof.listed.map_or_else(String::new, |list| format!("; the server lists {}", list.join(", ")));
        Some(hints.into_iter().fold(error.because(format!("authenticated with {}{listed}", proof.method)), Error::hint))
    }

    /// The client is not authorized for this grant, or what the endpoint does.
    fn explain_unauthorized(&self, proof: &ClientProof<'_>, error: &Error) -> Option<Error> {
        let client = self.client_id();
        let allow = |what: &str| format!("let the server allow {what} for {client}");
        let error = error.clone();
        Some(match (self.parameter("grant_type"), self.grant(), self.endpoint) {
            (Some(_), Some(grant), _) => {
                let error = error.finding(Finding::Grant).hint(allow(&format!("the grant {grant}")));
                // An exchange is a command of its own.
                let is_exchange = grant == Grant::TokenExchange && self.zone.grant() != grant;
                if grant.needs_sign_in() || is_exchange {
                    return Some(error);
                }
                error.hint(Hint::edit(&self.zone.name, "--grant GRANT").purpose("or use one that it may"))
            }
            (Some(name), None, _) => error.hint(allow(&format!("the grant {name}"))),
            // Zitadel's library says so of a wrong secret too.
            (None, _, DEVICE) => {
                let error = error.finding(Finding::Device).hint(allow("the device flow"));
                if proof.method.uses_secret() { error.hint(self.secret_hint()) } else { error }
            }
            (None, _, "introspection_endpoint") => error.finding(Finding::Introspection).hint(allow("introspection")),
            _ => return None,
        })
    }

    fn client_hints(&self, proof: &ClientProof<'_>, error: &Error) -> Vec<Hint> {
        let description = &error.message;
        let edit = |flags: &str, purpose: &str| Hint::edit(&self.zone.name, flags).purpose(purpose);
        let external = self.zone.client_assertion_ref.as_ref();
        let asserts = proof.asserts();
        // RFC 7521 §4.2: a server that misses the type of the assertion expects one.
        if !asserts && description.contains("client_assertion_type") {
            return vec![
                edit("--auth client_secret_jwt", "the server wants an assertion"),
                edit("--private-key-from SOURCE", "or with a key"),
            ];
        }
        if asserts && external.is_none() && names_audience(description) {
            return vec![edit(&self.other_audience(), "the server wants another audience")];
        }
        if asserts && let Some(hint) = proof.clock_hint() {
            return vec![hint];
        }
        let mut hints = match (proof.method, external) {
            (Method::PrivateKeyJwt, Some(source)) => {
                return vec![format!("check that the server trusts the issuer of the assertion from {source}").into()];
            }
            (Method::PrivateKeyJwt, None) => {
                let mut hints = vec![
                    edit("--key-id ID", "check that the server has this key, and its id"),
                    edit("--private-key-from SOURCE", "or use the right key"),
                    edit("--client-id ID", "or check the client_id"),
                ];
                // An RSA key signs by RS256, unless the zone says otherwise; a client may have to use another one.
                if let Some(listed) = proof.algorithms.filter(|listed| !listed.is_empty()) {
                    let purpose = format!("or sign by the client's algorithm ({})", sanitize(&listed.join(", ")));
                    hints.push(edit("--algorithm ALG", &purpose));
                }
                hints
            }
            (method, _) if method.is_mutual_tls() => {
                vec![edit("--cert FILE --cert-key-from SOURCE", "check that the server knows this certificate, else")]
            }
            // The zone of the environment takes its secret from a variable.
            (Method::None, _) if self.grant() == Some(Grant::ClientCredentials) => {
                let flags = if self.zone.ephemeral() { "--client-secret-ref SOURCE" } else { "--client-secret-from -" };
                vec![edit(flags, "no secret was sent"), edit("--client-id ID", "or check the client_id")]
            }
            (Method::None, _) if self.endpoint == "introspection_endpoint" => {
                vec!["only a client that authenticates may introspect here: name its zone with -z".into()]
            }
            (Method::None, _) => {
                let mut hints = vec![
                    edit("--client-id ID", "check the client_id"),
                    edit("--client-secret-from -", "or, if it has a secret"),
                ];
                let closed = "or the server takes this only of clients with a secret or key";
                match self.endpoint {
                    // Who does not know the client says so.
                    _ if error.code.is_some() => {}
                    PAR => hints.push(format!("{closed}: do not push the request: --par never").into()),
                    "revocation_endpoint" => {
                        let zone = &self.zone.name;
                        hints.push(format!("{closed}; to delete the tokens here: hallpass logout -z {zone}").into());
                    }
                    _ => {}
                }
                hints
            }
            _ => vec![self.secret_hint()],
        };
        let lists = |other: &&Method| proof.listed.is_none_or(|list| list.iter().any(|name| name == other.name()));
        let others: Vec<Method> = proof.methods.iter().copied().filter(|other| *other != proof.method).collect();
        if let Some(other) = others.iter().find(lists).or(others.first()) {
            hints.push(edit(&format!("--auth {other}"), "or name the method"));
        }
        hints
    }
}

impl Refusal<'_> {
    /// The flag for the audience that servers want in place of the one that was sent: the issuer, or before
    /// RFC 7523bis the token endpoint.
    fn other_audience(&self) -> String {
        let audience = match (&self.zone.assertion_audience, self.endpoint) {
            (Some(sent), _) if *sent != self.zone.issuer => quote_for_shell(&self.zone.issuer),
            (None, "token_endpoint") => quote_for_shell(&self.request.url),
            _ => "AUDIENCE".into(),
        };
        format!("--assertion-audience {audience}")
    }
}

/// The one method of a client, as Ory Hydra names it.
fn wanted_method(description: &str) -> Option<Method> {
    let (_, rest) = description.split_once("supports client authentication method '")?;
    rest.split_once('\'')?.0.parse().ok()
}

/// Whether what the server says is about the claim `aud`.
fn names_audience(description: &str) -> bool {
    description.contains("audience")
        || description.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "aud")
}

/// Whether the client has authenticated and may not use the grant (RFC 6749 §5.2). With 401 some servers mean a wrong secret
/// by it, and some say `invalid_request` of a grant.
fn forbids_grant(status: u16, code: &str, message: &str) -> bool {
    let is_of_grant = || message.contains("grant type") && message.contains("not allowed");
    code == "unauthorized_client" && status != 401 || code == "invalid_request" && is_of_grant()
}

impl ClientProof<'_> {
    pub(super) fn asserts(&self) -> bool {
        matches!(self.method, Method::ClientSecretJwt | Method::PrivateKeyJwt)
    }

    /// The check of `hallpass doctor` that explains its refusal. RFC 6749 §5.2: a client that is not authorized for a grant
    /// has authenticated.
    fn finding(&self, code: &str, description: &str) -> Finding {
        match self.method {
            _ if !self.asserts() && description.contains("client_assertion_type") => Finding::AuthMethod,
            // A server that lists other methods refuses this one, whatever the secret is.
            method if self.listed.is_some_and(|list| !list.iter().any(|name| name == method.name())) => {
                Finding::AuthMethod
            }
            _ if self.asserts() && self.clock_hint().is_some() => Finding::Clock,
            Method::PrivateKeyJwt => Finding::Key,
            _ if code == "unauthorized_client" => Finding::Grant,
            _ => Finding::Client,
        }
    }

    /// The difference of the clocks, if it is large enough to be why a signed statement was refused.
    fn clock_hint(&self) -> Option<Hint> {
        let ahead = self.ahead.filter(|ahead| ahead.abs() >= CLOCKS_DIFFER)?;
        let direction = if ahead > 0 { "ahead of" } else { "behind" };
        let seconds = ahead.abs();
        Some(format!("set this machine's clock: it is {seconds} s {direction} the server's (its Date field)").into())
    }
}
