//! `hallpass zone rename`: secrets, cache and what registrations left move along, or nothing moves.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::Origin;
use crate::context::{Context, check_new_name};
use crate::error::Error;
use crate::flows::registration::journal;
use crate::flows::token::session;
use crate::output::{Render, Text};
use crate::store::Kind;

use super::secret::stored;

/// Rename a zone; its secrets and cached tokens move along
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone rename prod production")]
pub struct Args {
    /// The zone
    #[arg(value_name = "OLD", add = crate::commands::completions::zones())]
    old: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    new: String,
}

/// The zone's names.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Its former name.
    old: String,
    /// Its name now.
    name: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("zone {} renamed to {}", self.old, self.name))
    }
}

/// Renames: copies the secrets, writes the configuration, then removes the old ones.
///
/// # Errors
/// 2 when the new name is bad or taken, 3 when the old one is not known, 7 when a secret can't be moved.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (old, new) = (&args.old, &args.new);
    check_new_name(new)?;
    let zone = cx.zone_named(old, Origin::Flag)?.zone;
    if zone.ephemeral() {
        return Err(Error::usage("the zone env lives in the environment"));
    }
    let registrations = cx.registrations()?;
    let _registering = journal::lock(cx, &zone)?;
    let _lock = session::lock(cx, &zone)?;
    let keeps = zone.keeps_secrets() || session::known(cx, &zone)?;
    let vault = if keeps { Some(cx.vault(cx.backend_of(&zone)?)?) } else { None };
    cx.edit_config_with(
        |config| {
            if config.zone(new)?.is_some() {
                return Err(Error::usage(format!("zone {new} exists")));
            }
            Ok(config.rename_zone(old, new)?)
        },
        |(), write| {
            if registrations.has(new)? {
                return Err(Error::usage(format!("{new} still has unsaved registration data"))
                    .hint("look what it is: hallpass client list"));
            }
            let mut write = || {
                registrations.rename(old, new)?;
                write().inspect_err(|_| {
                    if let Err(fault) = registrations.rename(new, old) {
                        cx.ui.warn(&format!("the journal of its registrations has the new name: {fault}"));
                    }
                })
            };
            match &vault {
                None => write(),
                Some(vault) => {
                    let mut records = Vec::new();
                    for kind in Kind::ALL {
                        records.extend(vault.get(old, kind)?.map(|record| (new.as_str(), record)));
                    }
                    stored(cx, &**vault, records, &mut write)
                }
            }
        },
    )?;
    if let Some(vault) = &vault {
        for kind in Kind::ALL {
            if let Err(fault) = vault.delete(old, kind) {
                cx.ui.warn(&format!("a copy of the {kind} stays under the old name: {fault}"));
            }
        }
    }
    cx.sessions()?.rename(old, new)?;
    cx.token_caches()?.rename_zone(old, new)?;
    Ok(Outcome::view(Answer { old: old.clone(), name: new.clone() }))
}
