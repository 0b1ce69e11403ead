//! What can be said of a zone, and what can be taken back from it.

use serde_json::{Value, json};

use super::{ENDPOINTS, EPHEMERAL, Fault, Held, SettingValue, Zone};
use crate::oauth::grant::Grant;

impl Zone {
    /// A zone of this name and issuer, with nothing else said.
    pub fn new(name: &str, issuer: &str) -> Self {
        Self { name: name.to_owned(), issuer: issuer.to_owned(), ..Self::default() }
    }

    /// Whether it lives in the environment and in no file.
    pub fn ephemeral(&self) -> bool {
        self.name == EPHEMERAL
    }

    /// The grant; `client_credentials` unless it says otherwise.
    pub fn grant(&self) -> Grant {
        self.grant.unwrap_or_default()
    }

    /// Whether it has a client secret, wherever that is held.
    pub fn has_secret(&self) -> bool {
        self.client_secret != Held::None
    }

    /// Whether a secret of it rests in the vault.
    pub fn keeps_secrets(&self) -> bool {
        self.dpop
            || self.registration_client_uri.is_some()
            || [&self.client_secret, &self.private_key, &self.cert_key].contains(&&Held::Stored)
    }

    /// Every setting: key, value, and whether the zone says it or it is the default.
    pub fn settings(&self) -> Vec<(&'static str, Value, bool)> {
        fn text<T: SettingValue>(key: &'static str, value: Option<&T>) -> (&'static str, Value, bool) {
            (key, json!(value.map(SettingValue::to_text)), value.is_some())
        }
        fn list<T: SettingValue>(key: &'static str, values: &[T]) -> (&'static str, Value, bool) {
            (key, values.iter().map(SettingValue::to_text).collect(), !values.is_empty())
        }
        let pairs = |key, value: &[(String, String)], sign: char| {
            let pairs: Vec<String> = value.iter().map(|(name, value)| format!("{name}{sign}{value}")).collect();
            (key, json!(pairs), !pairs.is_empty())
        };
        let mut settings = vec![
            ("issuer", json!(self.issuer), true),
            text("client_id", self.client_id.as_ref()),
            ("client_secret", json!(self.client_secret.word()), self.client_secret != Held::None),
        ];
        if let Held::Referenced(source) = &self.client_secret {
            settings.push(("client_secret_ref", json!(source.to_string()), true));
        }
        settings.push(("private_key", json!(self.private_key.word()), self.private_key != Held::None));
        if let Held::Referenced(source) = &self.private_key {
            settings.push(("private_key_ref", json!(source.to_string()), true));
        }
        settings.extend([
            text("key_id", self.key_id.as_ref()),
            text("algorithm", self.algorithm.as_ref()),
            text("client_assertion_ref", self.client_assertion_ref.as_ref()),
            text("assertion_audience", self.assertion_audience.as_ref()),
        ]);
        settings.push(("cert", json!(self.cert), self.cert.is_some()));
        settings.push(("cert_key", json!(self.cert_key.word()), self.cert_key != Held::None));
        if let Held::Referenced(source) = &self.cert_key {
            settings.push(("cert_key_ref", json!(source.to_string()), true));
        }
        settings.extend([
            text("auth", self.auth.as_ref()),
            ("grant", json!(self.grant().name()), self.grant.is_some()),
            text("assertion_ref", self.assertion_ref.as_ref()),
            text("subject_token_ref", self.subject_token_ref.as_ref()),
            list("scope", &self.scope),
            list("audience", &self.audience),
            list("resource", &self.resource),
        ]);
        for (name, key) in ENDPOINTS {
            let given = self.endpoints.get(name);
            settings.push((key, json!(given), given.is_some()));
        }
        settings.extend([
            ("assume_defaults", json!(self.assume_defaults), self.assume_defaults),
            pairs("param", &self.params, '='),
            pairs("header", &self.headers, ':'),
            ("cacert", json!(self.cacert), self.cacert.is_some()),
            list("host", &self.hosts),
            text("vault", self.vault.as_ref()),
            ("dpop", json!(self.dpop), self.dpop),
            text("redirect_uri", self.redirect_uri.as_ref()),
            text("registration_client_uri", self.registration_client_uri.as_ref()),
        ]);
        settings
    }

    /// Takes a setting back to its default.
    ///
    /// # Errors
    /// [`Fault::Refused`] for a key that does not exist or that a zone can't be without.
    pub fn unset(&mut self, key: &str) -> Result<(), Fault> {
        let key = key.replace('-', "_");
        match key.as_str() {
            "client_id" => self.client_id = None,
            "client_secret" | "client_secret_ref" => self.client_secret = Held::None,
            "private_key" | "private_key_ref" => self.private_key = Held::None,
            "cert" => (self.cert, self.cert_key) = (None, Held::None),
            "cert_key" | "cert_key_ref" => self.cert_key = Held::None,
            "key_id" => self.key_id = None,
            "algorithm" => self.algorithm = None,
            "client_assertion_ref" => self.client_assertion_ref = None,
            "assertion_audience" => self.assertion_audience = None,
            "assertion_ref" => self.assertion_ref = None,
            "subject_token_ref" => self.subject_token_ref = None,
            "auth" => self.auth = None,
            "grant" => self.grant = None,
            "scope" => self.scope.clear(),
            "audience" => self.audience.clear(),
            "resource" => self.resource.clear(),
            "assume_defaults" => self.assume_defaults = false,
            "param" => self.params.clear(),
            "header" => self.headers.clear(),
            "cacert" => self.cacert = None,
            "host" => self.hosts.clear(),
            "dpop" => self.dpop = false,
            "redirect_uri" => self.redirect_uri = None,
            "registration_client_uri" => self.registration_client_uri = None,
            other => match ENDPOINTS.iter().find(|(_, endpoint)| *endpoint == other) {
                Some((name, _)) => self.endpoints.set(name, None),
                None => {
                    return Err(Fault::refused(
                        "unset",
                        "must name a setting that `hallpass zone show` lists, except issuer and vault",
                    ));
                }
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;
    use crate::config::Held;

    #[test]
    fn a_secret_is_a_word() {
        let mut zone = Zone::new("a", "https://as.example");
        assert!(!zone.has_secret() && !zone.keeps_secrets());
        zone.client_secret = Held::Stored;
        assert!(zone.has_secret() && zone.keeps_secrets());
        let shown = zone.settings().into_iter().find(|(key, ..)| *key == "client_secret").unwrap();
        assert_eq!(shown, ("client_secret", serde_json::json!("stored"), true));
    }

    #[test]
    fn every_setting_shown_can_be_unset_or_is_told() {
        let mut zone = Zone::new("a", "https://as.example");
        for (key, ..) in zone.clone().settings() {
            assert_eq!(zone.unset(key).is_ok(), !["issuer", "vault"].contains(&key), "{key}");
        }
        assert!(zone.unset("token-endpoint").is_ok() && zone.unset("secret").is_err());
    }
}
