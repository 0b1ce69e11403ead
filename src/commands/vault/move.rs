//! `hallpass vault move`: a zone's secrets to another backend.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::commands::zone::stored;
use crate::config::{Backend, Origin};
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::session;
use crate::output::{Render, Text};
use crate::store::Kind;

/// Move a zone's secrets to another vault
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault move prod --to sealed")]
pub struct Args {
    /// The zone
    #[arg(value_name = "ZONE", add = crate::commands::completions::zones())]
    name: String,
    /// Target vault
    #[arg(long, value_name = "VAULT")]
    to: Backend,
}

/// What was moved.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone.
    zone: String,
    /// Where its secrets are stored now.
    vault: String,
    /// The kinds of secrets that were moved.
    moved: Vec<String>,
    /// They were there already.
    #[serde(skip)]
    stays: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let Self { zone, vault, moved, stays } = self;
        Text::Line(match moved.len() {
            _ if *stays => format!("nothing to move: zone {zone} is in the {vault} vault already"),
            1 => format!("1 secret of zone {zone} moved to the {vault} vault"),
            count => format!("{count} secrets of zone {zone} moved to the {vault} vault"),
        })
    }
}

/// Moves: copies all, pins the zone, then removes the old ones. Fails before anything is lost.
///
/// # Errors
/// 3 when the zone is not known, 7 when either vault can't be used.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone_named(&args.name, Origin::Flag)?.zone;
    if zone.ephemeral() {
        return Err(Error::usage("the zone env keeps no secrets"));
    }
    let from = cx.backend_of(&zone)?;
    let mut moved = Vec::new();
    if from != args.to {
        // A refresh that is under way would put its token where the zone no longer looks.
        let _lock = session::lock(cx, &zone)?;
        let (old, new) = (cx.vault(from)?, cx.vault(args.to)?);
        new.status()?;
        let records = cx.edit_config_with(
            |config| {
                let mut zone = config
                    .zone(&args.name)?
                    .ok_or_else(|| Error::config(format!("zone {} was removed meanwhile", args.name)))?;
                zone.vault = Some(args.to);
                config.set_zone(&zone)?;
                let mut records = Vec::new();
                for kind in Kind::ALL {
                    records.extend(old.get(&zone.name, kind)?);
                }
                Ok(records)
            },
            |records, write| {
                stored(cx, &*new, records.iter().map(|record| (args.name.as_str(), record.clone())), write)
            },
        )?;
        for kind in records.iter().map(|record| record.kind) {
            moved.push(kind.to_string());
            if let Err(fault) = old.delete(&zone.name, kind) {
                cx.ui.warn(&format!("a copy of the {kind} stays in the {from} vault: {fault}"));
            }
        }
    }
    Ok(Outcome::view(Answer { zone: zone.name, vault: args.to.to_string(), moved, stays: from == args.to }))
}
