//! `hallpass bearer disable`: a token is switched off in its place.

use std::path::PathBuf;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::store::token_file::{Deed, Entry, State};

pub use super::change::Answer;
use super::change::{Wish, fulfil};
use super::pick::Name;

/// Switch a token off, without losing it
///
/// It stays in its place behind `#hallpass-off:`, which is a comment for every other program. Exit 1 when it is not
/// there.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass bearer generate tokens.txt --label ci >ci.token && hallpass bearer disable tokens.txt --label ci --allow-empty"
)]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    name: Name,
    /// Switch the last token off too that lets somebody in
    #[arg(long)]
    allow_empty: bool,
}

/// Does it.
///
/// # Errors
/// Those of the change, and 2 when no token is named.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let pick = args.name.required()?;
    let means = |entry: &Entry| pick.means(entry);
    let needs = |entry: &Entry| entry.state != State::Disabled;
    fulfil(
        cx,
        &args.file,
        &Wish { deed: Deed::Disable, done: "disabled", means: &means, needs, allow_empty: args.allow_empty },
    )
}
