//! `hallpass vault status`: whether the vault can be used, or why not.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Show which vault is in use and whether it works; exit 1 when it does not
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault status\n  $ hallpass vault status --json")]
pub struct Args {}

/// How the vault stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// `keyring` or `sealed`.
    backend: String,
    /// Whether secrets can be stored and read now.
    usable: bool,
    /// Why not, from the nearest to the farthest cause.
    because: Vec<String>,
    /// What can be done.
    fix: Vec<String>,
}

struct Answer(Shape);

impl View for Answer {
    fn json(&self) -> Value {
        shape(&self.0)
    }

    fn text(&self) -> Text {
        let mut fields = vec![
            ("backend".to_owned(), self.0.backend.clone()),
            ("usable".to_owned(), if self.0.usable { "yes" } else { "no" }.to_owned()),
        ];
        fields.extend(self.0.because.iter().map(|cause| ("because".to_owned(), cause.clone())));
        fields.extend(self.0.fix.iter().map(|fix| ("fix".to_owned(), fix.clone())));
        Text::Fields(fields)
    }

    fn negative(&self) -> bool {
        !self.0.usable
    }
}

/// Asks the vault of the zone in effect, else the one for new zones. Raises no dialog.
///
/// # Errors
/// 3 when a named zone is not known or there is no home directory.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let backend = match cx.zone_or_none()? {
        Some(chosen) if !chosen.zone.ephemeral() => cx.backend_of(&chosen.zone)?,
        _ => cx.backend(None)?,
    };
    let fault = cx.vault(backend)?.status().err().map(Error::from);
    let (because, fix) = match &fault {
        None => (Vec::new(), Vec::new()),
        Some(error) => (std::iter::once(&error.message).chain(&error.causes).cloned().collect(), error.hints.clone()),
    };
    Ok(Outcome::view(Answer(Shape { backend: backend.to_string(), usable: fault.is_none(), because, fix })))
}
