//! `hallpass logout`: signs a person out, at the server where it offers that, and here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, usage};
use crate::flows::sign_in::logout::{self, SignedOut};
use crate::output::{Render, Text};

use super::Outcome;

/// Sign out of the zone
///
/// Ends the session at the server where it supports that, and deletes refresh token, session and cached tokens. With
/// --revoke the tokens are also revoked at the server; if that fails, nothing is deleted locally. No
/// post_logout_redirect_uri is sent, because no browser is there to be redirected.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Delete the sign-in of the zone and its tokens
  $ hallpass logout

  # Revoke them at the server first
  $ hallpass logout -z me --revoke")]
pub struct Args {
    /// Sign out of every zone
    #[arg(long)]
    all: bool,
    /// Also revoke the tokens; if that fails, nothing is deleted locally
    #[arg(long)]
    revoke: bool,
}

/// What was done to each zone.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

/// What was done to one zone.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone.
    zone: String,
    /// Whether anybody was signed in.
    signed_in: bool,
    /// Whether the session at the server has ended.
    session_ended: bool,
    /// How many tokens were revoked.
    revoked: usize,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let line = |Row { zone, signed_in, session_ended, revoked }: &Row| match (signed_in, session_ended) {
            (false, _) => format!("nobody was signed in to zone {zone}"),
            (true, true) => format!("signed out of zone {zone}; the session at the server has ended"),
            (true, false) if *revoked > 0 => format!("signed out of zone {zone}; {revoked} revoked"),
            (true, false) => format!("signed out of zone {zone}"),
        };
        Text::Lines(self.0.iter().map(line).collect())
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    if args.all && cx.options.zone.is_some() {
        return Err(usage::conflict("--all", "--zone"));
    }
    let mut zones = Vec::new();
    if args.all {
        let config = cx.config()?;
        for name in config.zones() {
            zones.extend(config.zone(name)?);
        }
    } else {
        zones.push(cx.zone()?.zone);
    }
    let (mut done, mut failed) = (Vec::new(), None);
    for zone in zones {
        match logout::sign_out(cx, &zone, args.revoke) {
            Ok(SignedOut { signed_in, session_ended, revoked }) => {
                done.push(Row { zone: zone.name, signed_in, session_ended, revoked });
            }
            Err(error) if error.silent => return Err(error),
            Err(error) if !args.all => return Err(error),
            Err(error) => {
                cx.ui.warn(&format!("zone {}: {}", zone.name, error.chain()));
                failed = failed.or(Some(error));
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(Outcome::view(Answer(done.into_iter().filter(|one| !args.all || one.signed_in).collect()))),
    }
}
