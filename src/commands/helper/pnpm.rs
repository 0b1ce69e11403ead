//! pnpm's `tokenHelper`: a program without arguments that prints a header value.

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;

use super::{HelperFlags, answer};

/// Give pnpm a token of the zone
///
/// pnpm calls a program without arguments (tokenHelper), which hallpass helper install pnpm writes. The zone is the one of
/// --zone or of the environment; pnpm names no host.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # What pnpm gets
  $ hallpass helper pnpm -z prod")]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let credential = args.flags.obtain_own_credential(cx)?;
    answer(cx, &format!("{}\n", credential.value.expose()))
}
