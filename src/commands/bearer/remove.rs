//! `hallpass bearer remove`: removes a token from the file.

use std::path::PathBuf;

use crate::commands::{Outcome, read_token};
use crate::context::Context;
use crate::error::Error;
use crate::source::Source;
use crate::store::token_file::Command;

pub use super::change::Answer;
use super::change::apply_change;
use super::selector::{Selector, SelectorFlags};

/// Remove every copy of a token from the file
///
/// Exit 1 if it is not in the file, which is then untouched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Remove a token by its label
  $ hallpass bearer remove tokens.txt --label ci

  # Remove the token that a file contains
  $ hallpass bearer remove tokens.txt --from file:ci.token")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to read the token (default: stdin)
    #[arg(long, value_name = "SOURCE", conflicts_with = "SelectorFlags")]
    from: Option<Source>,
    #[command(flatten)]
    name: SelectorFlags,
    /// Allow the file to end with no active token
    #[arg(long)]
    allow_empty: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let selector = match args.name.selector() {
        Some(selector) => selector,
        None => Selector::Token(read_token(cx, args.from.as_ref(), None)?),
    };
    apply_change(cx, &args.file, "removed", args.allow_empty, |lines| {
        selector.matches(lines).then_some(Command::Remove)
    })
}
