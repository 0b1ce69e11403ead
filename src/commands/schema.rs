//! `hallpass schema`: the JSON Schema of each answer.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View, pretty};

use super::{
    Outcome, authorize_url, bearer, check, client, completions, discover, exchange, header, help, inspect, introspect,
    kong, login, logout, man, par, pkce, revoke, status, token, vault, zone,
};

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

/// The schema of what is written: a member that is always there is required, though it may be null.
fn written<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

macro_rules! schema_for {
    ($shape:ty) => {
        written::<$shape>()
    };
}

/// Each answer by the words of its subcommand, with the flag that makes it another one.
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
        ("client rotate", schema_for!(client::Shape)),
        ("client show", schema_for!(client::Shape)),
        ("client update", schema_for!(client::Shape)),
        ("completions", schema_for!(completions::Shape)),
        ("discover", schema_for!(discover::Shape)),
        ("discover --diff", schema_for!(discover::DiffShape)),
        ("discover --field", schema_for!(Value)),
        ("discover --raw", schema_for!(Map<String, Value>)),
        ("discover --require", schema_for!(discover::RequireShape)),
        ("error", schema_for!(crate::error::Shape)),
        ("exchange", schema_for!(exchange::Shape)),
        ("header", schema_for!(header::Shape)),
        ("header --dpop", schema_for!(header::DpopShape)),
        ("header --read", schema_for!(header::ReadShape)),
        ("help", schema_for!(help::Shape)),
        ("inspect", schema_for!(inspect::Shape)),
        ("introspect", schema_for!(introspect::Shape)),
        ("kong sign", schema_for!(kong::SignShape)),
        ("login", schema_for!(login::Shape)),
        ("logout", schema_for!(Vec<logout::Shape>)),
        ("man", schema_for!(man::Shape)),
        ("man DIR", schema_for!(man::DirShape)),
        ("par", schema_for!(par::Shape)),
        ("pkce", schema_for!(pkce::Shape)),
        ("revoke", schema_for!(revoke::Shape)),
        ("schema", schema_for!(Vec<String>)),
        ("schema NAME", schema_for!(Map<String, Value>)),
        ("status", schema_for!(Vec<status::Shape>)),
        ("token", schema_for!(token::Shape)),
        ("token forget", schema_for!(token::ForgetShape)),
        ("token list", schema_for!(Vec<token::ListShape>)),
        ("vault list", schema_for!(Vec<vault::ListShape>)),
        ("vault move", schema_for!(vault::MoveShape)),
        ("vault status", schema_for!(vault::StatusShape)),
        ("zone add", schema_for!(zone::AddShape)),
        ("zone default", schema_for!(zone::DefaultShape)),
        ("zone edit", schema_for!(zone::AddShape)),
        ("zone export", schema_for!(zone::ExportShape)),
        ("zone has", schema_for!(zone::HasShape)),
        ("zone import", schema_for!(zone::ImportShape)),
        ("zone list", schema_for!(Vec<zone::ListShape>)),
        ("zone path", schema_for!(zone::PathShape)),
        ("zone remove", schema_for!(zone::RemoveShape)),
        ("zone rename", schema_for!(zone::RenameShape)),
        ("zone show", schema_for!(zone::ShowShape)),
    ]
}

/// Prints one schema, or the names.
///
/// # Errors
/// 2 when there is no such answer.
pub fn run(_cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let schemas = schemas();
    let names: Vec<String> = schemas.iter().map(|(name, _)| (*name).to_owned()).collect();
    if args.name.is_empty() {
        return Ok(Outcome::view(Answer { json: Value::from(names.clone()), text: Text::Lines(names) }));
    }
    let wanted = args.name.join(" ");
    let Some((_, schema)) = schemas.into_iter().find(|(name, _)| *name == wanted) else {
        return Err(Error::usage("there is no answer of that name").hint(format!("there are: {}", names.join(", "))));
    };
    let json = Value::from(schema);
    Ok(Outcome::view(Answer { text: Text::Document(format!("{}\n", pretty(&json))), json }))
}
