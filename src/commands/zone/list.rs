//! `hallpass zone list`: reads the configuration and nothing else.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Cell, Render, Table, Text};

/// List the zones
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show all zones
  $ hallpass zone list

  # As JSON
  $ hallpass zone list --json")]
pub struct Args {}

/// One zone.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// Its name.
    name: String,
    /// Its issuer.
    issuer: String,
    /// Its client.
    client_id: Option<String>,
    /// Its grant.
    grant: String,
    /// Whether it is the default zone.
    default: bool,
    /// Where its secrets are stored; null when it has none.
    vault: Option<String>,
}

/// The zones.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| {
            vec![
                Cell::zone(&one.name, one.default),
                Cell::whole(one.client_id.as_deref().unwrap_or_default()),
                Cell::url(&one.issuer),
                Cell::whole(&one.grant),
                Cell::whole(one.vault.as_deref().unwrap_or_default()),
            ]
        };
        let head = &["name", "client_id", "issuer", "grant", "vault"];
        let screen = Table { head, optional: 2, rows: self.0.iter().map(row).collect(), as_fields: false };
        Text::shown(&["name", "issuer", "client_id", "grant", "default", "vault"], &self.0, screen)
    }
}

pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let config = cx.config()?;
    let mut rows = Vec::new();
    for name in config.zones() {
        let Some(zone) = config.zone(name)? else { continue };
        rows.push(Row {
            default: config.default_zone() == Some(name),
            grant: zone.grant().to_string(),
            name: zone.name,
            issuer: zone.issuer,
            client_id: zone.client_id,
            vault: zone.vault.map(|vault| vault.to_string()),
        });
    }
    cx.ui.warn_each(config.warnings());
    cx.ui.note_empty(rows.is_empty(), "no zones yet; to add one: hallpass zone add NAME --issuer URL");
    Ok(Outcome::view(Answer(rows)))
}
