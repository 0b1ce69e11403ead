//! `hallpass bearer prune`: expired tokens go out of the file.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::store::token_file::{Deed, State};

pub use super::change::Answer;
use super::change::{Wish, fulfil};

/// Remove the tokens that have expired
///
/// hallpass lets none of them in anyway; a server that reads the file by itself knows of no expiry and takes them until
/// they are gone.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass bearer add tokens.txt && hallpass bearer prune tokens.txt"
)]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Prune even when no token is left then
    #[arg(long)]
    allow_empty: bool,
}

/// Prunes.
///
/// # Errors
/// Those of the change.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let wish = Wish {
        deed: Deed::Remove,
        done: "pruned",
        means: &|_| true,
        needs: |entry| entry.state == State::Expired,
        allow_empty: args.allow_empty,
    };
    fulfil(cx, &args.file, &wish)
}
