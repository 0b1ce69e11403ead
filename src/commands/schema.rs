//! `hallpass schema`: the JSON Schema of each answer.

use schemars::{Schema, schema_for};
use serde_json::Value;

use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View, pretty};

use super::{
    Outcome, authorize_url, bearer, check, client, discover, exchange, header, inspect, introspect, kong, login,
    logout, par, pkce, revoke, status, token, vault, zone,
};

/// Print the JSON Schema of an answer, or the names of all answers
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass schema\n  $ hallpass schema token")]
pub struct Args {
    /// The answer
    name: Option<String>,
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

/// Each answer by the words of its subcommand.
fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("authorize-url", schema_for!(authorize_url::Shape)),
        ("bearer add", schema_for!(bearer::AddShape)),
        ("bearer check", schema_for!(bearer::CheckShape)),
        ("bearer disable", schema_for!(bearer::ChangeShape)),
        ("bearer enable", schema_for!(bearer::ChangeShape)),
        ("bearer generate", schema_for!(bearer::GenerateShape)),
        ("bearer lint", schema_for!(Vec<bearer::LintShape>)),
        ("bearer list", schema_for!(Vec<bearer::Shape>)),
        ("bearer prune", schema_for!(bearer::ChangeShape)),
        ("bearer remove", schema_for!(bearer::ChangeShape)),
        ("bearer rotate", schema_for!(bearer::RotateShape)),
        ("check", schema_for!(check::Shape)),
        ("client delete", schema_for!(client::DeleteShape)),
        ("client list", schema_for!(Vec<client::ListShape>)),
        ("client register", schema_for!(client::Shape)),
        ("discover", schema_for!(discover::Shape)),
        ("error", schema_for!(crate::error::Shape)),
        ("exchange", schema_for!(exchange::Shape)),
        ("header", schema_for!(header::Shape)),
        ("header --dpop", schema_for!(header::DpopShape)),
        ("header --read", schema_for!(header::ReadShape)),
        ("inspect", schema_for!(inspect::Shape)),
        ("introspect", schema_for!(introspect::Shape)),
        ("kong sign", schema_for!(kong::SignShape)),
        ("login", schema_for!(login::Shape)),
        ("logout", schema_for!(Vec<logout::Shape>)),
        ("par", schema_for!(par::Shape)),
        ("pkce", schema_for!(pkce::Shape)),
        ("revoke", schema_for!(revoke::Shape)),
        ("status", schema_for!(Vec<status::Shape>)),
        ("token", schema_for!(token::Shape)),
        ("token list", schema_for!(Vec<token::ListShape>)),
        ("vault list", schema_for!(Vec<vault::ListShape>)),
        ("vault status", schema_for!(vault::StatusShape)),
        ("zone add", schema_for!(zone::AddShape)),
        ("zone list", schema_for!(Vec<zone::ListShape>)),
    ]
}

/// Prints one schema, or the names.
///
/// # Errors
/// 2 when there is no such answer.
pub fn run(_cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let schemas = schemas();
    let names: Vec<String> = schemas.iter().map(|(name, _)| (*name).to_owned()).collect();
    let Some(wanted) = &args.name else {
        return Ok(Outcome::view(Answer { json: Value::from(names.clone()), text: Text::Lines(names) }));
    };
    let Some((_, schema)) = schemas.into_iter().find(|(name, _)| name == wanted) else {
        return Err(Error::usage("there is no answer of that name").hint(format!("there are: {}", names.join(", "))));
    };
    let json = Value::from(schema);
    Ok(Outcome::view(Answer { text: Text::Document(format!("{}\n", pretty(&json))), json }))
}
