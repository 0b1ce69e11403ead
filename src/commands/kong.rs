//! `hallpass kong …`: what a gateway says in header fields, and its signature.

use clap::{Subcommand, ValueEnum};

use crate::context::Context;
use crate::error::Error;

use super::Outcome;

mod sign;

pub use sign::Shape as SignShape;

/// Sign header fields as a Kong gateway does
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass kong sign --key-from env:CI_SECRET --user u-1 --method GET --path /orders"
)]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    Sign(sign::Args),
}

/// What is signed, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// User or service, session, time, method and path; neither roles nor scopes
    V1,
    /// The header fields of the gateway; neither method nor path
    V2,
}

/// Runs the one that was named.
///
/// # Errors
/// Those of the deed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match &args.deed {
        Deed::Sign(args) => sign::run(cx, args),
    }
}
