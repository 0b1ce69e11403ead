//! `hallpass schema`: the JSON Schema of each answer.

use schemars::Schema;
use serde_json::Value;

use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View, pretty};

use super::Outcome;

/// Print the JSON Schema of an answer, or the names of all answers
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass schema\n  $ hallpass schema token\n  $ hallpass schema zone add\n  $ hallpass schema 'header --dpop'"
)]
pub struct Args {
    /// The answer: the words of its subcommand
    name: Vec<String>,
}

struct Answer {
    json: Value,
    text: Text,
}

impl View for Answer {
    fn json(&self) -> Value {
        self.json.clone()
    }

    fn text(&self) -> Text {
        self.text.clone()
    }
}

/// Prints one schema, or the names.
///
/// # Errors
/// 2 when there is no such answer.
pub fn run(_cx: &Context, args: &Args, mut schemas: Vec<(String, fn() -> Schema)>) -> Result<Outcome, Error> {
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    let names: Vec<String> = schemas.iter().map(|(name, _)| name.clone()).collect();
    if args.name.is_empty() {
        return Ok(Outcome::view(Answer { json: Value::from(names.clone()), text: Text::Lines(names) }));
    }
    let wanted = args.name.join(" ");
    let Some((_, schema)) = schemas.into_iter().find(|(name, _)| *name == wanted) else {
        return Err(Error::usage("there is no answer of that name").hint(format!("there are: {}", names.join(", "))));
    };
    let json = Value::from(schema());
    Ok(Outcome::view(Answer { text: Text::Document(format!("{}\n", pretty(&json))), json }))
}
