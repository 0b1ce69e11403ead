//! The token helper protocol of the program `vault`.

use crate::commands::Outcome;
use crate::commands::named_value::{NamedValue, named_value};
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::forget::forget_zone;

use super::{HelperFlags, answer, read_request};

#[derive(Debug, Clone, Copy)]
enum Operation {
    Get,
    Store,
    Erase,
}

const OPERATIONS: &[NamedValue<Operation>] = &[
    ("get", "Print the token", Operation::Get),
    ("store", "Accept a token, and keep nothing", Operation::Store),
    ("erase", "Delete the cached token", Operation::Erase),
];

/// Give the program vault a token of the zone
///
/// vault calls a program with one argument (token_helper), which hallpass helper install vault writes. The zone is the one
/// of --zone or of the environment; vault names no host.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # What vault gets
  $ hallpass helper vault -z prod get")]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// What vault wants
    #[arg(value_name = "OPERATION", value_parser = named_value(OPERATIONS))]
    operation: Operation,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match args.operation {
        // Without a line break: vault takes all of it.
        Operation::Get => answer(cx, args.flags.obtain_own_credential(cx)?.token()),
        Operation::Store => read_request(cx).map(|_| Outcome::Exit(0)),
        Operation::Erase => {
            forget_zone(cx, &cx.zone()?.zone)?;
            Ok(Outcome::Exit(0))
        }
    }
}
