//! `hallpass bearer enable`: a token is switched on in its place.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::store::token_file::{Command, Entry};

pub use super::change::Answer;
use super::change::{Change, apply};
use super::pick::Name;

/// Enable a disabled token
///
/// Exit 1 if it is not in the file. A token that has expired in the meantime stays expired.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass bearer generate tokens.txt --label ci >ci.token && hallpass bearer disable tokens.txt --label ci --allow-empty && hallpass bearer enable tokens.txt --label ci"
)]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    name: Name,
}

/// Switches it on.
///
/// # Errors
/// Those of the change, and 2 when no token is named.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let pick = args.name.required()?;
    let command = |lines: &[Entry]| pick.matches(lines).then_some(Command::Enable);
    apply(cx, &args.file, &Change { command: &command, done: "enabled", allow_empty: true })
}
