//! What the refusal of a request by an authorization server means, and what to do: the one place that explains it, for
//! every endpoint alike. It adds causes and hints to what the server says, and hides nothing of that.

mod client;
mod keycloak;
mod rule;

use super::{Error, Event, Finding, Hint, Kind, exit};
use crate::config::{SecretLocation, Zone};
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::message::{Body, Request, Value};
use crate::oauth::{self, claim};
use crate::text::sanitize;

const AUTHORIZATION: &str = "authorization_endpoint";
const PAR: &str = "pushed_authorization_request_endpoint";
const DEVICE: &str = "device_authorization_endpoint";

/// A request that was refused, and who sent it.
pub struct Refusal<'a> {
    pub zone: &'a Zone,
    /// The endpoint's name in the metadata.
    pub endpoint: &'a str,
    /// The request before the client's proof was added.
    pub request: &'a Request,
    /// How the client authenticated; registration and the authorization endpoint take no proof.
    pub proof: Option<ClientProof<'a>>,
}

/// How a client authenticated, and what else it could have done.
pub struct ClientProof<'a> {
    pub method: Method,
    /// The methods that the zone allows, the best first.
    pub methods: Vec<Method>,
    /// The methods that the server lists.
    pub listed: Option<&'a [String]>,
    /// The algorithms by which the server lets a client sign with a key, if it lists them.
    pub algorithms: Option<&'a [String]>,
    /// The status of the response.
    pub status: u16,
    /// By how many seconds this machine's clock is ahead of the server's, as its Date field shows.
    pub ahead: Option<i64>,
}

impl Refusal<'_> {
    /// The error of this fault, explained if it is a refusal.
    pub fn explain(&self, fault: oauth::Fault) -> Error {
        let is_page = matches!(fault, oauth::Fault::NotJson { .. }) && self.endpoint == "token_endpoint";
        let error = self.explain_fault(fault).at_zone(&self.zone.name);
        if is_page { error.finding(Finding::Endpoint) } else { error }
    }

    fn explain_fault(&self, fault: oauth::Fault) -> Error {
        let (status, description) = match &fault {
            oauth::Fault::Refused(response) => (response.status, response.description.clone()),
            oauth::Fault::NotAuthorized { description, .. } => (0, description.clone()),
            _ => (fault.status().unwrap_or_default(), None),
        };
        let (description, error) = (description.unwrap_or_default(), Error::from(fault));
        if error.exit != exit::REFUSED {
            return error;
        }
        let ask = self.parameter("grant_type").unwrap_or_else(|| self.endpoint.to_owned());
        let in_realm = oauth::issuer::realm(&self.zone.issuer).is_some();
        let method = self.proof.as_ref().map(|proof| proof.method);
        let code = error.code.as_deref().unwrap_or_default();
        let is_external = self.zone.client_assertion_ref.is_some();
        let rule = keycloak::find(&ask, in_realm, is_external, method, code, &description);
        let of_client = error.kind == Kind::Authentication && rule.is_none_or(|rule| rule.asks.is_empty());
        let mut explained = match (rule, &self.proof) {
            (Some(rule), _) => self.apply(rule, error, &description),
            (None, Some(proof)) => {
                self.explain_client(proof, &error).unwrap_or_else(|| self.explain_code(status, error))
            }
            (None, None) => self.explain_code(status, error),
        };
        if (in_realm || rule.is_some()) && explained.code.is_some() {
            let code = explained.code.as_deref().unwrap_or_default();
            explained.event = Event::find(&ask, code, &description, self.zone.client_id.as_deref()).map(Box::new);
        }
        if self.grant() == Some(Grant::TokenExchange) && explained.code.is_some() && !of_client {
            explained.kind = Kind::TokenExchange;
        }
        explained
    }

    /// What the codes of the standards mean for what was asked.
    fn explain_code(&self, status: u16, error: Error) -> Error {
        let code = match error.code.as_deref().unwrap_or_default() {
            // Ory Hydra, of an audience that the client may not ask for.
            "invalid_request" if self.asks_for_target() && error.message.contains("audience") => "invalid_target",
            code => code,
        };
        match (self.grant(), self.endpoint, code) {
            (Some(Grant::TokenExchange), _, "invalid_target") => error
                .finding(Finding::Exchange)
                .hint("the server issues no token for this --audience or --resource to this client"),
            (Some(Grant::TokenExchange), _, "invalid_scope") => {
                error.finding(Finding::Exchange).hint(if self.parameter("scope").is_some() {
                    "ask for less: --scope may not reach beyond the subject token".to_owned()
                } else {
                    // The server takes the scopes of the subject token then, which this client may not have.
                    format!("name scopes that the subject token has and {} may have: --scope S", self.client_id())
                })
            }
            (Some(Grant::TokenExchange), _, "invalid_request") if error.message.contains("requested_token_type") => {
                error
                    .finding(Finding::Exchange)
                    .hint("the server issues no tokens of this type: leave --requested-type out, or ask for another")
            }
            (Some(Grant::TokenExchange), _, "invalid_request" | "invalid_grant") => {
                error.finding(Finding::SubjectToken).hint(format!(
                    "see whether the subject token still lives: hallpass inspect --introspect SOURCE -z {}",
                    self.zone.name
                ))
            }
            (Some(Grant::JwtBearer), _, "invalid_grant" | "invalid_request") => error
                .finding(Finding::Grant)
                .hint("look at the assertion: hallpass inspect SOURCE; its aud must be the issuer"),
            (Some(_), _, "invalid_target") | (None, DEVICE | PAR | AUTHORIZATION, "invalid_target") => {
                let flag = if self.parameter("audience").is_some() { "--audience A" } else { "--resource URL" };
                let purpose = "name one that the server issues tokens for to this client";
                error
                    .because(format!("no token for {} to {}", self.targets(), self.client_id()))
                    .finding(Finding::Audience)
                    .hint(Hint::edit(&self.zone.name, flag).purpose(purpose))
            }
            (Some(_), _, "unsupported_grant_type") => error
                .finding(Finding::Grant)
                .hint(format!("the server's grants: {}", self.discover("grant_types_supported"))),
            (Some(_), _, "invalid_scope") | (None, DEVICE | PAR | AUTHORIZATION, "invalid_scope") => error
                .finding(Finding::Scope)
                .hint(format!("ask for less: {} may not have all of these scopes", self.client_id()))
                .hint(format!("the server's scopes: {}", self.discover("scopes_supported"))),
            (None, PAR | AUTHORIZATION, "invalid_request" | "invalid_redirect_uri")
                if error.message.contains("redirect_uri") =>
            {
                self.explain_redirect_uri(error)
            }
            // A server may grant nothing where nothing is asked for, without a word.
            (None, AUTHORIZATION, "access_denied") if self.parameter("scope").is_none() => {
                error.hint("if nobody declined it: no scope was asked for, such as --scope openid")
            }
            (_, "introspection_endpoint", "unsupported_token_type") => error
                .finding(Finding::Introspection)
                .hint("the server can't introspect this kind of token; to decode a JWT: hallpass inspect --verify"),
            (_, "revocation_endpoint", "unsupported_token_type") => {
                error.hint("the server can't revoke this kind of token: it is valid until it expires")
            }
            (_, "registration_endpoint", code) if matches!(status, 401 | 403) || code == "access_denied" => {
                error.finding(Finding::Registration).hint(if self.has_token() {
                    "the initial access token may be spent or expired: get another one"
                } else {
                    "the server may require an initial access token: --initial-token-from SOURCE"
                })
            }
            (_, "registration_endpoint", _)
                if error.message.contains("redirect_uri") && !self.has_member("redirect_uris") =>
            {
                error
                    .hint("name where the server may redirect to: --redirect-uri URI")
                    .hint("or, for a client of a service: --set 'redirect_uris=[]' --set 'response_types=[]'")
            }
            _ => error,
        }
    }

    /// The redirect URI of the request is not that of the client. Its port was chosen for one sign-in, unless it was named.
    fn explain_redirect_uri(&self, error: Error) -> Error {
        let uri = self.parameter("redirect_uri").unwrap_or_default();
        let port = url::Url::parse(&uri).ok().and_then(|url| url.port());
        let keep = port.map_or_else(String::new, |port| format!(", and keep its port: --port {port}"));
        error
            .finding(Finding::RedirectUri)
            .hint("name one that is registered: --redirect-uri URI")
            .hint(format!("or register {uri} for {} at the server{keep}", self.client_id()))
    }

    /// Whether the JSON that was sent has this member.
    fn has_member(&self, name: &str) -> bool {
        let Body::Json(Value::Plain(text)) = &self.request.body else { return false };
        serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok_and(|members| members.contains_key(name))
    }

    /// Whether the request carries a token as its credential.
    fn has_token(&self) -> bool {
        self.request.headers.iter().any(|(name, _)| name == "Authorization")
    }

    fn apply(&self, rule: &rule::Rule, error: Error, description: &str) -> Error {
        let mut hints = Vec::new();
        for remedy in rule.remedies {
            match *remedy {
                rule::Remedy::Say(text) => hints.push(self.fill(text, description).into()),
                rule::Remedy::Edit(flags, purpose) => {
                    hints.push(Hint::edit(&self.zone.name, self.fill(flags, description)).purpose(purpose));
                }
                rule::Remedy::Login => hints.push(Hint::login(&self.zone.name).purpose("sign in again")),
                rule::Remedy::Secret if self.uses_secret() => hints.push(self.secret_hint()),
                rule::Remedy::Secret => {}
            }
        }
        let explained = error.because(self.fill(rule.meaning, description)).finding(rule.finding);
        hints.into_iter().fold(explained, Error::hint)
    }

    /// The text with the names of this request in place of `{client}` and the like.
    fn fill(&self, text: &str, description: &str) -> String {
        const NAMES: [&str; 10] =
            ["client", "realm", "host", "issuer", "scope", "scopes", "audience", "redirect_uri", "azp", "quoted"];
        let mut filled = text.to_owned();
        for name in NAMES {
            let place = format!("{{{name}}}");
            if filled.contains(&place) {
                filled = filled.replace(&place, &self.named(name, description));
            }
        }
        filled
    }

    fn named(&self, name: &str, description: &str) -> String {
        let (host, realm) = oauth::issuer::realm(&self.zone.issuer).unwrap_or((&self.zone.issuer, "of the issuer"));
        match name {
            "client" => self.client_id(),
            "realm" => sanitize(realm),
            "host" => sanitize(host),
            "issuer" => sanitize(&self.zone.issuer),
            "azp" => self.issued_to().unwrap_or_else(|| "the client that the token was issued to".to_owned()),
            "scope" => self.scopes().join(", "),
            "scopes" => match self.scopes().as_slice() {
                [scope] => format!("the scope {scope} is not"),
                scopes => format!("not all of the scopes {} are", scopes.join(", ")),
            },
            "quoted" => quoted_name(description).unwrap_or("that it names").to_owned(),
            parameter => self.parameter(parameter).unwrap_or_else(|| format!("what {parameter} names")),
        }
    }

    fn client_id(&self) -> String {
        self.zone.client_id.as_deref().map_or_else(|| "the client".to_owned(), sanitize)
    }

    fn discover(&self, member: &str) -> String {
        format!("hallpass discover {} --field {member}", sanitize(&self.zone.issuer))
    }

    fn grant(&self) -> Option<Grant> {
        Grant::parse(&self.parameter("grant_type")?)
    }

    /// The values of a parameter of the request that is no secret.
    fn parameter(&self, name: &str) -> Option<String> {
        let values = match &self.request.body {
            Body::Form(parameters) => {
                let plain = |(key, value): &(String, Value)| match value {
                    Value::Plain(text) if key == name => Some(sanitize(text)),
                    _ => None,
                };
                parameters.iter().filter_map(plain).collect()
            }
            Body::Json(Value::Plain(text)) => {
                let members: serde_json::Map<_, _> = serde_json::from_str(text).unwrap_or_default();
                claim::text(&members, name).map(sanitize).into_iter().collect()
            }
            _ => Vec::new(),
        };
        Some(values.join(", ")).filter(|value| !value.is_empty())
    }

    /// The scopes that were asked for, without the one that needs no permission.
    fn scopes(&self) -> Vec<String> {
        let asked = self.parameter("scope").unwrap_or_default();
        asked.split_whitespace().filter(|scope| *scope != "openid").map(str::to_owned).collect()
    }

    fn asks_for_target(&self) -> bool {
        ["audience", "resource"].into_iter().any(|name| self.parameter(name).is_some())
    }

    /// The audiences and resources that were asked for.
    fn targets(&self) -> String {
        let asked = ["audience", "resource"].into_iter().filter_map(|name| self.parameter(name));
        Some(asked.collect::<Vec<_>>().join(", "))
            .filter(|names| !names.is_empty())
            .unwrap_or_else(|| "this target".to_owned())
    }

    /// The client that the token in the request was issued to.
    fn issued_to(&self) -> Option<String> {
        let Body::Form(parameters) = &self.request.body else { return None };
        let (_, token) = parameters.iter().find(|(name, _)| ["token", "subject_token"].contains(&name.as_str()))?;
        let claims = crate::jose::decode(token.wire()).ok()?.claims;
        claim::text(&claims, "azp").or(claim::text(&claims, "client_id")).map(sanitize)
    }

    fn uses_secret(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.method.uses_secret())
    }

    /// A secret that is referenced is corrected where it is, and never turned into a copy.
    fn secret_hint(&self) -> Hint {
        match &self.zone.client_secret {
            SecretLocation::Referenced(source) => {
                format!("check the secret in {source}: it is read at every use").into()
            }
            _ => Hint::edit(&self.zone.name, "--client-secret-from -").purpose("check the secret"),
        }
    }
}

/// The name in quotes in what the server says; nothing that a shell would read otherwise.
fn quoted_name(description: &str) -> Option<&str> {
    let name = description.split('\'').nth(1)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_- ".contains(&b);
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests;
