//! `hallpass vault status`: whether the vault can be used, or why not.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::{Context, explain_new};
use crate::error::Error;
use crate::output::{Render, Text};

/// Show which vault is in use and whether it works; exit 1 if not
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show which vault is used, and whether it can be
  $ hallpass vault status")]
pub struct Args {}

/// How the vault stands.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// `keyring` or `sealed`.
    backend: String,
    /// Whether secrets can be stored and read now.
    usable: bool,
    /// Why not, from the nearest to the farthest cause.
    because: Vec<String>,
    /// What can be done.
    fix: Vec<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let mut fields = vec![
            ("backend".to_owned(), self.backend.clone()),
            ("usable".to_owned(), if self.usable { "yes" } else { "no" }.to_owned()),
        ];
        fields.extend(self.because.iter().map(|cause| ("because".to_owned(), cause.clone())));
        fields.extend(self.fix.iter().map(|fix| ("fix".to_owned(), fix.clone())));
        Text::Fields(fields)
    }

    fn negative(&self) -> bool {
        !self.usable
    }
}

/// Asks the vault of the zone in effect, else the one for new zones. Raises no dialog.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let backend = match cx.zone_or_none()? {
        Some(chosen) if !chosen.zone.ephemeral() => cx.backend_of(&chosen.zone)?,
        _ => cx.backend(None)?,
    };
    let fault = cx.vault(backend)?.status().err().map(explain_new);
    let (because, fix) = match &fault {
        None => (Vec::new(), Vec::new()),
        Some(error) => (
            std::iter::once(&error.message).chain(&error.causes).cloned().collect(),
            error.hints.iter().map(ToString::to_string).collect(),
        ),
    };
    Ok(Outcome::view(Answer { backend: backend.to_string(), usable: fault.is_none(), because, fix }))
}
