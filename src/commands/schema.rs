//! `hallpass schema`: the JSON Schema of each answer.

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::{Error, usage};
use crate::output::{Render, Text, pretty};

use super::Outcome;

/// Print the JSON Schema of an answer, or list all output schemas
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # List all output schemas
  $ hallpass schema

  # The schema of an answer
  $ hallpass schema token
  $ hallpass schema zone add

  # A flag may select another answer
  $ hallpass schema 'header --dpop'")]
pub struct Args {
    /// The words of the subcommand
    name: Vec<String>,
}

/// The names of the output schemas.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<String>);

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Lines(self.0.clone())
    }
}

/// The answer of `schema NAME`.
#[derive(Serialize, JsonSchema)]
pub struct Document(#[schemars(with = "Map<String, Value>")] Value);

impl Render for Document {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", pretty(&self.0)))
    }
}

pub fn run(_cx: &Context, args: &Args, mut schemas: Vec<(String, fn() -> Schema)>) -> Result<Outcome, Error> {
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    let wanted = args.name.join(" ");
    if let Some((_, schema)) = schemas.iter().find(|(name, _)| *name == wanted) {
        return Ok(Outcome::view(Document(Value::from(schema()))));
    }
    let names: Vec<String> = schemas.into_iter().map(|(name, _)| name).collect();
    if args.name.is_empty() { Ok(Outcome::view(Answer(names))) } else { Err(usage::unknown_schema(&wanted, &names)) }
}
