//! Failures about the secrets in a vault.

use super::{Error, Hint};
use crate::config::{SecretLocation, Zone};
use crate::store::{Record, SecretKind};

/// Makes a key and names it: what an encrypted file needs.
pub(super) const MAKE_KEY: &str = "(umask 077; head -c 32 /dev/urandom | base64 >~/.hallpass.key); \
     export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key";

impl Error {
    /// An existing zone in a keyring that can't be used: how it moves to an encrypted file.
    #[must_use]
    pub fn or_other_vault(mut self, zone: &Zone) -> Self {
        let Some(hint) = self.hints.iter_mut().find(|hint| hint.to_string().contains(MAKE_KEY)) else { return self };
        let secrets = SecretKind::ALL.into_iter().filter(|kind| zone.stores(kind.name()));
        let flags: Vec<String> = secrets.map(|kind| format!(" --{}-from -", kind.name().replace('_', "-"))).collect();
        let flags = flags.concat();
        let name = &zone.name;
        *hint = Hint::Text(if flags.is_empty() {
            format!("or remove the zone and sign in again: hallpass zone remove {name} --forget-unreachable-secrets")
        } else {
            format!(
                "or store its secrets in an encrypted file: {MAKE_KEY}; hallpass zone edit {name} --vault sealed{flags}"
            )
        });
        self
    }
}

pub fn invalid_backend() -> Error {
    Error::config("invalid value for HALLPASS_VAULT").hint("use keyring or sealed")
}

pub fn unknown_kind() -> Error {
    Error::usage("the vault has no such kind of secret")
}

pub fn missing(zone: &str, kind: SecretKind) -> Error {
    Error::config(format!("the vault has no {} for zone {zone}", spell(kind))).hint(repair(zone, kind))
}

/// The record was stored for another issuer, client or endpoint than the zone has now.
pub fn foreign(zone: &str, record: &Record) -> Error {
    let what = spell(record.kind);
    let places: Vec<&str> =
        std::iter::once(&record.issuer).chain(record.origins.iter().flatten()).map(String::as_str).collect();
    Error::config(format!(
        "the stored {what} of zone {zone} belongs to another issuer, client or endpoint: it is not sent"
    ))
    .because(format!("it was stored for {} at {}", record.client_id, places.join(", ")))
    .hint(match repair(zone, record.kind) {
        Hint::Text(command) => Hint::Text(format!("store the right one: {command}")),
        hint => hint.purpose("store the right one"),
    })
}

/// The secrets of a zone that is to be removed can't be deleted.
pub fn keeps_zone(error: Error, zone: &str) -> Error {
    error.hint(format!(
        "or remove the zone and leave its secrets there: hallpass zone remove {zone} --forget-unreachable-secrets"
    ))
}

/// The zone of the environment keeps nothing.
pub fn no_vault(zone: &Zone) -> Error {
    let error = Error::config("the zone env is defined by environment variables and has no vault");
    match &zone.client_secret {
        SecretLocation::Referenced(source) => error.hint(format!("its client secret is the source {source}")),
        _ => error,
    }
    .hint("name a zone that has one with -z")
}

fn spell(kind: SecretKind) -> String {
    kind.name().replace('_', " ")
}

/// The command that stores a secret of this kind.
fn repair(zone: &str, kind: SecretKind) -> Hint {
    match kind {
        SecretKind::RefreshToken => Hint::login(zone),
        SecretKind::RegistrationToken => Hint::Text(format!("hallpass client register -z {zone}")),
        SecretKind::PrivateKey => Hint::edit(zone, "--private-key-from SOURCE"),
        SecretKind::CertKey => Hint::edit(zone, "--cert-key-from SOURCE"),
        SecretKind::ClientSecret | SecretKind::DpopKey => Hint::edit(zone, "--client-secret-from -"),
    }
}
