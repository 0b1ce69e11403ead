//! `hallpass zone …`: named issuers with their client and settings.

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;

use super::Outcome;

mod add;
mod default;
mod edit;
mod export;
mod flags;
mod has;
mod import;
mod list;
mod path;
mod remove;
mod rename;
mod secret;
mod show;

pub use add::Shape as AddShape;
pub use default::Shape as DefaultShape;
pub use export::Shape as ExportShape;
pub use flags::issuer;
pub use has::Shape as HasShape;
pub use import::Shape as ImportShape;
pub use list::Shape as ListShape;
pub use path::Shape as PathShape;
pub use remove::Shape as RemoveShape;
pub use remove::remove;
pub use rename::Shape as RenameShape;
pub use secret::stored;
pub use show::Shape as ShowShape;

/// Keep zones: a named issuer with its client and settings
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone list\n\nSee also: hallpass help zones")]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    Add(add::Args),
    List(list::Args),
    Show(show::Args),
    Edit(edit::Args),
    Rename(rename::Args),
    Remove(remove::Args),
    Default(default::Args),
    Has(has::Args),
    Export(export::Args),
    Import(import::Args),
    Path(path::Args),
}

/// Runs the one that was named.
///
/// # Errors
/// Those of the deed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match &args.deed {
        Deed::Add(args) => add::run(cx, args),
        Deed::List(args) => list::run(cx, args),
        Deed::Show(args) => show::run(cx, args),
        Deed::Edit(args) => edit::run(cx, args),
        Deed::Rename(args) => rename::run(cx, args),
        Deed::Remove(args) => remove::run(cx, args),
        Deed::Default(args) => default::run(cx, args),
        Deed::Has(args) => has::run(cx, args),
        Deed::Export(args) => export::run(cx, args),
        Deed::Import(args) => import::run(cx, args),
        Deed::Path(args) => path::run(cx, args),
    }
}
