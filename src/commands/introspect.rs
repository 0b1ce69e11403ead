//! `hallpass introspect`: what the authorization server says of a token.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::introspection;
use crate::oauth::claim;
use crate::output::{Render, Text};
use crate::source::Source;

use super::named_value::named_value;
use super::{Outcome, TOKEN_TYPES, read_token_to_send};

/// Ask the authorization server whether a token is active, and its claims
///
/// Exit 0 if it is active, 1 if not. The server gives no reason for an inactive token (RFC 7662 §2.2): it expired, was
/// revoked, is unknown, or this client may not know.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass introspect\n  $ hallpass token | hallpass introspect - --json --hint access_token\n  $ hallpass token | hallpass introspect --jwt"
)]
pub struct Args {
    /// Where to read the token (default: stdin)
    #[arg(value_name = "SOURCE")]
    source: Option<Source>,
    /// Tell the server what kind of token it is
    #[arg(long, value_name = "KIND", value_parser = named_value(TOKEN_TYPES))]
    hint: Option<&'static str>,
    /// Request a signed answer and verify it (RFC 9701)
    #[arg(long)]
    jwt: bool,
}

/// The members of the answer as served (RFC 7662 §2.2), and their times in RFC 3339.
#[derive(Serialize, JsonSchema)]
pub struct Shape {
    /// Whether the token is active.
    active: bool,
    /// `exp` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp_at: Option<String>,
    /// `iat` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat_at: Option<String>,
    /// `nbf` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf_at: Option<String>,
    /// Whatever else the server said.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// What the server says about the token.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Answer {
    #[schemars(with = "Shape")]
    members: Map<String, Value>,
    /// The members as served.
    #[serde(skip)]
    served: Map<String, Value>,
}

impl Answer {
    fn new(served: Map<String, Value>) -> Self {
        let mut members = served.clone();
        for (name, at) in [("exp", "exp_at"), ("iat", "iat_at"), ("nbf", "nbf_at")] {
            if let Some(seconds) = claim::date(&served, name) {
                members.insert(at.to_owned(), json!(Moment::from_epoch(seconds).rfc3339()));
            }
        }
        Self { members, served }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        let field = |(name, value): (&String, &Value)| {
            let at = matches!(name.as_str(), "exp" | "iat" | "nbf").then(|| claim::date(&self.served, name)).flatten();
            let text = match (at, value) {
                (Some(seconds), value) => format!("{value} ({})", Moment::from_epoch(seconds).rfc3339()),
                (None, Value::String(text)) => text.clone(),
                (None, other) => other.to_string(),
            };
            (name.clone(), text)
        };
        Text::Fields(self.served.iter().map(field).collect())
    }

    fn negative(&self) -> bool {
        self.served.get("active") != Some(&Value::Bool(true))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    let token = read_token_to_send(cx, args.source.as_ref(), Some(&zone))?;
    let members = introspection::introspect_token(cx, &zone, &token, args.hint, args.jwt)?;
    if members.get("active") == Some(&Value::Bool(false))
        && let Some(doubt) = introspection::explain_inactive(cx, &zone, &token)
    {
        cx.ui.info(&doubt);
    }
    Ok(Outcome::view(Answer::new(members)))
}
