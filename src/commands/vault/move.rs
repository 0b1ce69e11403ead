//! `hallpass vault move`: a zone's secrets to another backend.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::zone::stored;
use crate::commands::{Outcome, shape};
use crate::config::{Backend, Origin};
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::session;
use crate::output::{Text, View};
use crate::store::Kind;

/// Move a zone's secrets to another vault
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault move prod --to sealed")]
pub struct Args {
    /// The zone
    #[arg(value_name = "ZONE", add = crate::commands::completions::zones())]
    name: String,
    /// Where to
    #[arg(long, value_name = "VAULT")]
    to: Backend,
}

/// The JSON answer of `vault move`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The zone.
    zone: String,
    /// Where its secrets rest now.
    vault: String,
    /// The kinds of secrets that were moved.
    moved: Vec<String>,
}

struct Answer {
    zone: String,
    to: Backend,
    moved: Vec<Kind>,
    /// It rests there already.
    stays: bool,
}

impl View for Answer {
    fn json(&self) -> Value {
        let moved: Vec<String> = self.moved.iter().map(Kind::to_string).collect();
        shape(&Shape { zone: self.zone.clone(), vault: self.to.to_string(), moved })
    }

    fn text(&self) -> Text {
        if self.stays {
            return Text::Line(format!("nothing to move: zone {} is in the {} vault already", self.zone, self.to));
        }
        Text::Line(format!("{} of zone {} moved to the {} vault", count(self.moved.len()), self.zone, self.to))
    }
}

fn count(secrets: usize) -> String {
    if secrets == 1 { "1 secret".to_owned() } else { format!("{secrets} secrets") }
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
            moved.push(kind);
            if let Err(fault) = old.delete(&zone.name, kind) {
                cx.ui.warn(&format!("a copy of the {kind} stays in the {from} vault: {fault}"));
            }
        }
    }
    Ok(Outcome::view(Answer { zone: zone.name, to: args.to, moved, stays: from == args.to }))
}
