//! `hallpass zone import`: zones from TOML that `zone export` made, or from another tool's environment.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::{Fault, SecretLocation, Zone, transfer};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error};
use crate::flows::registration::cleanup;
use crate::flows::token::session;
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::SecretKind;
use crate::text::sanitize;

/// Add zones from TOML or from the environment of another tool
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Add the zones of an exported file
  $ hallpass zone import file:zone.toml")]
pub struct Args {
    /// Where the TOML is read from [default: stdin, unless it is a terminal]
    source: Option<Source>,
    /// Read the variables of this tool instead
    #[arg(long, value_name = "TOOL", conflicts_with = "source")]
    from_env: Option<Tool>,
    /// Replace zones of the same name
    #[arg(long)]
    replace: bool,
    /// Accept commands that the zones run and endpoints at other servers than the issuer
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// `KEYCLOAK_REALM_URL`, `KEYCLOAK_CLIENT_ID`, `KEYCLOAK_CLIENT_SECRET`, `SERVICE_CLIENT_ID`, `SERVICE_CLIENT_SECRET`
    Keycloak,
}

/// The zones that came.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zones that were added.
    imported: Vec<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Lines(self.imported.clone())
    }
}

/// Imports all or nothing; secrets from the environment go into the vault.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let mut zones = match args.from_env {
        Some(Tool::Keycloak) => from_keycloak(cx)?,
        None => from_toml(cx, args)?.into_iter().map(|zone| (zone, None)).collect(),
    };
    for (zone, secret) in &mut zones {
        check_new_name(&zone.name)?;
        if secret.is_some() {
            zone.vault = Some(cx.usable_vault(zone)?);
        }
    }
    confirm_risks(cx, &zones, args.yes)?;
    let former: HashMap<String, Zone> = zones
        .iter()
        .filter_map(|(zone, _)| Some((zone.name.clone(), cx.config().ok()?.zone(&zone.name).ok()??)))
        .collect();
    for (zone, _) in &mut zones {
        keep_secret(former.get(&zone.name), zone);
    }
    cx.edit_config_with(
        |config| {
            let known: HashSet<&str> = config.zones().into_iter().collect();
            let all: Vec<&Zone> = zones.iter().map(|(zone, _)| zone).collect();
            if let Some(zone) = all.iter().find(|zone| known.contains(zone.name.as_str()) && !args.replace) {
                return Err(error::zone::exists_unreplaced(&zone.name));
            }
            Ok(config.put_zones(&all)?)
        },
        |(), write| {
            let Some(first) = zones.iter().find(|(_, secret)| secret.is_some()) else { return write() };
            let vault = cx.vault(cx.backend_of(&first.0)?)?;
            let records = zones.iter().filter_map(|(zone, secret)| {
                let secret = secret.clone()?;
                Some((zone.name.as_str(), cx.record(zone, SecretKind::ClientSecret, secret)))
            });
            cx.store_secrets(&*vault, records, write)
        },
    )?;
    for (zone, secret) in &zones {
        let former = former.get(&zone.name);
        let stored: Vec<_> = secret.iter().map(|secret| (SecretKind::ClientSecret, secret.clone())).collect();
        cleanup::on_zone_edit(cx, former, zone, &stored);
        session::forget_replaced(cx, former, zone);
    }
    Ok(Outcome::view(Answer { imported: zones.into_iter().map(|(zone, _)| zone.name).collect() }))
}

/// Lists what somebody else's zones run on this machine and where they send credentials, which takes a yes.
fn confirm_risks(cx: &Context, zones: &[(Zone, Option<Secret>)], yes: bool) -> Result<(), Error> {
    let mut risky = false;
    for (zone, _) in zones {
        for (key, source) in zone.references().into_iter().filter(|(_, source)| matches!(source, Source::Command(_))) {
            cx.ui.warn(&format!("zone {} runs a command ({key}): {}", zone.name, sanitize(&source.to_string())));
            risky = true;
        }
        for origin in zone.foreign_origins() {
            cx.ui.warn(&format!("zone {} uses a server besides its issuer: {}", zone.name, sanitize(&origin)));
            risky = true;
        }
    }
    if risky && !yes { cx.confirm("Import these zones?") } else { Ok(()) }
}

/// A replaced zone of the same issuer, client and endpoints keeps its secrets: the TOML has none.
fn keep_secret(former: Option<&Zone>, zone: &mut Zone) {
    let Some(former) = former.filter(|former| former.is_same_client(zone)) else { return };
    let mut keeps = false;
    for (kind, location) in zone.secret_locations_mut() {
        if former.stores(kind) && *location == SecretLocation::None {
            *location = SecretLocation::Stored;
            keeps = true;
        }
    }
    if keeps {
        zone.vault = former.vault;
    }
}

fn from_toml(cx: &Context, args: &Args) -> Result<Vec<Zone>, Error> {
    let source = match &args.source {
        Some(source) => source.clone(),
        None if cx.ui.stdin_terminal() => return Err(error::zone::nothing_to_import()),
        None => Source::Stdin,
    };
    let bytes = cx.read_raw(&source, "zones to import")?;
    let place = match &source {
        Source::Stdin => PathBuf::from("stdin"),
        Source::File(path) => path.clone(),
        other => PathBuf::from(other.to_string()),
    };
    let text = String::from_utf8(bytes).map_err(|_| Fault::NotUtf8 { path: place.clone() })?;
    let imported = transfer::import(&text, &place)?;
    for (zone, left_behind) in imported.iter().filter(|(_, left_behind)| !left_behind.is_empty()) {
        cx.ui.warn(&format!("zone {} comes without its {}", zone.name, left_behind.join(" and ")));
    }
    Ok(imported.into_iter().map(|(zone, _)| zone).collect())
}

fn from_keycloak(cx: &Context) -> Result<Vec<(Zone, Option<Secret>)>, Error> {
    let zones = transfer::from_keycloak(&cx.environment)?.into_iter();
    zones
        .map(|(zone, variable)| Ok((zone, Some(cx.read(&Source::Env(variable.to_owned()), "client secret", None)?))))
        .collect()
}
