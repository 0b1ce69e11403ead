//! `hallpass bearer disable`: disables a token in place.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::error::bearer::no_token_selected;
use crate::store::token_file::Command;

pub use super::change::Answer;
use super::change::apply_change;
use super::selector::SelectorFlags;

/// Disable a token without deleting it
///
/// It stays in its place behind `#hallpass-off:`, which is a comment for every other program. Exit 1 if it is not in the
/// file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Reject the token from now on, but keep it in the file
  $ hallpass bearer disable tokens.txt --label ci")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    name: SelectorFlags,
    /// Allow the file to end with no active token
    #[arg(long)]
    allow_empty: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let selector = args.name.selector().ok_or_else(no_token_selected)?;
    apply_change(cx, &args.file, "disabled", args.allow_empty, |lines| {
        selector.matches(lines).then_some(Command::Disable)
    })
}
