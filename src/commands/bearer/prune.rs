//! `hallpass bearer prune`: removes expired tokens from the file.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::store::token_file::{Command, State};

pub use super::change::Answer;
use super::change::apply_change;

/// Remove every line of the tokens that have expired
///
/// hallpass does not accept them anyway; a server that reads the file itself ignores expiry and accepts them until they
/// are removed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Remove expired tokens
  $ hallpass bearer prune tokens.txt")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Allow the file to end with no active token
    #[arg(long)]
    allow_empty: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    apply_change(cx, &args.file, "pruned", args.allow_empty, |lines| {
        let expired = lines.iter().any(|line| line.line_state == State::Expired);
        Some(if expired { Command::Remove } else { Command::Keep })
    })
}
