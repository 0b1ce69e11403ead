//! `hallpass helper list`: the programs that can call hallpass, and which of them do.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};

use super::installation::{Change, Plan, PlanFlags, State, program_names};

/// List the helpers, and whether they are installed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Which programs get tokens by themselves
  $ hallpass helper list")]
pub struct Args {
    #[command(flatten)]
    flags: PlanFlags,
}

/// A program.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// Its name.
    name: &'static str,
    /// `installed`, `partly`, `no`, or `by hand` where there is nothing to install.
    state: &'static str,
}

/// The programs.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| vec![one.name.to_owned(), one.state.to_owned()];
        Text::Table { head: &["name", "state"], rows: self.0.iter().map(row).collect() }
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    args.flags.check(cx)?;
    let row = |name| Row { name, state: find_state(cx, name, &args.flags) };
    Ok(Outcome::view(Answer(program_names().map(row).into())))
}

/// The state of each helper, by its name.
pub fn states(cx: &Context) -> Vec<(&'static str, &'static str)> {
    program_names().map(|name| (name, find_state(cx, name, &PlanFlags::default()))).into()
}

/// What can't be planned, for want of a host, is not installed.
fn find_state(cx: &Context, name: &str, flags: &PlanFlags) -> &'static str {
    let Ok(plan) = Plan::new(cx, name, flags) else { return "no" };
    let present = |change: &_| Change::state(change).is_ok_and(|state| state == State::Present);
    match plan.changes.iter().filter(|change| present(*change)).count() {
        _ if plan.changes.is_empty() => "by hand",
        0 => "no",
        count if count == plan.changes.len() => "installed",
        _ => "partly",
    }
}
