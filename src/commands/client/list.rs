//! `hallpass client list`: the clients that registered from here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::registration::rescue;
use crate::output::{Render, Text};

/// List the clients that registered from here, and registrations that are in doubt
///
/// Asks no server and opens no vault.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass client register \"$HALLPASS_ISSUER\" --grant client_credentials --save-as mine && hallpass client list"
)]
pub struct Args {}

/// One line of `client list`.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone.
    zone: String,
    /// Its issuer.
    issuer: String,
    /// The client; null as long as nobody knows it.
    client_id: Option<String>,
    /// Where the registration is managed.
    registration_client_uri: Option<String>,
    /// `registered`; `in_doubt` when an answer was lost; `unsaved` when one waits to be saved.
    state: &'static str,
    /// When a registration in doubt was sent, RFC 3339 in UTC.
    sent_at: Option<String>,
    /// The same in epoch seconds.
    sent_at_epoch: Option<i64>,
}

/// The clients that were registered by this installation.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Text::Table {
            head: &["zone", "issuer", "client_id", "registration_client_uri", "state"],
            rows: self
                .0
                .iter()
                .map(|one| {
                    let uri = text(&one.registration_client_uri);
                    vec![one.zone.clone(), one.issuer.clone(), text(&one.client_id), uri, one.state.to_owned()]
                })
                .collect(),
        }
    }
}

/// Lists them.
///
/// # Errors
/// 3 when the configuration does not parse, 7 when the journal can't be read.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let config = cx.config()?;
    let mut lines = Vec::new();
    for name in config.zones() {
        let Some(zone) = config.zone(name)?.filter(|zone| zone.registration_client_uri.is_some()) else { continue };
        lines.push(Row {
            zone: zone.name,
            issuer: zone.issuer,
            client_id: zone.client_id,
            registration_client_uri: zone.registration_client_uri,
            state: "registered",
            sent_at: None,
            sent_at_epoch: None,
        });
    }
    let registrations = cx.registrations()?;
    for name in registrations.zones()? {
        let waiting = rescue::waiting(cx, &name)?;
        if waiting.is_some()
            && let Some(line) = lines.iter_mut().find(|line| line.zone == name)
        {
            line.state = "unsaved";
            continue;
        }
        let pending = registrations.pending(&name)?;
        let sent_at = pending.as_ref().map(|pending| Moment::from_millis(pending.at_ms));
        lines.push(Row {
            zone: name,
            issuer: pending
                .map(|pending| pending.issuer)
                .or(waiting.as_ref().map(|one| one.issuer.clone()))
                .unwrap_or_default(),
            client_id: None,
            registration_client_uri: None,
            state: if waiting.is_some() { "unsaved" } else { "in_doubt" },
            sent_at: sent_at.map(Moment::rfc3339),
            sent_at_epoch: sent_at.map(Moment::epoch),
        });
    }
    Ok(Outcome::view(Answer(lines)))
}
