//! `hallpass introspect`: asks the authorization server about a token.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::introspection;
use crate::oauth::claim;
use crate::output::{Render, Text, to_cell};
use crate::source::Source;

use super::named_value::named_value;
use super::{Outcome, TOKEN_TYPES, read_token_to_send};

/// Ask the server whether a token is active, and its claims
///
/// Exit 0 if it is active, 1 if not. The server gives no reason for an inactive token (RFC 7662 §2.2): it expired, was
/// revoked, is unknown, or this client may not introspect it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Exit 0 if the token is active, 1 if not
  $ hallpass introspect file:caller.jwt

  # Say what kind of token it is
  $ hallpass token | hallpass introspect --hint access_token --json

  # Ask for a signed answer (RFC 9701)
  $ hallpass token | hallpass introspect --jwt")]
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

/// The members as the server gave them (RFC 7662 §2.2).
#[derive(Serialize, JsonSchema)]
struct Served {
    /// Whether the token is active.
    active: bool,
    /// Whatever else the server returned.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The server's answer, with its times in RFC 3339.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    #[serde(flatten)]
    #[schemars(with = "Served")]
    served: Map<String, Value>,
    /// `exp` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp_at: Option<String>,
    /// `iat` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat_at: Option<String>,
    /// `nbf` in RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf_at: Option<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let field = |(name, value): (&String, &Value)| {
            let at = match name.as_str() {
                "exp" => &self.exp_at,
                "iat" => &self.iat_at,
                "nbf" => &self.nbf_at,
                _ => &None,
            };
            let text = at.as_ref().map_or_else(|| to_cell(value), |at| format!("{value} ({at})"));
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
    let served = introspection::introspect_token(cx, &zone, &token, args.hint, args.jwt)?;
    if served.get("active") == Some(&Value::Bool(false))
        && let Some(reason) = introspection::explain_inactive(cx, &zone, &token)
    {
        cx.ui.info(&reason);
    }
    let [exp_at, iat_at, nbf_at] =
        ["exp", "iat", "nbf"].map(|name| claim::date(&served, name).map(|at| Moment::from_epoch(at).rfc3339()));
    Ok(Outcome::view(Answer { served, exp_at, iat_at, nbf_at }))
}
