//! Failures about zones: which one is meant, and what may be done with it.

use std::fmt::Display;

use super::{Error, Hint, usage};
use crate::config::{Backend, Origin, Zone, check_name};
use crate::text::sanitize;
use crate::text::similar::find_similar;

/// Nothing names a zone.
pub fn none_named(known: &[&str]) -> Error {
    let error = Error::config("no zone is named");
    if known.is_empty() {
        return error
            .because("there are no zones yet")
            .hint("for a service: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -")
            .hint("for a user: hallpass login ISSUER --client-id ID")
            .hint("to try it out: hallpass sandbox -- hallpass token");
    }
    error.because(format!("known zones: {}", known.join(", "))).hint("name one with -z, or: hallpass zone default NAME")
}

impl Error {
    /// No zone is there, and a variable shows that the environment was to give one.
    #[must_use]
    pub fn lacks_issuer(self, variable: &str) -> Self {
        self.because(format!("HALLPASS_ISSUER is not set, but {variable} is"))
    }
}

/// What can't be a name is not repeated: it may be a secret in the wrong place.
pub fn unknown(name: &str, origin: &Origin, known: &[&str]) -> Error {
    let error = Error::config(match check_name(name) {
        Ok(()) => format!("there is no zone {name}"),
        Err(_) => "there is no zone of that name".to_owned(),
    });
    let error = if *origin == Origin::Flag { error } else { error.because(format!("named by {origin}")) };
    if known.is_empty() {
        error.hint("there are no zones yet: hallpass zone add NAME --issuer URL")
    } else {
        error
            .similar(&find_similar(&name.to_lowercase(), known.iter().copied()))
            .hint(format!("known zones: {}", known.join(", ")))
    }
}

/// Two zones name a host equally exactly.
pub fn several_for_host(one: &str, other: &str) -> Error {
    Error::config(format!("the zones {one} and {other} both have this host")).hint("name one with -z")
}

pub fn incomplete_environment() -> Error {
    Error::config("the zone env needs HALLPASS_ISSUER and HALLPASS_CLIENT_ID in the environment")
}

/// What can't be done with the zone of the environment, as `can't be renamed`.
pub fn ephemeral(cannot: &str) -> Error {
    Error::usage(format!("the zone env is defined by environment variables and {cannot}"))
}

pub fn exists(name: &str) -> Error {
    Error::usage(format!("zone {name} exists")).hint("choose another name")
}

/// As [`exists`], where the command has `--replace`.
pub fn exists_unreplaced(name: &str) -> Error {
    Error::usage(format!("zone {name} exists")).hint("replace it with --replace, or choose another name")
}

/// Another process removed it.
pub fn removed_meanwhile(name: &str) -> Error {
    Error::config(format!("zone {name} was removed meanwhile"))
}

/// A setting that a person gave now, not one of the file.
pub fn invalid_setting(reason: &impl Display) -> Error {
    Error::usage(reason.to_string())
}

/// The issuer gives no valid name; `flag` takes another one.
pub fn no_derived_name(flag: &str) -> Error {
    Error::usage("no zone name can be derived from the issuer").hint(format!("name it: {flag} NAME"))
}

pub fn no_certificate() -> Error {
    usage::needs("the key of a certificate", "--cert FILE")
}

pub fn secrets_in_other_vault(zone: &str, wanted: Backend) -> Error {
    Error::usage(format!("the secrets of zone {zone} are stored in another vault"))
        .hint(format!("hallpass vault move {zone} --to {wanted}"))
}

/// `zone edit` without a flag.
pub fn nothing_to_change() -> Error {
    Error::usage("nothing to change: no flag was given")
        .hint("name what to change, such as --scope 'read write' or --unset scope: hallpass zone edit --help")
}

pub fn nothing_to_import() -> Error {
    Error::usage("there is nothing to import").hint("hallpass zone import file:zone.toml, or pipe the TOML in")
}

pub fn other_issuer(zone: &Zone) -> Error {
    Error::usage(format!("zone {} has the issuer {}", zone.name, zone.issuer)).hint("name another zone with -z")
}

/// A resource whose authorization servers are others than the zone's.
pub fn other_issuer_of_resource(zone: &Zone, named: &[String]) -> Error {
    other_issuer(zone).because(format!("the resource names {}", sanitize(&named.join(", "))))
}

pub fn other_client(zone: &str, client_id: &str) -> Error {
    Error::usage(format!("zone {zone} has another client_id"))
        .hint(Hint::edit(zone, format!("--client-id {client_id}")))
        .hint("or name another zone with -z")
}

const OWN_ZONE: &str = "sign in to a zone of its own: hallpass login ISSUER -z NAME --client-id ID";

pub fn ephemeral_sign_in() -> Error {
    ephemeral("can't store a sign-in").hint(OWN_ZONE)
}

pub fn grant_without_sign_in(zone: &Zone) -> Error {
    let name = &zone.name;
    Error::usage(format!("zone {name} uses the grant {}, which has no sign-in", zone.grant()))
        .hint(Hint::edit(name, "--grant authorization_code").purpose("to let people sign in with this client"))
        .hint(format!("or {OWN_ZONE}"))
}

pub fn added_meanwhile(zone: &str) -> Error {
    Error::usage(format!("zone {zone} was added meanwhile"))
}

pub fn has_unsaved_registration(zone: &str) -> Error {
    Error::usage(format!("{zone} still has unsaved registration data")).hint("see what: hallpass client list")
}
