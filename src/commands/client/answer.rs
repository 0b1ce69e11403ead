//! What the commands about a registration answer.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::registration::management::RegisteredClient;
use crate::oauth::registration::{Change, Registration, list_changes};
use crate::output::{Render, Text};
use crate::text::sanitize;

/// The members of the answer: what the server registered.
#[derive(Serialize, JsonSchema)]
pub struct Shape {
    /// The client.
    client_id: String,
    /// Its secret; only with `--show-secrets` or `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// When the secret expires, in epoch seconds; 0 when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    /// The token that manages the registration; only with `--show-secrets` or `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<String>,
    /// Where the registration is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_client_uri: Option<String>,
    /// The zone that has the client; absent with `--no-save`.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// What the server registered otherwise than it was asked to.
    changed: Vec<Changed>,
    /// Whatever else the server registered.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// A member that the server changed.
#[derive(Serialize, JsonSchema)]
pub struct Changed {
    /// The member.
    name: String,
    /// What was asked for; null when it was not.
    asked: Value,
    /// What the server registered; null when it says nothing of it.
    got: Value,
}

/// A registration to show.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Answer {
    #[schemars(with = "Shape")]
    members: Map<String, Value>,
    #[serde(skip)]
    shown: Shown,
}

pub struct Shown {
    pub registration: Registration,
    pub changes: Vec<Change>,
    /// Zone and vault that have the client.
    pub saved: Option<(String, String)>,
    /// Whether the key that was made is stored there as well.
    pub key: bool,
    pub secrets: bool,
    /// Whether the text lists all members.
    pub whole: bool,
}

impl Answer {
    /// The end of an update: what the server registered, and a warning when the secret expires.
    pub fn updated(
        client: &RegisteredClient<'_>,
        metadata: &Map<String, Value>,
        registration: Registration,
        key: bool,
        secrets: bool,
    ) -> Result<Self, Error> {
        let (cx, zone) = (client.cx, &client.zone);
        warn_of_expiry(cx, &registration, Some(&zone.name));
        let saved = Some((zone.name.clone(), cx.backend_of(zone)?.to_string()));
        let changes = list_changes(metadata, &registration.members);
        Ok(Self::from(Shown { registration, changes, saved, key, secrets, whole: false }))
    }
}

impl From<Shown> for Answer {
    fn from(shown: Shown) -> Self {
        let mut members = shown.registration.members.clone();
        if shown.secrets {
            for (name, secret) in [
                ("client_secret", &shown.registration.client_secret),
                ("registration_access_token", &shown.registration.access_token),
            ] {
                if let Some(secret) = secret {
                    members.insert(name.to_owned(), json!(secret.expose()));
                }
            }
        }
        if let Some((zone, _)) = &shown.saved {
            members.insert("zone".to_owned(), json!(zone));
        }
        let change = |change: &Change| json!({"name": change.name, "asked": change.asked, "got": change.got});
        members.insert("changed".to_owned(), shown.changes.iter().map(change).collect());
        Self { members, shown }
    }
}

impl Render for Answer {
    fn rescue(&self) -> Option<String> {
        let client = sanitize(&self.shown.registration.client_id);
        Some(match &self.shown.saved {
            Some((zone, _)) => format!("the client {client} is saved: hallpass client show -z {zone}"),
            None => format!("the client {client} was made and is at the server; what it was given is lost"),
        })
    }

    fn text(&self) -> Text {
        let mut fields = vec![("client_id".to_owned(), self.shown.registration.client_id.clone())];
        let place = self.shown.saved.as_ref().map(|(_, vault)| format!("stored in the {vault} vault"));
        if let Some((zone, _)) = &self.shown.saved {
            fields.push(("zone".to_owned(), zone.clone()));
        }
        for (name, secret) in [
            ("client_secret", &self.shown.registration.client_secret),
            ("registration_access_token", &self.shown.registration.access_token),
        ] {
            let Some(secret) = secret else { continue };
            let shown = if self.shown.secrets { secret.expose().to_owned() } else { place.clone().unwrap_or_default() };
            fields.push((name.to_owned(), shown));
        }
        if self.shown.key {
            fields.push(("private_key".to_owned(), place.unwrap_or_default()));
        }
        if self.shown.whole {
            let others = self.shown.registration.members.iter().filter(|(name, _)| *name != "client_id");
            fields.extend(others.map(|(name, value)| (sanitize(name), to_plain(value))));
        }
        fields.extend(self.shown.changes.iter().map(|change| {
            (
                "changed".to_owned(),
                format!("{}: asked {}, got {}", change.name, to_plain(&change.asked), to_plain(&change.got)),
            )
        }));
        Text::Fields(fields)
    }
}

fn to_plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}

/// Warns of a client secret that expires.
pub fn warn_of_expiry(cx: &Context, registration: &Registration, zone: Option<&str>) {
    let Some(epoch) = registration.secret_expires_at else { return };
    let at = Moment::from_epoch(epoch);
    let verb = if at <= cx.clock.now() { "expired" } else { "expires" };
    cx.ui.warn(&format!("the client secret {verb} at {}", at.rfc3339()));
    if let Some(zone) = zone {
        cx.ui.info(&format!("renew it before: hallpass client rotate -z {zone}"));
    }
}
