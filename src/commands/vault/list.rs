//! `hallpass vault list`: the names of the secrets, never a secret.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::session;
use crate::output::{Render, Text};

/// List the names of the secrets in the vault
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show which secrets are stored, by name
  $ hallpass vault list")]
pub struct Args {}

/// The name of one secret.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone it belongs to.
    zone: String,
    /// `client_secret`, `refresh_token`, `registration_token`, `private_key`, `dpop_key`.
    kind: String,
    /// `keyring` or `sealed`.
    vault: String,
}

/// The names of the secrets.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| vec![one.zone.clone(), one.kind.clone(), one.vault.clone()];
        Text::Table { head: &["zone", "kind", "vault"], rows: self.0.iter().map(row).collect() }
    }
}

/// Lists every vault that a zone is pinned to, and the one for new zones.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    cx.settle_rename();
    let config = cx.config()?;
    let mut backends = BTreeSet::new();
    for name in config.zones() {
        let Some(zone) = config.zone(name)? else { continue };
        if zone.keeps_secrets() || session::may_exist(cx, &zone)? {
            backends.insert(cx.backend_of(&zone)?);
        }
    }
    if backends.is_empty() {
        backends.insert(cx.backend(None)?);
    }
    let mut rows = Vec::new();
    for backend in backends {
        for (zone, kind) in cx.vault(backend)?.list()? {
            rows.push(Row { zone, kind: kind.to_string(), vault: backend.to_string() });
        }
    }
    cx.ui.note_empty(rows.is_empty(), "no secrets in the vault");
    Ok(Outcome::view(Answer(rows)))
}
