//! `hallpass bearer enable`: enables a token in place.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::error::bearer::no_token_selected;
use crate::store::token_file::Command;

pub use super::change::Answer;
use super::change::apply_change;
use super::selector::SelectorFlags;

/// Enable a disabled token
///
/// Exit 1 if it is not in the file. A token that has expired in the meantime stays expired.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Accept a disabled token again
  $ hallpass bearer enable tokens.txt --label old")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    name: SelectorFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let selector = args.name.selector().ok_or_else(no_token_selected)?;
    apply_change(cx, &args.file, "enabled", true, |lines| selector.matches(lines).then_some(Command::Enable))
}
