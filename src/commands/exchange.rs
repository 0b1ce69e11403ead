//! `hallpass exchange`: one token for another (RFC 8693).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::token::exchange::{self, Exchanged};
use crate::flows::token::request::TokenRequest;
use crate::oauth::exchange::{ACCESS_TOKEN, ExchangeGrant, RESERVED, TypedToken, type_uri};
use crate::oauth::grant::Grant;
use crate::oauth::parameters::TokenParameters;
use crate::output::{Render, Text};
use crate::source::Source;

use super::Outcome;
use super::request::{parameter, scopes, split};
use super::token::rendered;
use super::token_output::{TokenOutput, parse_variable};

/// Exchange a token for another audience or on behalf of a user
///
/// T is access, id, refresh, jwt, saml1, saml2 or the URI of a type. With --cache the new token is reused for the same
/// subject token until it is due for renewal.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass exchange --subject-token-from - --audience orders\n  $ hallpass token | hallpass exchange --subject-token-from - --scope read --json\n  $ hallpass token | hallpass exchange --subject-token-from - --requested-type jwt --cache --format env"
)]
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
    /// Request a token for this audience; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// Request a token for this resource (RFC 8707); repeatable
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// Request these scopes; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = scopes)]
    scope: Vec<String>,
    /// Send this additional parameter; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = exchange_parameter)]
    param: Vec<(String, String)>,
    /// Cache the new token and reuse it for the same subject token
    #[arg(long)]
    cache: bool,
    /// Variable to set, with a --format that sets one
    #[arg(long, value_name = "VAR", default_value = "ACCESS_TOKEN", value_parser = parse_variable)]
    name: String,
}

/// The members of the answer: the server's as they came, and when the token expires.
#[derive(Serialize, JsonSchema)]
pub struct Shape {
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
    /// What the server granted, where it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Value>,
    /// When it expires, RFC 3339 in UTC; null when nobody said.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// Whatever else the server said.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The new token.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Answer {
    #[schemars(with = "Shape")]
    members: Map<String, Value>,
    /// The token in the format that was asked for.
    #[serde(skip)]
    text: String,
}

impl Answer {
    fn new(exchanged: Exchanged, text: String) -> Self {
        let Exchanged { token, mut members } = exchanged;
        let expires_at = token.expires_at;
        members.insert("expires_at".to_owned(), json!(expires_at.map(Moment::rfc3339)));
        members.insert("expires_at_epoch".to_owned(), json!(expires_at.map(Moment::epoch)));
        Self { members, text }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.text))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let token_output = TokenOutput::new(cx, &args.name)?;
    let zone = cx.zone()?.zone;
    let read = |source: &Source, kind: &str| {
        let token = cx.read_hidden(source, Some(&zone))?;
        Ok::<_, Error>(TypedToken { token, kind: kind.to_owned() })
    };
    let subject = read(&args.subject_token_from, &args.subject_type)?;
    let actor_type = args.actor_type.as_deref().unwrap_or(ACCESS_TOKEN);
    let actor = args.actor_token_from.as_ref().map(|source| read(source, actor_type)).transpose()?;
    let mut request = TokenRequest::of(&zone);
    if request.grant != Grant::TokenExchange {
        // Scopes and audiences of another grant mean nothing here.
        request.parameters = TokenParameters::default();
    }
    // The types that a zone sets for its own exchanges have flags here.
    let own = zone.params.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    let (extra, scope): (Vec<_>, _) = (own.chain(&args.param).cloned().collect(), split(&args.scope));
    let parameters = request.asking_for(&scope, &args.audience, &args.resource).parameters;
    let grant = ExchangeGrant {
        subject: &subject,
        actor: actor.as_ref(),
        requested: args.requested_type.as_deref(),
        parameters: TokenParameters { extra: &extra, ..parameters },
    };
    let exchange = if args.cache { exchange::get_or_exchange } else { exchange::exchange_token };
    let exchanged = exchange(cx, &zone, &grant)?;
    let Some(text) = rendered(cx, token_output, &exchanged.token, None)? else { return Ok(Outcome::Exit(0)) };
    Ok(Outcome::view(Answer::new(exchanged, text)))
}

/// Reads `NAME=VALUE`; what has a flag of its own is refused.
fn exchange_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = parameter(text)?;
    if RESERVED.contains(&name.as_str()) {
        return Err(format!("{name} has a flag of its own"));
    }
    Ok((name, value))
}
