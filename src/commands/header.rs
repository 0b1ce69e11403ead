//! `hallpass header`: an `Authorization` header line, made or read.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::{self, Error, exit, usage};
use crate::oauth::bearer::Grammar;
use crate::oauth::{bearer, client_auth};
use crate::output::{Printed, Render, Text};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::token_file::{Entry, State};
use crate::store::{Token, TokenFile};

use super::Outcome;
use super::request::{TokenFlags, verified_id_token};
use super::token_output::{TokenOutput, answer_or_write};

mod dpop;
mod name;
mod server_token;

use name::parse_field_name;
use server_token::server_value;

pub use dpop::{Lines, bound_value, prove_token, refuse_bound};

/// The flags of a zone's token.
const TOKEN_REQUEST: [&str; 8] =
    ["ParameterFlags", "grant", "assertion_from", "subject_token_from", "min_ttl", "fresh", "no_cache", "explain"];

/// Print the Authorization header with an access token
///
/// The header can carry a static token (--from, --tokens-file) or client credentials (--basic) instead. --dpop prints a
/// token that is bound to the zone's key, and the proof for one request. --read does the reverse: it reads a header value
/// and prints the bearer token in it. With a --format that sets a variable, the variable is named after the header:
/// AUTHORIZATION holds the line, or with --value the value.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(after_help = r#"Examples:
  # Send a request with curl; without a token nothing is sent
  $ H=$(hallpass header) && curl -H "$H" https://api.example/

  # Only the value, with one scope
  $ hallpass header --value --scope read

  # A static token, in a header of its own
  $ hallpass header --from env:API_SECRET --prefix 'Token ' --name X-Api-Token

  # A token of a token file
  $ hallpass header --tokens-file tokens.txt --label ci

  # Get the token out of a header line
  $ hallpass header | hallpass header --read - --line

  # A DPoP proof for one request
  $ hallpass header -z bound --dpop --method GET --url https://api.example/"#)]
#[command(group = clap::ArgGroup::new("what").args(["from", "basic", "basic_raw", "read", "tokens_file"]))]
pub struct Args {
    #[command(flatten)]
    flags: TokenFlags,
    /// Use the ID token instead of the access token
    #[arg(long, conflicts_with_all = ["what", "dpop"])]
    id_token: bool,
    /// Print only the value
    #[arg(long)]
    value: bool,
    /// Name of the header (default: Authorization)
    #[arg(long, value_name = "NAME", value_parser = parse_field_name)]
    name: Option<String>,
    /// Use the static token or secret from SOURCE instead of a zone's token
    #[arg(long, value_name = "SOURCE", conflicts_with_all = TOKEN_REQUEST)]
    from: Option<Source>,
    /// Prefix of the value of --from
    #[arg(long, value_name = "PREFIX", requires = "from", conflicts_with = "tokens_file")]
    prefix: Option<String>,
    /// With --from: accept characters that RFC 6750 does not allow in a bearer token
    #[arg(long, requires = "from")]
    any_characters: bool,
    /// Use the first active token of this token file
    #[arg(long, value_name = "FILE", conflicts_with_all = TOKEN_REQUEST)]
    tokens_file: Option<PathBuf>,
    /// With --tokens-file: the first token with this label
    #[arg(long, value_name = "LABEL", requires = "tokens_file")]
    label: Option<String>,
    /// Use the zone's client credentials, form-encoded (RFC 6749 §2.3.1)
    #[arg(long, conflicts_with_all = TOKEN_REQUEST)]
    basic: bool,
    /// Use the zone's client credentials as they are (RFC 7617)
    #[arg(long, conflicts_with_all = TOKEN_REQUEST)]
    basic_raw: bool,
    /// Use this id with --basic or --basic-raw instead of a zone's
    #[arg(long, value_name = "ID", requires = "secret_from")]
    user: Option<String>,
    /// Read the secret of --user from SOURCE
    #[arg(long, value_name = "SOURCE", requires = "user")]
    secret_from: Option<Source>,
    /// Read an Authorization value from SOURCE and print its bearer token
    #[arg(long, value_name = "SOURCE", conflicts_with_all = TOKEN_REQUEST, conflicts_with_all = ["name", "value"])]
    read: Option<Source>,
    /// With --read: accept a whole `Authorization: …` line
    #[arg(long, requires = "read")]
    line: bool,
    /// Write to FILE (0600, atomically)
    ///
    /// Replaces the whole file; to add: hallpass header >>FILE
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    proof: dpop::Proof,
}

/// A header line.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The name of the header.
    name: String,
    /// Its value.
    value: Printed,
    /// The line, or its value, in the requested format.
    #[serde(skip)]
    text: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.text))
    }
}

/// The answer of `header --read`.
#[derive(Serialize, JsonSchema)]
pub struct Bearer {
    /// The bearer token in the value.
    token: Printed,
}

impl Render for Bearer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.token.0.expose()))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let local =
        args.from.is_some() || args.read.is_some() || args.tokens_file.is_some() || args.basic || args.basic_raw;
    cx.require_request(!local)?;
    if cx.options.format_given && cx.ui.format().is_for_tokens() && (args.read.is_some() || args.proof.dpop) {
        return Err(usage::conflict(if args.proof.dpop { "--dpop" } else { "--read" }, "a --format for tokens"));
    }
    let output = args.output.as_deref();
    if let Some(source) = &args.read {
        let field = cx.read(source, "value of Authorization", None)?;
        return match bearer::read_header(field.expose(), args.line)? {
            Some(token) => answer_or_write(cx, Bearer { token: Printed(token) }, output),
            None => Ok(Outcome::Exit(exit::NO)),
        };
    }
    if args.proof.dpop {
        return answer_or_write(cx, dpop::prove_request(cx, &args.flags, &args.proof)?, output);
    }
    if args.user.is_some() && !args.basic && !args.basic_raw {
        return Err(usage::needs("--user", "--basic or --basic-raw"));
    }
    let name = args.name.as_deref().unwrap_or("Authorization");
    let token_output = TokenOutput::new(cx, &variable_name(name), output)?;
    let mut prefix = "Bearer ";
    let value = if let Some(source) = &args.from {
        prefix = args.prefix.as_deref().unwrap_or(prefix);
        read_static_value(cx, source, args.prefix.as_deref(), args.any_characters)?
    } else if let Some(file) = &args.tokens_file {
        bearer::header_value("Bearer ", &find_live_token(cx, file, args.label.as_deref())?)?
    } else if args.basic || args.basic_raw {
        prefix = "Basic ";
        basic_value(cx, args)?
    } else if args.id_token {
        bearer::header_value("Bearer ", &verified_id_token(cx, &args.flags.obtain_token(cx)?)?)?
    } else {
        bearer_value(cx, &args.flags.obtain_token_for(cx, &dpop::refuse_bound)?.token)?
    };
    let line = format!("{name}: {}", value.expose());
    let shown = if args.value { value.expose() } else { &line };
    let secret = Secret::new(value.expose().strip_prefix(prefix).unwrap_or_else(|| value.expose()));
    let Some(text) = token_output.write(cx, shown, &secret, &line)? else { return Ok(Outcome::Exit(0)) };
    answer_or_write(cx, Answer { name: name.to_owned(), value: Printed(value), text }, output)
}

/// The variable for a header of this name: `X_API_TOKEN` for `X-Api-Token`.
fn variable_name(name: &str) -> String {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let begin = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    begin.chars().chain(name.chars().map(sign)).collect()
}

/// The value for a token; only a bearer token may be presented without proof.
pub fn bearer_value(cx: &Context, token: &Token) -> Result<Secret, Error> {
    match token.token_type.as_str() {
        "Bearer" => server_value(cx, "Bearer ", &token.access_token),
        "DPoP" => Err(error::token::proof_required(&token.provenance.zone)),
        other => Err(error::token::unusable_type(other)),
    }
}

/// A static token behind `Bearer `, or any secret behind a prefix of the caller's.
fn read_static_value(
    cx: &Context,
    source: &Source,
    prefix: Option<&str>,
    any_characters: bool,
) -> Result<Secret, Error> {
    let secret = cx.read(source, if prefix.is_some() { "secret" } else { "token" }, None)?;
    if prefix.is_none() && !any_characters && !bearer::is_b64token(secret.expose()) {
        return Err(error::bearer::static_token_without_prefix(source));
    }
    let grammar = Some(Grammar::B64Token).filter(|_| !any_characters);
    Ok(bearer::header_value_of(prefix.unwrap_or("Bearer "), &secret, grammar)?)
}

/// The first live token of a token file, or the first of a label.
fn find_live_token(cx: &Context, file: &Path, label: Option<&str>) -> Result<Secret, Error> {
    let (tokens, warnings) = TokenFile::read(file)?;
    cx.ui.warn_each(&warnings);
    let wanted =
        |entry: &Entry| entry.state == State::Live && label.is_none_or(|label| entry.label.as_deref() == Some(label));
    let found = tokens.entries(cx.clock.now()).find(wanted).map(|entry| entry.token);
    found.ok_or_else(|| error::bearer::no_live_token(file, label.is_some()))
}

/// The value for client credentials, of the flags or the zone.
fn basic_value(cx: &Context, args: &Args) -> Result<Secret, Error> {
    let (id, secret) = if let (Some(id), Some(source)) = (&args.user, &args.secret_from) {
        (id.clone(), cx.read(source, &format!("secret of {id}"), None)?)
    } else {
        let zone = cx.zone()?.zone;
        let secret = cx.client_secret(&zone)?.ok_or_else(|| error::token::no_client_secret(&zone.name))?;
        let id = zone.client_id.ok_or_else(|| error::client::no_client_id(&zone.name))?;
        (id, secret)
    };
    if args.basic_raw {
        return Ok(client_auth::basic_raw_value(&id, &secret)?);
    }
    if id.is_empty() {
        return Err(usage::invalid_value("--user", "it is empty"));
    }
    Ok(client_auth::basic_value(&id, &secret))
}
