//! Servers whose metadata is missing or incomplete.

use crate::config::EPHEMERAL;
use crate::oauth::fault::bare_url;
use crate::oauth::issuer;
use crate::text::{quote_for_shell, sanitize};

use super::{Error, Finding, Hint, Kind, exit};

/// How an endpoint can be named where the metadata does not name it.
pub struct Naming<'a> {
    /// The zone that can be edited, if there is one.
    pub zone: Option<&'a str>,
    /// Whether it is the zone of the environment.
    pub ephemeral: bool,
    pub issuer: &'a str,
    /// The flag of the endpoint, without `--`.
    pub flag: String,
    /// Whether the zone may assume the endpoint at its usual path, and does not.
    pub assumable: bool,
    /// The issuer with another path, if that has metadata.
    pub answers: Option<String>,
}

/// A URL with its status, and why the server has no metadata there.
pub type TriedUrl<'a> = (&'a str, Option<u16>, Option<&'a str>);

/// What Keycloak says where a realm is missing.
pub const NO_REALM: &str = "Realm does not exist";

impl Naming<'_> {
    /// To use this issuer instead.
    fn use_issuer(&self, issuer: &str, purpose: &str) -> Hint {
        let flags = format!("--issuer {}", quote_for_shell(issuer));
        match self.zone {
            Some(zone) => Hint::edit(zone, flags).purpose(purpose),
            None if self.ephemeral => Hint::edit(EPHEMERAL, flags).purpose(purpose),
            None => format!("{purpose}: {}", sanitize(issuer)).into(),
        }
    }

    fn hint(&self, purpose: &str) -> Hint {
        let Self { zone, issuer, flag, .. } = self;
        match zone {
            Some(zone) => Hint::edit(zone, format!("--{flag} URL")).purpose(purpose),
            None => format!("{purpose}: hallpass zone add NAME --issuer {issuer} --{flag} URL").into(),
        }
    }
}

/// No metadata at any of the URLs, which answered with these statuses.
pub fn none_found<'a>(naming: &Naming<'_>, tried: impl Iterator<Item = TriedUrl<'a>> + Clone) -> Error {
    let error = Error::config(format!("no metadata found at {}", sanitize(naming.issuer)));
    let no_realm = tried.clone().any(|(.., reason)| reason == Some(NO_REALM));
    if let Some((base, realm)) = issuer::realm(naming.issuer).filter(|_| no_realm) {
        let cause = format!("the realm {} does not exist at {}", sanitize(realm), sanitize(base));
        let error = error.because(cause).finding(Finding::Realm);
        let purpose = "check the realm's name; upper and lower case differ";
        return with_tried(error, tried).hint(naming.use_issuer(&format!("{base}/realms/REALM"), purpose));
    }
    let error = with_tried(error, tried).finding(Finding::Discovery);
    if let Some(other) = &naming.answers {
        let error = error.because(format!("{} has metadata", sanitize(other)));
        return error.hint(naming.use_issuer(other, "use that issuer"));
    }
    if let Some(issuer) = issuer::guess(naming.issuer) {
        return error.hint(naming.use_issuer(&issuer, "this is the URL of metadata or an endpoint; use its issuer"));
    }
    let error = error
        .hint("check the issuer's spelling; Keycloak's is https://HOST/realms/REALM, with or without /auth before /realms")
        .hint(naming.hint("or name the endpoint"));
    match naming.zone.filter(|_| naming.assumable) {
        Some(zone) => error.hint(Hint::edit(zone, "--assume-defaults").purpose("or assume the standard path")),
        None => error,
    }
}

pub fn none_found_for_resource<'a>(tried: impl Iterator<Item = TriedUrl<'a>>) -> Error {
    with_tried(Error::config("no metadata found for the resource (RFC 9728)"), tried)
        .hint("name the authorization server itself: hallpass discover ISSUER")
}

fn with_tried<'a>(error: Error, tried: impl Iterator<Item = TriedUrl<'a>>) -> Error {
    tried.fold(error, |error, (url, status, reason)| {
        error.because(match (status, reason) {
            (Some(status), Some(reason)) => format!("{url} answered {status}: {reason}"),
            (Some(status), None) => format!("{url} answered {status}"),
            (None, _) => format!("{url} gave no answer"),
        })
    })
}

/// Another URL served what is wanted, and this one did not answer in time.
pub fn too_slow(url: &str) -> Error {
    Error::new(Kind::Network, exit::RETRY, format!("{url} gave no answer in time"))
}

pub fn no_endpoint(naming: &Naming<'_>, name: &str) -> Error {
    let error =
        Error::config(format!("the metadata of {} names no {name}", naming.issuer)).hint(naming.hint("name it"));
    match name {
        "token_endpoint" => error.finding(Finding::Endpoint),
        "authorization_endpoint" => error.finding(Finding::RedirectUri),
        "device_authorization_endpoint" => error.finding(Finding::Device),
        "introspection_endpoint" => error.finding(Finding::Introspection),
        "registration_endpoint" => error.finding(Finding::Registration),
        _ => error,
    }
}

pub fn no_authorization_server(url: &str) -> Error {
    Error::config("the resource names no authorization server").because(format!("read from {url}"))
}

/// A resource names a place that only this machine or its network can reach.
pub fn leads_inward(resource: &str, place: &str) -> Error {
    Error::refused(format!("{} is on this machine or in a private network", bare_url(place)))
        .because(format!("{}, which names it, is not", bare_url(resource)))
}

/// `--header` would go to a server that only the resource names.
pub fn header_for_named_server(issuer: &str) -> Error {
    Error::refused(format!("--header would be sent to {}, which only the resource names", sanitize(issuer)))
        .or_name_server(issuer)
}

pub fn no_challenge() -> Error {
    Error::refused("--challenge-from has no Bearer or DPoP challenge")
        .hint("expected the value of WWW-Authenticate, such as: Bearer resource_metadata=\"https://…\"")
}

pub fn other_authorization_servers(issuer: &str, named: &[String]) -> Error {
    Error::config(format!("the resource does not name the authorization server {}", sanitize(issuer)))
        .because(format!("it names {}", sanitize(&named.join(", "))))
}

pub fn no_s256(methods: &[String]) -> Error {
    Error::refused("the server does not support the code challenge method S256")
        .because(format!("it lists {}", sanitize(&methods.join(", "))))
}

impl Error {
    /// The resource does not lead to an authorization server that a person could sign in to.
    #[must_use]
    pub fn or_sign_in_at_issuer(mut self, url: &str) -> Self {
        let url = quote_for_shell(url);
        self.hints = vec![
            format!("name the authorization server itself: hallpass login ISSUER --resource {url} --client-id ID")
                .into(),
        ];
        self
    }

    /// The person may name the authorization server that is refused.
    #[must_use]
    pub fn or_name_server(self, issuer: &str) -> Self {
        self.hint(format!("if you trust it: --issuer {}", quote_for_shell(issuer)))
    }

    /// Names each URL that was tried, with its status.
    #[must_use]
    pub fn after_trying<'a>(self, tried: impl Iterator<Item = TriedUrl<'a>>) -> Self {
        with_tried(self, tried)
    }
}
