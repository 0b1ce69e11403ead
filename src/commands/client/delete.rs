//! `hallpass client delete`: the end of a registration.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::cleanup;
use crate::flows::registration::management::RegisteredClient;
use crate::flows::token::shared_copy::SharedCopies;
use crate::flows::zone as ownership;
use crate::output::{Render, Text};
use crate::store::SecretKind;

/// Delete the zone's client at the server, and the zone
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Delete the client at the server, and its zone, without asking
  $ hallpass client delete -z mine --yes")]
pub struct Args {
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Keep the zone, without its client
    #[arg(long)]
    keep_zone: bool,
}

/// The client that is gone.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The client that is gone.
    deleted: String,
    /// Its zone.
    zone: String,
    /// Whether the zone is still there, without a client.
    zone_kept: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let zone = if self.zone_kept { "without a client now" } else { "removed" };
        Text::Line(format!("client {} deleted; zone {} {zone}", self.deleted, self.zone))
    }
}

/// Deletes at the server first, so that nothing that is still valid is forgotten here.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    if !args.yes {
        cx.confirm(&format!("Delete the client of zone {} at the server?", zone.name))?;
    }
    let registered = RegisteredClient::open(cx, &zone, None)?;
    registered.delete()?;
    let client_id = zone.client_id.clone().unwrap_or_default();
    cx.ui.debug("the server has deleted the client");
    if args.keep_zone {
        remove_client(cx, &zone)?;
    } else {
        ownership::remove_locked(cx, &zone, false)?;
    }
    Ok(Outcome::view(Answer { deleted: client_id, zone: zone.name, zone_kept: args.keep_zone }))
}

/// Takes the client and its secrets out of the zone.
fn remove_client(cx: &Context, zone: &Zone) -> Result<(), Error> {
    cx.edit_config(|config| {
        let Some(known) = config.zone(&zone.name)? else { return Ok(()) };
        Ok(config.set_zone(&known.without_client())?)
    })?;
    let copies = SharedCopies::of_zone(cx, zone);
    let vault = cx.vault(cx.backend_of(zone)?)?;
    for kind in [SecretKind::RegistrationToken, SecretKind::ClientSecret, SecretKind::PrivateKey] {
        vault.delete(&zone.name, kind)?;
    }
    cleanup::forget(cx, zone)?;
    cx.token_caches()?.forget_zone(&zone.name)?;
    copies?.forget(cx);
    Ok(())
}
