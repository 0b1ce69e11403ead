//! `hallpass helper install`: makes another program call its helper.

use clap::builder::PossibleValuesParser;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{self, Error};
use crate::output::{Render, Text};

use super::installation::{Change, Plan, PlanFlags, State, program_names};

/// Make another program call its helper
///
/// Adds a link or a line to the program's configuration, and nothing that is there already. With --zone the helper uses
/// that zone, else the zone that names the host. --dry-run shows what would change.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # See what would change, then change it
  $ hallpass helper install git --dry-run
  $ hallpass helper install git")]
pub struct Args {
    /// The program
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(program_names()))]
    name: String,
    #[command(flatten)]
    flags: PlanFlags,
}

/// A change to a file.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// `added`, `removed`, `unchanged`; with --dry-run `would add`, `would remove`.
    action: &'static str,
    /// The file.
    path: String,
    /// What was added or removed.
    what: String,
}

/// What was changed.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| vec![one.action.to_owned(), one.path.clone(), one.what.clone()];
        Text::Table { head: &["action", "path", "what"], rows: self.0.iter().map(row).collect() }
    }
}

impl Answer {
    pub fn of(changes: impl IntoIterator<Item = (&'static str, Change)>) -> Self {
        let row = |(action, change): (&'static str, Change)| {
            let (path, what) = (change.path().to_string_lossy().into_owned(), change.describe());
            Row { action, path, what }
        };
        Self(changes.into_iter().map(row).collect())
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let plan = Plan::new(cx, &args.name, &args.flags)?;
    let mut missing = Vec::new();
    for change in &plan.changes {
        match change.state()? {
            State::Blocked(what) => return Err(error::helper::blocked(&what, &change.describe())),
            State::NoFile => return Err(error::helper::no_regular_file(change.path())),
            state => missing.push(state == State::Absent),
        }
    }
    let mut done = Vec::new();
    for (change, missing) in plan.changes.into_iter().zip(missing) {
        let action = match (missing, cx.is_dry()) {
            (false, _) => "unchanged",
            (true, true) => "would add",
            (true, false) => change.make().map(|()| "added")?,
        };
        done.push((action, change));
    }
    for note in &plan.notes {
        cx.ui.info(note);
    }
    if let Some(directory) = plan.on_path
        && !cx.environment.os("PATH").is_some_and(|path| std::env::split_paths(path).any(|one| one == directory))
    {
        cx.ui.warn(&format!("{} is not on PATH, where the program looks for its helper", directory.display()));
    }
    Ok(Outcome::view(Answer::of(done)))
}
