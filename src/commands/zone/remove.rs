//! `hallpass zone remove`: the zone, its secrets and its cached tokens.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::{Origin, Zone};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, exit};
use crate::flows::registration::{cleanup, journal};
use crate::flows::revocation::{self, Own};
use crate::flows::token::session;
use crate::output::{Render, Text};
use crate::store::{Kind, file};

/// Remove a zone with its secrets and cached tokens
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone remove prod --yes")]
pub struct Args {
    /// The zone
    #[arg(add = crate::commands::completions::zones())]
    name: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Revoke its tokens at the server first; if that fails, nothing is removed
    #[arg(long)]
    revoke: bool,
}

/// The zone that is gone.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone that is gone.
    removed: String,
    /// The default zone that is left; null when there is none.
    default: Option<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("zone {} removed", self.removed))
    }
}

/// Removes: secrets first, so that none stays behind without a name.
///
/// # Errors
/// 2 when nobody can be asked and `--yes` is absent, 3 when the zone is not known, 7 when a secret can't be removed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone_named(&args.name, Origin::Flag)?.zone;
    if zone.ephemeral() {
        return Err(Error::usage("the zone env lives in the environment: unset its variables"));
    }
    if !args.yes {
        agreed(cx, &zone.name)?;
    }
    if args.revoke {
        revocation::own(cx, &zone, Own::All)?;
    }
    if let (Some(client_id), Some(uri)) = (&zone.client_id, &zone.registration_client_uri) {
        cleanup::warn_still_registered(cx, client_id, uri);
    }
    // A registration that is under way would come back without its zone.
    let _registering = journal::lock(cx, &zone)?;
    let default = remove(cx, &zone)?;
    Ok(Outcome::view(Answer { removed: zone.name, default }))
}

/// Removes a zone with its secrets and cached tokens; answers which zone is the default then.
///
/// # Errors
/// 7 when a secret can't be removed.
pub fn remove(cx: &Context, zone: &Zone) -> Result<Option<String>, Error> {
    // A sign-in that is under way would leave a refresh token without a zone.
    let _lock = session::lock(cx, zone)?;
    let (default, orphaned) = cx.edit_config_with(
        |config| {
            let was_default = config.default_zone() == Some(zone.name.as_str());
            config.remove_zone(&zone.name)?;
            Ok((config.default_zone().map(str::to_owned), was_default && !config.zones().is_empty()))
        },
        |_, write| {
            // A secret can't be brought back where its vault gives none out: the write is proven first.
            file::rehearse(&cx.paths()?.config_dir)?;
            if zone.keeps_secrets() || session::known(cx, zone)? {
                let vault = cx.vault(cx.backend_of(zone)?)?;
                for kind in Kind::ALL {
                    vault.delete(&zone.name, kind)?;
                }
            }
            cx.sessions()?.remove(&zone.name)?;
            cleanup::forget(cx, zone)?;
            cx.token_caches()?.forget_zone(&zone.name)?;
            write()
        },
    )?;
    if orphaned {
        cx.ui.info("there is no default zone now: hallpass zone default NAME");
    }
    Ok(default)
}

fn agreed(cx: &Context, name: &str) -> Result<(), Error> {
    if !cx.may_ask() {
        return Err(Error::usage(format!("removing zone {name} needs a yes")).hint("say it with --yes"));
    }
    match cx.prompt.confirm(&format!("Remove zone {name} with its secrets?")) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Error::new(ErrorKind::Cancelled, exit::NO, "nothing was removed")),
    }
}
