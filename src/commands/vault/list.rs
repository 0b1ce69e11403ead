//! `hallpass vault list`: the names of what rests there, never a secret.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::session;
use crate::output::{Text, View};

/// List the names of the secrets in the vault
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault list")]
pub struct Args {}

/// The name of one secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The zone it belongs to.
    zone: String,
    /// `client_secret`, `refresh_token`, `registration_token`, `private_key`, `dpop_key`.
    kind: String,
    /// `keyring` or `sealed`.
    vault: String,
}

struct Answer(Vec<Shape>);

impl View for Answer {
    fn json(&self) -> Value {
        shape(&self.0)
    }

    fn text(&self) -> Text {
        let row = |one: &Shape| vec![one.zone.clone(), one.kind.clone(), one.vault.clone()];
        Text::Table { head: &["zone", "kind", "vault"], rows: self.0.iter().map(row).collect() }
    }
}

/// Lists every vault that a zone is pinned to, and the one for new zones.
///
/// # Errors
/// 7 when a vault can't be read.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let config = cx.config()?;
    let mut backends = BTreeSet::new();
    for name in config.zones() {
        let Some(zone) = config.zone(name)? else { continue };
        if zone.keeps_secrets() || session::known(cx, &zone)? {
            backends.insert(cx.backend_of(&zone)?);
        }
    }
    if backends.is_empty() {
        backends.insert(cx.backend(None)?);
    }
    let mut shapes = Vec::new();
    for backend in backends {
        for (zone, kind) in cx.vault(backend)?.list()? {
            shapes.push(Shape { zone, kind: kind.to_string(), vault: backend.to_string() });
        }
    }
    Ok(Outcome::view(Answer(shapes)))
}
