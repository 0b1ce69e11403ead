//! `hallpass exchange`: one token for another (RFC 8693).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, usage};
use crate::flows::token::exchange::{self, Exchanged};
use crate::flows::token::request::TokenRequest;
use crate::oauth::exchange::{ACCESS_TOKEN, ExchangeGrant, RESERVED, TypedToken, type_uri};
use crate::oauth::grant::Grant;
use crate::oauth::parameters::TokenParameters;
use crate::output::{Render, Text};
use crate::source::Source;

use super::Outcome;
use super::request::{ParameterFlags, ParameterLists};
use super::token::write_token;
use super::token_output::{TokenOutput, VariableFlag};

/// Exchange a token for another audience or on behalf of a user
///
/// T is access, id, refresh, jwt, saml1, saml2 or the URI of a type. With --cache the new token is reused for the same
/// subject token until it is due for renewal.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # Exchange a caller's token for one with another audience
  $ hallpass exchange --subject-token-from file:caller.jwt --audience orders

  # From stdin, with the whole answer
  $ hallpass token | \
      hallpass exchange --subject-token-from - --scope read --json

  # Cache the issued token, and set a shell variable
  $ T=$(hallpass exchange --subject-token-from file:caller.jwt --cache \
      --format env) && eval "$T""#)]
pub struct Args {
    /// Read the token to exchange from SOURCE
    #[arg(long, value_name = "SOURCE")]
    subject_token_from: Source,
    /// The type of the subject token
    #[arg(long, value_name = "T", default_value = "access", value_parser = type_uri)]
    subject_type: String,
    /// Read the actor token from SOURCE
    #[arg(long, value_name = "SOURCE")]
    actor_token_from: Option<Source>,
    /// The type of the actor token (default: access)
    #[arg(long, value_name = "T", requires = "actor_token_from", value_parser = type_uri)]
    actor_type: Option<String>,
    /// Request a token of this type
    #[arg(long, value_name = "T", value_parser = type_uri)]
    requested_type: Option<String>,
    #[command(flatten)]
    parameters: ParameterFlags,
    /// Cache the new token and reuse it for the same subject token
    #[arg(long)]
    cache: bool,
    #[command(flatten)]
    variable: VariableFlag,
}

/// The members as the server gave them.
#[derive(Serialize, JsonSchema)]
struct Served {
    /// The new token, whatever its type.
    access_token: String,
    /// Its type, a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<String>,
    /// `Bearer`, as a rule; `N_A` for a token that is no access token.
    token_type: String,
    /// Seconds that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<Value>,
    /// The granted scope, if the server returned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Value>,
    /// Whatever else the server returned.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The new token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    #[serde(flatten)]
    #[schemars(with = "Served")]
    served: Map<String, Value>,
    /// When it expires, RFC 3339 in UTC; null when that is unknown.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The token in the requested format.
    #[serde(skip)]
    text: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.text))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    if let Some((name, _)) = args.parameters.param.iter().find(|(name, _)| RESERVED.contains(&name.as_str())) {
        return Err(usage::invalid_value("--param <NAME=VALUE>", &format!("{name} has a flag of its own")));
    }
    let token_output = TokenOutput::new(cx, args.variable.name(), None)?;
    let Exchanged { token, members } = exchange_token(cx, args)?;
    let Some(text) = write_token(cx, token_output, &token, None)? else { return Ok(Outcome::Exit(0)) };
    Ok(Outcome::view(Answer {
        served: members,
        expires_at: token.expires_at.map(Moment::rfc3339),
        expires_at_epoch: token.expires_at.map(Moment::epoch),
        text,
    }))
}

fn exchange_token(cx: &Context, args: &Args) -> Result<Exchanged, Error> {
    let zone = cx.zone()?.zone;
    let read = |source: &Source, what: &str, kind: &str| {
        let token = cx.read_hidden(source, &format!("{what} for zone {}", zone.name), Some(&zone))?;
        Ok::<_, Error>(TypedToken { token, kind: kind.to_owned() })
    };
    let subject = read(&args.subject_token_from, "subject token", &args.subject_type)?;
    let actor_type = args.actor_type.as_deref().unwrap_or(ACCESS_TOKEN);
    let actor = args.actor_token_from.as_ref().map(|source| read(source, "actor token", actor_type)).transpose()?;
    // The zone's parameters for its own exchanges have flags here.
    let extra: Vec<_> = zone.params.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())).cloned().collect();
    let mut request = TokenRequest::of(&zone);
    if request.grant != Grant::TokenExchange {
        // These settings of a zone with another grant are for that grant alone.
        request.parameters = TokenParameters::default();
    }
    request.parameters.extra = &extra;
    let mut lists = ParameterLists::default();
    let parameters = args.parameters.apply_to(request, &mut lists).parameters;
    let requested = args.requested_type.as_deref();
    let grant = ExchangeGrant { subject: &subject, actor: actor.as_ref(), requested, parameters };
    let exchange = if args.cache { exchange::get_or_exchange } else { exchange::exchange_token };
    exchange(cx, &zone, &grant)
}
