//! The rules for each setting of a zone, and between settings.

use serde_json::Value as Json;

use super::row::Row;
use super::table::SETTINGS;
use super::{Fault, SecretLocation, Zone, check_issuer, resolve_endpoint};
use crate::oauth::issuer::{self, origin};
use crate::oauth::token::SECRET_PARAMETERS;
use crate::source::Source;

/// Endpoints that get no credential of the zone.
const WITHOUT_CREDENTIAL: [&str; 2] = ["authorization_endpoint", "jwks_uri"];

/// Headers whose value is a credential.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

impl Zone {
    /// The zone's override of the endpoint of this name in the metadata, resolved against the issuer's origin.
    pub fn endpoint(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(row) = Row::by_endpoint(name) else { return Ok(None) };
        let Some(Json::String(text)) = (row.get)(self).show(row) else { return Ok(None) };
        resolve_endpoint(row.key, &self.issuer, &text).map(Some)
    }

    /// The origins besides the issuer's that the settings send a credential of this zone to, sorted.
    pub fn credential_origins(&self) -> Vec<String> {
        self.origins_besides_issuer(&WITHOUT_CREDENTIAL)
    }

    /// The origins of its endpoints besides the issuer's, sorted.
    pub fn foreign_origins(&self) -> Vec<String> {
        self.origins_besides_issuer(&[])
    }

    fn origins_besides_issuer(&self, except: &[&str]) -> Vec<String> {
        let names = SETTINGS.iter().filter_map(|row| row.endpoint).filter(|name| !except.contains(name));
        let mut urls: Vec<String> = names.filter_map(|name| self.endpoint(name).ok()?).collect();
        let managed = self.registration_client_uri.iter();
        urls.extend(managed.filter_map(|uri| resolve_endpoint("registration_client_uri", &self.issuer, uri).ok()));
        let mut origins: Vec<String> = urls.iter().map(|url| origin(url).to_ascii_lowercase()).collect();
        origins.retain(|one| *one != origin(&self.issuer).to_ascii_lowercase());
        origins.sort();
        origins.dedup();
        origins
    }

    /// Checks every setting but the name.
    pub fn check(&self) -> Result<(), Fault> {
        check_issuer(&self.issuer)?;
        if let Some(template) = &self.issuer_template {
            let example = issuer::example_of_template(template);
            let example = example.filter(|example| origin(example) == origin(&self.issuer));
            example.and_then(|example| check_issuer(&example).ok()).ok_or_else(|| {
                Fault::refused("issuer_template", "must be a URL at the issuer's host with {tenantid} as one segment")
            })?;
        }
        if self.client_id.as_ref().is_some_and(|id| id.contains(char::is_control)) {
            return Err(Fault::refused("client_id", "must not contain control characters"));
        }
        for name in SETTINGS.iter().filter_map(|row| row.endpoint) {
            self.endpoint(name)?;
        }
        if let Some(uri) = &self.registration_client_uri {
            resolve_endpoint("registration_client_uri", &self.issuer, uri)?;
        }
        for (key, location) in self.secret_references() {
            if let SecretLocation::Referenced(Source::Vault(_)) = location {
                return Err(Fault::refused(key, "must not refer to the vault"));
            }
        }
        if self.client_assertion_ref.is_some() && self.private_key != SecretLocation::None {
            return Err(Fault::refused("client_assertion_ref", "and a private key exclude each other"));
        }
        self.params.iter().try_for_each(|(name, _)| check_param(name))?;
        self.headers.iter().try_for_each(|(name, value)| check_header(name, value))
    }

    fn secret_references(&self) -> [(&'static str, &SecretLocation); 3] {
        [
            ("client_secret_ref", &self.client_secret),
            ("private_key_ref", &self.private_key),
            ("cert_key_ref", &self.cert_key),
        ]
    }

    /// Every source that is read at each use, by its key.
    pub fn references(&self) -> Vec<(&'static str, &Source)> {
        let secrets = self.secret_references().into_iter().filter_map(|(key, location)| match location {
            SecretLocation::Referenced(source) => Some((key, source)),
            _ => None,
        });
        let others = [
            ("assertion_ref", &self.assertion_ref),
            ("subject_token_ref", &self.subject_token_ref),
            ("client_assertion_ref", &self.client_assertion_ref),
        ];
        secrets.chain(others.into_iter().filter_map(|(key, source)| Some((key, source.as_ref()?)))).collect()
    }

    /// As [`Zone::check`], and refuses what could be written to the file but not be read again.
    pub fn check_all(&self) -> Result<(), Fault> {
        for row in &SETTINGS {
            (row.get)(self).check().map_err(|reason| Fault::refused(row.key, reason))?;
        }
        self.check()
    }
}

fn check_param(name: &str) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::refused("param", "must have a name"));
    }
    if SECRET_PARAMETERS.contains(&name) {
        return Err(Fault::refused("param", format!("must not be {name}, which is a secret")));
    }
    Ok(())
}

/// RFC 9110 §5.1 and §5.5: a name is a token, a value has no control characters.
fn check_header(name: &str, value: &str) -> Result<(), Fault> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Fault::refused("header", "must have a name of letters, digits and -"));
    }
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Fault::refused("header", "must not contain control characters"));
    }
    if let Some(secret) = SECRET_HEADERS.iter().find(|secret| name.eq_ignore_ascii_case(secret)) {
        return Err(Fault::refused("header", format!("must not be {secret}, which is a secret")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::SecretLocation;
    use super::Zone;

    fn zone(change: impl FnOnce(&mut Zone)) -> Result<(), String> {
        let mut zone = Zone { name: "a".to_owned(), issuer: "https://as.example/r".to_owned(), ..Zone::default() };
        change(&mut zone);
        zone.check_all().map_err(|fault| fault.to_string())
    }

    #[test]
    fn bad_value_names_key_and_is_hidden() {
        type Change = fn(&mut Zone);
        let cases: [(&str, Change); 12] = [
            ("issuer_template", |zone| zone.issuer_template = Some("https://hunter2.example/{tenantid}".into())),
            ("issuer_template", |zone| zone.issuer_template = Some("https://as.example/hunter2".into())),
            ("client_id", |zone| zone.client_id = Some(String::new())),
            ("client_id", |zone| zone.client_id = Some("hunter2\n".to_owned())),
            ("cacert", |zone| zone.cacert = Some("".into())),
            ("issuer", |zone| zone.issuer = "http://hunter2.example".into()),
            ("private_key_ref", |zone| {
                zone.private_key = SecretLocation::Referenced("vault:private_key".parse().unwrap());
            }),
            ("client_assertion_ref", |zone| {
                zone.client_assertion_ref = Some("env:A".parse().unwrap());
                zone.private_key = SecretLocation::Stored;
            }),
            ("param", |zone| zone.params = vec![("client_secret".into(), "hunter2".into())]),
            ("header", |zone| zone.headers = vec![("Authorization".into(), "Bearer hunter2".into())]),
            ("header", |zone| zone.headers = vec![("X-A".into(), "hunter2\r\nX-B: c".into())]),
            ("par_endpoint", |zone| {
                zone.par_endpoint = Some("hunter2".into());
            }),
        ];
        for (key, change) in cases {
            let reason = zone(change).unwrap_err();
            assert!(reason.starts_with(&format!("{key} ")) && !reason.contains("hunter2"), "{reason}");
        }
        zone(|_| ()).unwrap();
    }

    #[test]
    fn origins_that_get_credentials_are_those_of_other_servers() {
        let mut zone = Zone { issuer: "https://as.example/r".to_owned(), ..Zone::default() };
        zone.token_endpoint = Some("/t".to_owned());
        zone.jwks_uri = Some("https://keys.example/".to_owned());
        assert_eq!(zone.credential_origins(), [] as [&str; 0]);
        assert_eq!(zone.foreign_origins(), ["https://keys.example"]);
        zone.introspection_endpoint = Some("https://B.example/i".to_owned());
        zone.par_endpoint = Some("https://a.example/p".to_owned());
        zone.revocation_endpoint = Some("https://as.example:8443/p".to_owned());
        zone.registration_client_uri = Some("https://a.example/c".to_owned());
        assert_eq!(zone.credential_origins(), ["https://a.example", "https://as.example:8443", "https://b.example"]);
    }

    #[test]
    fn endpoint_may_be_path() {
        let token_endpoint = Some("/t".to_owned());
        let zone = Zone { issuer: "https://as.example/r".to_owned(), token_endpoint, ..Zone::default() };
        assert_eq!(zone.endpoint("token_endpoint").unwrap().as_deref(), Some("https://as.example/t"));
        assert_eq!(zone.endpoint("jwks_uri").unwrap(), None);
        assert_eq!(zone.endpoint("nonsense").unwrap(), None);
    }
}
