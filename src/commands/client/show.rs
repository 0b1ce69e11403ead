//! `hallpass client show`: what the server has registered.

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::management::RegisteredClient;
use crate::source::Source;

pub use super::answer::Answer;

/// Show the registration of the zone's client
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the client as the server has it
  $ hallpass client show -z mine")]
pub struct Args {
    /// Use this registration access token, and save it if it works
    #[arg(long, value_name = "SOURCE")]
    token_from: Option<Source>,
    /// Also print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    let given = match &args.token_from {
        Some(source) => {
            Some(cx.read_hidden(source, &format!("registration access token of zone {}", zone.name), None)?)
        }
        None => None,
    };
    let mut registered = RegisteredClient::open(cx, &zone, given)?;
    let registration = registered.show()?;
    Ok(Outcome::view(Answer::new(cx, registration, None, Some(&zone), false, args.show_secrets)?))
}
