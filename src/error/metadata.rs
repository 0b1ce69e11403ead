//! Servers whose metadata is missing or incomplete.

use crate::oauth::issuer;
use crate::text::sanitize;

use super::{Error, Hint, Kind, exit};

/// How an endpoint can be named where the metadata does not name it.
pub struct Naming<'a> {
    /// The zone that can be edited, if there is one.
    pub zone: Option<&'a str>,
    pub issuer: &'a str,
    /// The flag of the endpoint, without `--`.
    pub flag: String,
}

impl Naming<'_> {
    fn hint(&self, purpose: &str) -> Hint {
        let Self { zone, issuer, flag } = self;
        match zone {
            Some(zone) => Hint::edit(zone, format!("--{flag} URL")).purpose(purpose),
            None => format!("{purpose}: hallpass zone add NAME --issuer {issuer} --{flag} URL").into(),
        }
    }
}

/// No metadata at any of the URLs, which answered with these statuses.
pub fn none_found<'a>(naming: &Naming<'_>, tried: impl Iterator<Item = (&'a str, Option<u16>)>) -> Error {
    let error = with_tried(Error::config(format!("no metadata found at {}", sanitize(naming.issuer))), tried);
    let error = match issuer::of_url(naming.issuer) {
        issuer if issuer == naming.issuer => error,
        issuer => error.hint(format!("this is the URL of metadata; the issuer is probably {}", sanitize(&issuer))),
    };
    error
        .hint("check the issuer's spelling, the realm and the path before it (Keycloak: with or without /auth)")
        .hint(naming.hint("or name the endpoint"))
}

pub fn none_found_for_resource<'a>(tried: impl Iterator<Item = (&'a str, Option<u16>)>) -> Error {
    with_tried(Error::config("no metadata found for the resource (RFC 9728)"), tried)
        .hint("name the authorization server itself: hallpass discover ISSUER")
}

fn with_tried<'a>(error: Error, tried: impl Iterator<Item = (&'a str, Option<u16>)>) -> Error {
    tried.fold(error, |error, (url, status)| {
        error.because(match status {
            Some(status) => format!("{url} answered {status}"),
            None => format!("{url} gave no answer"),
        })
    })
}

/// Another URL served what is wanted, and this one did not answer in time.
pub fn too_slow(url: &str) -> Error {
    Error::new(Kind::Network, exit::RETRY, format!("{url} gave no answer in time"))
}

pub fn no_endpoint(naming: &Naming<'_>, name: &str) -> Error {
    Error::config(format!("the metadata of {} names no {name}", naming.issuer)).hint(naming.hint("name it"))
}

pub fn no_authorization_server(url: &str) -> Error {
    Error::config("the resource names no authorization server").because(format!("read from {url}"))
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
    /// Names each URL that was tried, with its status.
    #[must_use]
    pub fn after_trying<'a>(self, tried: impl Iterator<Item = (&'a str, Option<u16>)>) -> Self {
        with_tried(self, tried)
    }

    /// Adds that the endpoint of a zone may be assumed at its usual path.
    #[must_use]
    pub fn or_assume_defaults(self, zone: &str) -> Self {
        self.hint(Hint::edit(zone, "--assume-defaults").purpose("or assume the standard path"))
    }
}
