//! `hallpass token forget`: takes a zone's access tokens out of the cache. They stay valid at the server.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Take the zone's access tokens out of the cache; the server is not asked
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass token forget\n  $ hallpass token forget --all")]
pub struct Args {
    /// Those of every zone
    #[arg(long)]
    all: bool,
}

/// The JSON answer of `token forget`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// How many tokens were forgotten.
    forgotten: usize,
}

struct Answer {
    forgotten: usize,
}

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape { forgotten: self.forgotten })
    }

    fn text(&self) -> Text {
        Text::Nothing
    }
}

/// Forgets.
///
/// # Errors
/// 3 when no zone is named, 7 when the cache can't be changed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = if args.all { None } else { Some(cx.zone()?.zone) };
    let caches = cx.token_caches()?;
    let forgotten = match zone {
        None => caches.forget_all()?,
        Some(zone) => caches.forget_zone(&zone.name)?,
    };
    cx.ui.note(&format!("{forgotten} forgotten"));
    Ok(Outcome::view(Answer { forgotten }))
}
