//! `hallpass helper uninstall`: takes back what `helper install` changed.

use clap::builder::PossibleValuesParser;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;

use super::installation::{Plan, PlanFlags, State, program_names};

pub use super::install::Answer;

/// Take back what helper install changed
///
/// Removes its links and lines and nothing else. Give the --zone and --bin-dir of the installation.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Let git ask others again
  $ hallpass helper uninstall git")]
pub struct Args {
    /// The program
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(program_names()))]
    name: String,
    #[command(flatten)]
    flags: PlanFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let plan = Plan::new(cx, &args.name, &args.flags)?;
    let mut done = Vec::new();
    for change in plan.changes.into_iter().rev() {
        if change.state()? == State::Present {
            let action = if cx.is_dry() { "would remove" } else { change.take_back().map(|()| "removed")? };
            done.push((action, change));
        }
    }
    if done.is_empty() {
        cx.ui.info("nothing to remove");
    }
    Ok(Outcome::view(Answer::of(done)))
}
