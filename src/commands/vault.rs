//! `hallpass vault …`: where secrets rest.

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;

use super::Outcome;

mod list;
mod r#move;
mod status;

pub use list::Shape as ListShape;
pub use r#move::Shape as MoveShape;
pub use status::Shape as StatusShape;

/// Look after the vault, where secrets rest
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault status")]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    Status(status::Args),
    Move(r#move::Args),
    List(list::Args),
}

/// Runs the one that was named.
///
/// # Errors
/// Those of the deed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match &args.deed {
        Deed::Status(args) => status::run(cx, args),
        Deed::Move(args) => r#move::run(cx, args),
        Deed::List(args) => list::run(cx, args),
    }
}
