//! `hallpass client …`: clients that register and look after their registration (RFC 7591, RFC 7592).

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;

use super::Outcome;

mod answer;
mod delete;
mod flags;
mod list;
mod register;
mod rotate;
mod show;
mod update;

pub use answer::Shape;
pub use delete::Shape as DeleteShape;
pub use list::Shape as ListShape;

/// Register a client at an authorization server and look after it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass client list")]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    Register(register::Args),
    Show(show::Args),
    Update(update::Args),
    Rotate(rotate::Args),
    Delete(delete::Args),
    List(list::Args),
}

/// Runs the one that was named.
///
/// # Errors
/// Those of the deed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match &args.deed {
        Deed::Register(args) => register::run(cx, args),
        Deed::Show(args) => show::run(cx, args),
        Deed::Update(args) => update::run(cx, args),
        Deed::Rotate(args) => rotate::run(cx, args),
        Deed::Delete(args) => delete::run(cx, args),
        Deed::List(args) => list::run(cx, args),
    }
}
