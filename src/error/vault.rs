//! Failures about the secrets in a vault.

use super::{Error, Finding, Hint, exit};
use crate::config::{SecretLocation, Zone};
use crate::store::{Record, SecretKind};

/// What an encrypted file needs where nobody types its passphrase. A key that is there is not overwritten: what it
/// encrypts would be lost.
const KEY_FILE: &str = "a key file opens it without a passphrase: \
     (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); \
     export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key";

impl Error {
    /// A zone that is made now, and a keyring that can't be used: where its secrets may be instead.
    #[must_use]
    pub fn or_sealed_vault(self) -> Self {
        self.hint("or keep secrets in an encrypted file: export HALLPASS_VAULT=sealed").hint(KEY_FILE)
    }

    /// The secret that can't be stored need not be.
    #[must_use]
    pub fn or_reference(self, kind: SecretKind) -> Self {
        if self.exit != exit::STORAGE {
            return self;
        }
        self.hint(format!("or store nothing: {} is read at every use", reference_flag(kind)))
    }

    /// A zone whose keyring can't be used: how it moves to an encrypted file.
    #[must_use]
    pub fn or_other_vault(self, zone: &Zone) -> Self {
        let name = &zone.name;
        let stored = SecretKind::ALL.into_iter().filter(|kind| zone.stores(kind.name()));
        let flags: Vec<String> = stored.map(|kind| format!(" --{}-from -", kind.name().replace('_', "-"))).collect();
        if flags.is_empty() {
            return self.hint(format!(
                "or remove the zone and sign in again: hallpass zone remove {name} --forget-unreachable-secrets"
            ));
        }
        let sealed = format!("--vault sealed{}", flags.concat());
        let error = self
            .hint(Hint::edit(name, sealed).purpose("or store its secrets again, in an encrypted file"))
            .hint(KEY_FILE);
        match &zone.client_secret {
            SecretLocation::Stored => error.hint(
                Hint::edit(name, reference_flag(SecretKind::ClientSecret)).purpose("or have it read at every use"),
            ),
            _ => error,
        }
    }
}

pub fn invalid_backend() -> Error {
    Error::config("invalid value for HALLPASS_VAULT").hint("use keyring or sealed")
}

pub fn unknown_kind() -> Error {
    Error::usage("the vault has no such kind of secret")
}

pub fn missing(zone: &str, kind: SecretKind) -> Error {
    Error::config(format!("the vault has no {} for zone {zone}", spell(kind)))
        .finding(Finding::Vault)
        .at_zone(zone)
        .hint(repair(zone, kind))
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

fn reference_flag(kind: SecretKind) -> String {
    format!("--{}-ref SOURCE", kind.name().replace('_', "-"))
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
