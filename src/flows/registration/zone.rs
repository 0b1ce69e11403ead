//! The zone of a client as it was registered: what the next token request uses.

use serde_json::{Map, Value};

use crate::config::{SecretLocation, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::jose::SigningKey;
use crate::oauth::grant::Grant;
use crate::oauth::registration::Registration;
use crate::secret::Secret;
use crate::store::SecretKind;

/// A zone with the settings that the server registered, or else those that were asked for.
pub fn zone_from_registration(
    zone: &Zone,
    registration: &Registration,
    asked: &Map<String, Value>,
    key: Option<&SigningKey>,
) -> Zone {
    let mut zone = zone.clone();
    zone.client_id = Some(registration.client_id.clone());
    if registration.client_secret.is_some() {
        zone.client_secret = SecretLocation::Stored;
    }
    if let Some(key) = key {
        zone.private_key = SecretLocation::Stored;
        zone.key_id = Some(key.kid().to_owned());
        zone.algorithm = Some(key.algorithm());
    }
    let member = |name: &str| registration.members.get(name).or(asked.get(name));
    let method = member("token_endpoint_auth_method").and_then(Value::as_str);
    if let Some(method) = method.and_then(|method| method.parse().ok()) {
        zone.auth = Some(method);
    }
    let strings = |name: &str| -> Vec<&str> {
        member(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let uris = strings("redirect_uris");
    if !zone.redirect_uri.as_deref().is_some_and(|uri| uris.contains(&uri)) {
        zone.redirect_uri = uris.first().filter(|uri| !uri.is_empty()).map(|uri| (*uri).to_owned());
    }
    let registered = strings("grant_types");
    let granted: Vec<Grant> =
        Grant::ALL.into_iter().filter(|grant| registered.contains(&grant.registered_name())).collect();
    if !granted.is_empty() && !granted.contains(&zone.grant()) {
        zone.grant = Some(granted[0]);
    }
    if member("dpop_bound_access_tokens") == Some(&Value::Bool(true)) {
        zone.dpop = true;
    }
    if let Some(uri) = &registration.client_uri {
        zone.registration_client_uri = Some(uri.clone());
    }
    zone
}

/// Saves a zone, its secrets first; when one of it fails, everything is as before. The first zone is the default.
pub fn save_zone(cx: &Context, zone: &Zone, secrets: &[(SecretKind, Secret)], may_exist: bool) -> Result<(), Error> {
    let vault = cx.vault(cx.backend_of(zone)?)?;
    cx.edit_config_with(
        |config| {
            if !may_exist && config.zone(&zone.name)?.is_some() {
                return Err(error::zone::added_meanwhile(&zone.name));
            }
            Ok(config.put_zone(zone)?)
        },
        |(), write| {
            let records = secrets.iter().map(|(kind, secret)| cx.record(zone, *kind, secret.clone()));
            cx.store_secrets(&*vault, records.map(|record| (zone.name.as_str(), record)), write)
        },
    )
}
