//! A zone: a named issuer, a client at it, and how to ask for its tokens.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::table::{Row, SETTINGS};
use super::{Backend, Fault, HostPattern, check_issuer, resolve_endpoint};
use crate::jose::Algorithm;
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::parameters::TokenParameters;
use crate::source::Source;

/// The name of the zone that variables make; no zone in the file can have it.
pub const EPHEMERAL: &str = "env";

/// Parameters whose value is a secret; they come from a source at the time of the request.
const SECRET_PARAMETERS: [&str; 9] = [
    "client_secret",
    "client_assertion",
    "assertion",
    "subject_token",
    "actor_token",
    "refresh_token",
    "code",
    "code_verifier",
    "password",
];

/// Headers whose value is a credential.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// Where a zone has a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SecretLocation {
    /// It has none.
    #[default]
    None,
    /// In the vault.
    Stored,
    /// In this source; read at every use and stored nowhere.
    Referenced(Source),
}

impl SecretLocation {
    /// `none`, `stored` or `referenced`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Stored => "stored",
            Self::Referenced(_) => "referenced",
        }
    }
}

/// All settings of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    /// Its name, of the grammar of [`check_name`]; `env` for the ephemeral one.
    pub name: String,
    /// The issuer, byte for byte as given.
    pub issuer: String,
    /// The client; a zone before registration has none.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: SecretLocation,
    /// The key that signs client assertions.
    pub private_key: SecretLocation,
    /// The `kid` of that key.
    pub key_id: Option<String>,
    /// The algorithm of that key.
    pub algorithm: Option<Algorithm>,
    /// The client certificate for mutual TLS, a PEM file.
    pub cert: Option<PathBuf>,
    /// The key of that certificate.
    pub cert_key: SecretLocation,
    /// The method of client authentication; else it is chosen from the metadata.
    pub auth: Option<Method>,
    /// How tokens are obtained; see [`Zone::grant`].
    pub grant: Option<Grant>,
    /// The scopes asked for.
    pub scope: Vec<String>,
    /// The audiences asked for.
    pub audience: Vec<String>,
    /// The resources asked for (RFC 8707).
    pub resource: Vec<String>,
    /// The token endpoint, as all endpoints a URL or a path: it is not discovered then.
    pub token_endpoint: Option<String>,
    /// The introspection endpoint (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// The registration endpoint (RFC 7591).
    pub registration_endpoint: Option<String>,
    /// The pushed authorization request endpoint (RFC 9126).
    pub par_endpoint: Option<String>,
    /// The authorization endpoint.
    pub authorization_endpoint: Option<String>,
    /// The device authorization endpoint (RFC 8628).
    pub device_endpoint: Option<String>,
    /// The issuer's keys.
    pub jwks_uri: Option<String>,
    /// Whether the standard paths may stand in for endpoints that are neither given nor discovered.
    pub assume_defaults: bool,
    /// Further parameters of token requests; names may repeat.
    pub params: Vec<(String, String)>,
    /// Further headers of all requests; names may repeat.
    pub headers: Vec<(String, String)>,
    /// Certificate authorities to trust besides the system's, a PEM file.
    pub cacert: Option<PathBuf>,
    /// Where its tokens may go.
    pub hosts: Vec<HostPattern>,
    /// The vault backend that holds its secrets.
    pub vault: Option<Backend>,
    /// Whether its tokens are bound to a key (RFC 9449).
    pub dpop: bool,
    /// Source of the assertion of the grant `jwt_bearer`, read at every mint.
    pub assertion_ref: Option<Source>,
    /// Source of the subject token of the grant `token_exchange`, read at every mint.
    pub subject_token_ref: Option<Source>,
    /// Source of an assertion that somebody else signs and that the client proves itself with (RFC 7523 §2.2), read at
    /// every use: a workload's identity.
    pub client_assertion_ref: Option<Source>,
    /// The audience of client assertions, when it is not the issuer.
    pub assertion_audience: Option<String>,
    /// Where codes come back to, as registered.
    pub redirect_uri: Option<String>,
    /// Where the client's registration is managed (RFC 7592 §3); the token for it rests in the vault.
    pub registration_client_uri: Option<String>,
}

impl Zone {
    /// What a token of this zone is to allow, and for whom it is meant.
    pub fn token_parameters(&self) -> TokenParameters<'_> {
        TokenParameters { scope: &self.scope, audience: &self.audience, resource: &self.resource, extra: &self.params }
    }

    /// The zone's override of the endpoint of this name in the metadata, resolved against the issuer's origin.
    ///
    /// # Errors
    /// [`Fault::Refused`] when it is neither a URL nor a path.
    pub fn endpoint(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(row) = Row::by_endpoint(name) else { return Ok(None) };
        let Some(Json::String(text)) = (row.get)(self).show(row) else { return Ok(None) };
        resolve_endpoint(&self.issuer, &text).map(Some).map_err(|fault| rekeyed(fault, row.key))
    }

    /// Where it has its secret of a kind that the vault knows by this name; `None` for what no setting says.
    pub fn secret_location(&self, kind: &str) -> Option<&SecretLocation> {
        match kind {
            "client_secret" => Some(&self.client_secret),
            "private_key" => Some(&self.private_key),
            "cert_key" => Some(&self.cert_key),
            _ => None,
        }
    }

    /// Says where it has a secret of this kind; a kind that no setting speaks of is passed over.
    pub fn set_secret_location(&mut self, kind: &str, held: SecretLocation) {
        match kind {
            "client_secret" => self.client_secret = held,
            "private_key" => self.private_key = held,
            "cert_key" => self.cert_key = held,
            _ => {}
        }
    }

    /// Checks every setting but the name, wherever it came from.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the key as it stands in the file; the value is not repeated.
    pub fn check(&self) -> Result<(), Fault> {
        check_issuer(&self.issuer)?;
        for name in SETTINGS.iter().filter_map(|row| row.endpoint) {
            self.endpoint(name)?;
        }
        if let Some(uri) = &self.registration_client_uri {
            resolve_endpoint(&self.issuer, uri).map_err(|fault| rekeyed(fault, "registration_client_uri"))?;
        }
        let held = [
            ("client_secret_ref", &self.client_secret),
            ("private_key_ref", &self.private_key),
            ("cert_key_ref", &self.cert_key),
        ];
        for (key, held) in held {
            if let SecretLocation::Referenced(Source::Vault(_)) = held {
                return Err(Fault::refused(key, "must refer to something outside the vault"));
            }
        }
        if self.client_assertion_ref.is_some() && self.private_key != SecretLocation::None {
            return Err(Fault::refused("client_assertion_ref", "and a private key exclude each other"));
        }
        self.params.iter().try_for_each(|(name, _)| check_param(name))?;
        self.headers.iter().try_for_each(|(name, value)| check_header(name, value))
    }

    /// As [`Zone::check`], and refuses what could be written to the file but not be read again.
    ///
    /// # Errors
    /// As [`Zone::check`].
    pub fn check_all(&self) -> Result<(), Fault> {
        for row in &SETTINGS {
            (row.get)(self).check().map_err(|reason| Fault::refused(row.key, reason))?;
        }
        self.check()
    }
}

/// Checks the name of a zone: `[a-z0-9][a-z0-9_-]{0,62}`, and not `env`.
///
/// # Errors
/// [`Fault::Refused`] with the key `name`.
pub fn check_name(name: &str) -> Result<(), Fault> {
    let grammar = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if name.is_empty() || name.len() > 63 || !grammar || name.starts_with(['_', '-']) {
        return Err(Fault::refused("name", "must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit"));
    }
    if name == EPHEMERAL {
        return Err(Fault::refused("name", "must not be env, which names the zone that HALLPASS_ISSUER makes"));
    }
    Ok(())
}

fn rekeyed(fault: Fault, key: &'static str) -> Fault {
    match fault {
        Fault::Refused { reason, .. } => Fault::Refused { key, reason },
        other => other,
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
        return Err(Fault::refused("header", "must not hold control characters"));
    }
    if let Some(secret) = SECRET_HEADERS.iter().find(|secret| name.eq_ignore_ascii_case(secret)) {
        return Err(Fault::refused("header", format!("must not be {secret}, which is a secret")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{SecretLocation, Zone, check_name};

    fn zone(change: impl FnOnce(&mut Zone)) -> Result<(), String> {
        let mut zone = Zone { name: "a".to_owned(), issuer: "https://as.example/r".to_owned(), ..Zone::default() };
        change(&mut zone);
        zone.check_all().map_err(|fault| fault.to_string())
    }

    #[test]
    fn names() {
        for good in ["a", "0", "ci", "a-b_c", "envx", &"a".repeat(63)] {
            check_name(good).unwrap();
        }
        for bad in ["", "env", "-a", "_a", "A", "a.b", "a/b", "a b", "é", "a\n", "..", &"a".repeat(64)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_name_is_safe_in_a_path(name in "\\PC{0,6}|[a-z0-9_./@A-Z\\-]{0,70}") {
            if check_name(&name).is_ok() {
                prop_assert!(!name.contains(['/', '.', '@', '\\', ':']) && !name.chars().any(char::is_uppercase));
                prop_assert!((1..=63).contains(&name.len()) && name != "env");
            }
        }
    }

    #[test]
    fn values_that_are_not_allowed_name_their_key_and_hide_themselves() {
        type Change = fn(&mut Zone);
        let cases: [(&str, Change); 9] = [
            ("client_id", |zone| zone.client_id = Some(String::new())),
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
    fn an_endpoint_may_be_a_path() {
        let token_endpoint = Some("/t".to_owned());
        let zone = Zone { issuer: "https://as.example/r".to_owned(), token_endpoint, ..Zone::default() };
        assert_eq!(zone.endpoint("token_endpoint").unwrap().as_deref(), Some("https://as.example/t"));
        assert_eq!(zone.endpoint("jwks_uri").unwrap(), None);
        assert_eq!(zone.endpoint("nonsense").unwrap(), None);
    }
}
