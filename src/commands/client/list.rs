//! `hallpass client list`: the clients that were registered by this installation.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::registration::journal;
use crate::output::{Cell, Render, Style, Table, Text};
use crate::store::registration::State;

/// List clients registered by this installation, and registrations whose outcome is unknown
///
/// Offline; opens no vault.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the clients registered by this installation
  $ hallpass client list")]
pub struct Args {}

/// One line of `client list`.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone.
    zone: String,
    /// Its issuer.
    issuer: String,
    /// The client; null while it is unknown.
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
        let row = |one: &Row| {
            vec![
                Cell::name(&one.zone),
                Cell::whole(one.client_id.as_deref().unwrap_or_default()),
                Cell::whole(one.state).style(if one.state == "registered" { Style::Good } else { Style::Due }),
                Cell::url(&one.issuer),
            ]
        };
        let head = &["zone", "client_id", "state", "issuer"];
        let screen = Table { head, rows: self.0.iter().map(row).collect(), ..Table::default() };
        Text::shown(&["zone", "issuer", "client_id", "registration_client_uri", "state"], &self.0, screen)
    }
}

pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let config = cx.config()?;
    let mut lines = Vec::new();
    for name in config.zones() {
        let Some(zone) = config.zone(name)?.filter(|zone| zone.registration_client_uri.is_some()) else { continue };
        lines.push(Row {
            client_id: zone.client_id,
            registration_client_uri: zone.registration_client_uri,
            ..Row::new(zone.name, zone.issuer, "registered")
        });
    }
    for name in cx.registrations()?.zones()? {
        let entries = journal::open_journal(cx, &name)?.entries;
        let unsaved = entries.iter().find(|entry| entry.state == State::Answered);
        let in_doubt = entries.iter().find(|entry| entry.is_in_doubt());
        let known = lines.iter_mut().find(|line| line.zone == name);
        match (unsaved, in_doubt, known) {
            (Some(_), _, Some(line)) => line.state = "unsaved",
            (Some(entry), ..) => lines.push(Row::new(name, entry.issuer.clone(), "unsaved")),
            (None, Some(entry), _) => {
                let sent_at = Moment::from_millis(entry.at_ms);
                lines.push(Row {
                    sent_at: Some(sent_at.rfc3339()),
                    sent_at_epoch: Some(sent_at.epoch()),
                    ..Row::new(name, entry.issuer.clone(), "in_doubt")
                });
            }
            (None, None, _) => {}
        }
    }
    cx.ui.note_empty(lines.is_empty(), "no registered clients; to register one: hallpass client register ISSUER");
    Ok(Outcome::view(Answer(lines)))
}

impl Row {
    fn new(zone: String, issuer: String, state: &'static str) -> Self {
        Self { zone, issuer, client_id: None, registration_client_uri: None, state, sent_at: None, sent_at_epoch: None }
    }
}
