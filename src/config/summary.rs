//! What is known of a zone, and what can be unset.

use serde_json::Value;

use super::row::Row;
use super::table::SETTINGS;
use super::{EPHEMERAL, Fault, SecretLocation, Zone};
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;

/// The settings of a client; another client has others, or none.
const CLIENT: [&str; 9] = [
    "client_id",
    "client_secret",
    "private_key",
    "key_id",
    "algorithm",
    "auth",
    "client_assertion_ref",
    "redirect_uri",
    "registration_client_uri",
];

impl Zone {
    pub fn new(name: &str, issuer: &str) -> Self {
        Self { name: name.to_owned(), issuer: issuer.to_owned(), ..Self::default() }
    }

    /// Whether it lives in the environment and in no file.
    pub fn ephemeral(&self) -> bool {
        self.name == EPHEMERAL
    }

    /// Its grant; the default is `client_credentials` for a client that can prove itself, else a person signs in.
    pub fn grant(&self) -> Grant {
        let proves = || {
            self.client_assertion_ref.is_some()
                || self.cert.is_some()
                || self.auth.is_some_and(|method| method != Method::None)
                || self.secret_locations().iter().any(|(_, location)| **location != SecretLocation::None)
        };
        self.grant.unwrap_or_else(|| {
            if self.ephemeral() || self.client_id.is_none() || proves() {
                Grant::ClientCredentials
            } else {
                Grant::AuthorizationCode
            }
        })
    }

    pub fn has_secret(&self) -> bool {
        self.client_secret != SecretLocation::None
    }

    /// Whether its certificate is that of the private key: there is no other key for it, so TLS can't use it.
    pub fn has_certificate_of_key(&self) -> bool {
        self.cert.is_some() && self.cert_key == SecretLocation::None && self.private_key != SecretLocation::None
    }

    /// Whether a secret of it is stored in the vault.
    pub fn keeps_secrets(&self) -> bool {
        self.dpop
            || self.registration_client_uri.is_some()
            || self.secret_locations().iter().any(|(_, location)| **location == SecretLocation::Stored)
    }

    /// Every setting: its row, its value, and whether the zone sets it or it is the default.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Row, Value, bool)> {
        SETTINGS.iter().filter_map(|row| Some((row, (row.get)(self).show(row)?, (row.is_set)(self))))
    }

    /// The zone without its client and whatever proves it; how the server is reached and what is requested stays.
    #[must_use]
    pub fn without_client(mut self) -> Self {
        for key in CLIENT {
            if let Some(row) = Row::by_key(key) {
                (row.unset)(&mut self);
            }
        }
        self
    }

    /// Sets a setting to its default.
    pub fn unset(&mut self, key: &str) -> Result<(), Fault> {
        let key = key.replace('-', "_");
        let row = Row::by_key(&key).filter(|row| row.can_unset).ok_or_else(|| {
            Fault::refused("unset", "must name a setting that `hallpass zone show` lists, except issuer and vault")
        })?;
        (row.unset)(self);
        if row.key == "cert" {
            self.cert_key = SecretLocation::None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS, Zone};
    use crate::config::SecretLocation;

    #[test]
    fn secret_is_word() {
        let mut zone = Zone::new("a", "https://as.example");
        assert!(!zone.has_secret() && !zone.keeps_secrets());
        zone.client_secret = SecretLocation::Stored;
        assert!(zone.has_secret() && zone.keeps_secrets());
        let (_, value, given) = zone.settings().find(|(row, ..)| row.key == "client_secret").unwrap();
        assert_eq!((value, given), (serde_json::json!("stored"), true));
    }

    #[test]
    fn every_setting_but_issuer_and_vault_can_be_unset() {
        let mut zone = Zone::new("a", "https://as.example");
        for row in &SETTINGS {
            assert_eq!(zone.unset(row.key).is_ok(), !["issuer", "vault"].contains(&row.key), "{}", row.key);
        }
        assert!(zone.unset("token-endpoint").is_ok() && zone.unset("secret").is_err());
    }
}
