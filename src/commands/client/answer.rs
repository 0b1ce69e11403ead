//! The answer of the commands about a registration.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::oauth::claim;
use crate::oauth::registration::{Change, Registration, SERVER_MANAGED, list_changes};
use crate::output::{Printed, Render, Text};
use crate::text::sanitize;

/// What the server registered.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The client.
    client_id: String,
    /// Its secret; only with `--show-secrets` or `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<Printed>,
    /// When the secret expires, in epoch seconds; 0 when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    /// The token that manages the registration; only with `--show-secrets` or `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<Printed>,
    /// Where the registration is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_client_uri: Option<String>,
    /// The zone that has the client; absent with `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// What the server registered otherwise than it was asked to.
    changed: Vec<Change>,
    /// Whatever else the server registered.
    #[serde(flatten)]
    more: Map<String, Value>,
    #[serde(skip)]
    fields: Vec<(String, String)>,
}

impl Answer {
    /// Compares the registration with the metadata that was `asked` for, if any, and warns when the secret expires.
    /// Without a `zone` nothing was saved, and the secrets are shown; `key` says that a new private key was saved.
    pub fn new(
        cx: &Context,
        registration: Registration,
        asked: Option<&Map<String, Value>>,
        zone: Option<&Zone>,
        key: bool,
        show_secrets: bool,
    ) -> Result<Self, Error> {
        cx.ui.warn_each(&registration.warnings);
        warn_of_expiry(cx, &registration, zone);
        let Registration { client_id, client_secret, access_token, client_uri, mut members, .. } = registration;
        let mut changed = asked.map(|asked| list_changes(asked, &members)).unwrap_or_default();
        if !show_secrets && zone.is_some() {
            // A software statement, for example, in what was asked for and in what the server repeats.
            let values = changed.iter_mut().flat_map(|change| [&mut change.asked, &mut change.got]);
            values.chain(members.values_mut()).for_each(|value| cx.ui.secrets().redact_strings(value));
        }
        let mut fields = vec![("client_id".to_owned(), client_id.clone())];
        fields.extend(zone.map(|zone| ("zone".to_owned(), zone.name.clone())));
        let vault = zone.map(|zone| cx.backend_of(zone)).transpose()?;
        let stored = vault.map(|vault| format!("stored in the {vault} vault"));
        let mut field = |name: &str, value: Option<String>| fields.push((name.to_owned(), value.unwrap_or_default()));
        let [client_secret, registration_access_token] =
            [("client_secret", client_secret), ("registration_access_token", access_token)].map(|(name, secret)| {
                let shown = secret.as_ref().filter(|_| show_secrets || zone.is_none());
                if secret.is_some() {
                    field(name, shown.map(|secret| secret.expose().to_owned()).or(stored.clone()));
                }
                shown.cloned().map(Printed)
            });
        if key {
            field("private_key", stored);
        }
        if asked.is_none() || zone.is_none() {
            for (name, value) in members.iter().filter(|(name, _)| *name != "client_id") {
                field(&sanitize(name), Some(to_plain(value)));
            }
        }
        for Change { name, asked, got } in &changed {
            field("changed", Some(format!("{name}: asked {}, got {}", to_plain(asked), to_plain(got))));
        }
        let client_secret_expires_at = claim::date(&members, "client_secret_expires_at");
        let mut more = members;
        more.retain(|name, _| {
            !matches!(name.as_str(), "client_id" | "client_secret_expires_at" | "registration_client_uri")
        });
        Ok(Self {
            client_id,
            client_secret,
            client_secret_expires_at,
            registration_access_token,
            registration_client_uri: client_uri,
            zone: zone.map(|zone| zone.name.clone()),
            changed,
            more,
            fields,
        })
    }

    /// The same, which shows a person how the metadata differs from the `former`.
    #[must_use]
    pub fn with_former(mut self, former: &Map<String, Value>) -> Self {
        let changes = list_changes(former, &self.more);
        let is_new = |name: &str| !former.contains_key(name) && !SERVER_MANAGED.contains(&name);
        let added = self.more.iter().filter(|(name, _)| is_new(name));
        let added = added.map(|(name, got)| Change { name: name.clone(), asked: Value::Null, got: got.clone() });
        for Change { name, asked: before, got } in changes.into_iter().chain(added.collect::<Vec<_>>()) {
            let before = if before.is_null() { String::new() } else { format!(" (was {})", to_plain(&before)) };
            let now = if got.is_null() { "removed".to_owned() } else { to_plain(&got) };
            self.fields.push((sanitize(&name), now + &before));
        }
        self
    }
}

impl Render for Answer {
    fn rescue(&self) -> Option<String> {
        let client = sanitize(&self.client_id);
        Some(match &self.zone {
            Some(zone) => format!("client {client} is saved: hallpass client show -z {zone}"),
            None => format!("client {client} is registered at the server; its secrets are lost"),
        })
    }

    fn text(&self) -> Text {
        Text::Fields(self.fields.clone())
    }
}

fn to_plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}

fn warn_of_expiry(cx: &Context, registration: &Registration, zone: Option<&Zone>) {
    let Some(epoch) = registration.secret_expires_at else { return };
    let at = Moment::from_epoch(epoch);
    let verb = if at <= cx.clock.now() { "expired" } else { "expires" };
    cx.ui.warn(&format!("the client secret {verb} at {}", at.rfc3339()));
    if let Some(zone) = zone {
        cx.ui.info(&format!("renew it before: hallpass client rotate -z {}", zone.name));
    }
}
