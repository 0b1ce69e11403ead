//! `hallpass header`: an `Authorization` header line, made or read.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Hint, usage};
use crate::oauth::{bearer, client_auth};
use crate::output::{Printed, Render, Text};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::token_file::{Entry, State};
use crate::store::{Token, TokenFile};
use crate::text::sanitize;

use super::Outcome;
use super::request::{Flags, id_token};
use super::token_output::{TokenOutput, answer_or_write};

mod dpop;
mod name;

use name::parse_field_name;

pub use dpop::Lines;

/// The flags that say which token of a zone is wanted.
const TOKENS: [&str; 10] = [
    "scope",
    "audience",
    "resource",
    "param",
    "assertion_from",
    "subject_token_from",
    "min_ttl",
    "fresh",
    "no_cache",
    "explain",
];

/// Print the Authorization header line with an access token of the zone
///
/// The header can carry a static token (--from, --tokens-file) or client credentials (--basic) instead. --dpop prints a
/// token that is bound to the zone's key, and the proof for one request. --read does the reverse: it reads a header value
/// and prints the bearer token in it. With a --format that sets a variable, the variable is named after the header:
/// AUTHORIZATION holds the line, or with --value the value.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Examples:\n  $ hallpass header\n  $ hallpass header --value --scope read\n  $ echo 'my.static.token' | hallpass header --from - --prefix 'Token ' --name X-Api-Token\n  $ hallpass bearer generate tokens.txt --label ci >ci.token && hallpass header --tokens-file tokens.txt --label ci\n  $ hallpass header | hallpass header --read - --line\n  $ hallpass zone edit prod --dpop && hallpass header --dpop --method GET --url https://api.example/accounts"
)]
#[command(group = clap::ArgGroup::new("what").args(["from", "basic", "basic_raw", "read", "tokens_file"]))]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Use the ID token instead of the access token
    #[arg(long, conflicts_with_all = ["what", "dpop"])]
    id_token: bool,
    /// Print only the value
    #[arg(long)]
    value: bool,
    /// Name of the header
    #[arg(long, value_name = "NAME", default_value = "Authorization", value_parser = parse_field_name)]
    name: String,
    /// Use the static token or secret from SOURCE instead of a zone's token
    #[arg(long, value_name = "SOURCE", conflicts_with_all = TOKENS)]
    from: Option<Source>,
    /// Prefix of the value of --from
    #[arg(long, value_name = "PREFIX", requires = "from", conflicts_with = "tokens_file")]
    prefix: Option<String>,
    /// Use the first active token of this token file
    #[arg(long, value_name = "FILE", conflicts_with_all = TOKENS)]
    tokens_file: Option<PathBuf>,
    /// With --tokens-file: the first token with this label
    #[arg(long, value_name = "LABEL", requires = "tokens_file")]
    label: Option<String>,
    /// Use the zone's client credentials, form-encoded (RFC 6749 §2.3.1)
    #[arg(long, conflicts_with_all = TOKENS)]
    basic: bool,
    /// Use the zone's client credentials as they are (RFC 7617)
    #[arg(long, conflicts_with_all = TOKENS)]
    basic_raw: bool,
    /// Use this id with --basic or --basic-raw instead of a zone's
    #[arg(long, value_name = "ID", requires = "secret_from")]
    user: Option<String>,
    /// Read the secret of --user from SOURCE
    #[arg(long, value_name = "SOURCE", requires = "user")]
    secret_from: Option<Source>,
    /// Read an Authorization value from SOURCE and print its bearer token
    #[arg(long, value_name = "SOURCE", conflicts_with_all = TOKENS, conflicts_with_all = ["name", "value"])]
    read: Option<Source>,
    /// With --read: accept a whole `Authorization: …` line
    #[arg(long, requires = "read")]
    line: bool,
    /// Write to FILE (0600, atomically)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    proof: dpop::Proof,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            flags: Flags::default(),
            id_token: false,
            value: false,
            name: "Authorization".to_owned(),
            from: None,
            prefix: None,
            tokens_file: None,
            label: None,
            basic: false,
            basic_raw: false,
            user: None,
            secret_from: None,
            read: None,
            line: false,
            output: None,
            proof: dpop::Proof::default(),
        }
    }
}

/// A header line.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The name of the header.
    name: String,
    /// Its value.
    value: Printed,
    /// The line, or its value, in the format that was asked for.
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
    /// The bearer token that the value holds.
    token: Printed,
}

impl Render for Bearer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.token.0.expose()))
    }
}

/// Prints the header line.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let local =
        args.from.is_some() || args.read.is_some() || args.tokens_file.is_some() || args.basic || args.basic_raw;
    cx.require_request(!local)?;
    if cx.ui.format().is_for_tokens() && (args.read.is_some() || args.proof.dpop) {
        return Err(Error::usage("this format holds one header line").hint("--read and --dpop answer in text and json"));
    }
    let output = args.output.as_deref();
    if let Some(source) = &args.read {
        let field = cx.read(source, None)?;
        return match bearer::read_header(field.expose(), args.line)? {
            Some(token) => answer_or_write(cx, Bearer { token: Printed(token) }, output),
            None => Ok(Outcome::Exit(crate::error::exit::NO)),
        };
    }
    if args.proof.dpop {
        return answer_or_write(cx, dpop::lines(cx, &args.flags, &args.proof)?, output);
    }
    if args.user.is_some() && !args.basic && !args.basic_raw {
        return Err(usage::needs("--user", "--basic or --basic-raw"));
    }
    let token_output = TokenOutput::new(cx, &variable(&args.name))?;
    token_output.refuse_second_file(output)?;
    let mut prefix = "Bearer ";
    let value = if let Some(source) = &args.from {
        prefix = args.prefix.as_deref().unwrap_or(prefix);
        fixed(cx, source, args.prefix.as_deref())?
    } else if let Some(file) = &args.tokens_file {
        bearer::header_value("Bearer ", &listed(cx, file, args.label.as_deref())?)?
    } else if args.basic || args.basic_raw {
        prefix = "Basic ";
        credentials(cx, args)?
    } else if args.id_token {
        bearer::header_value("Bearer ", &id_token(cx, &args.flags.obtain(cx)?)?)?
    } else {
        bearer(&args.flags.obtain_for(cx, &dpop::refuse)?.token)?
    };
    let line = format!("{}: {}", args.name, value.expose());
    let shown = if args.value { value.expose() } else { &line };
    let secret = Secret::new(value.expose().strip_prefix(prefix).unwrap_or_else(|| value.expose()));
    let Some(text) = token_output.write(cx, shown, &secret, &line)? else { return Ok(Outcome::Exit(0)) };
    answer_or_write(cx, Answer { name: args.name.clone(), value: Printed(value), text }, output)
}

/// The variable that holds a header of this name: `X_API_TOKEN` for `X-Api-Token`.
fn variable(name: &str) -> String {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let begin = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    begin.chars().chain(name.chars().map(sign)).collect()
}

/// The value for a token; only a bearer token may be presented without proof.
pub fn bearer(token: &Token) -> Result<Secret, Error> {
    if token.token_type == "DPoP" {
        return Err(dpop::needed(&token.provenance.zone));
    }
    if token.token_type != "Bearer" {
        return Err(Error::refused(format!(
            "the token's type is {}, which cannot stand in a header by itself",
            sanitize(&token.token_type)
        )));
    }
    Ok(bearer::header_value("Bearer ", &token.access_token)?)
}

/// A static token behind `Bearer `, or any secret behind a prefix of the caller's.
fn fixed(cx: &Context, source: &Source, prefix: Option<&str>) -> Result<Secret, Error> {
    let secret = cx.read(source, None)?;
    match prefix {
        None if !bearer::is_b64token(secret.expose()) => {
            Err(Error::refused(format!("{source} holds no bearer token (RFC 6750 §2.1)"))
                .hint("for another kind of secret name its prefix: --prefix 'Token '"))
        }
        None => Ok(bearer::header_value("Bearer ", &secret)?),
        Some(prefix) => Ok(bearer::header_value(prefix, &secret)?),
    }
}

/// The first live token of a token file, or the first of a label.
fn listed(cx: &Context, file: &Path, label: Option<&str>) -> Result<Secret, Error> {
    let (tokens, warnings) = TokenFile::read(file)?;
    for warning in &warnings {
        cx.ui.warn(warning);
    }
    let wanted =
        |entry: &Entry| entry.state == State::Live && label.is_none_or(|label| entry.label.as_deref() == Some(label));
    let found = tokens.entries(cx.clock.now()).find(wanted).map(|entry| entry.token);
    found.ok_or_else(|| {
        let file = sanitize(&file.display().to_string());
        let such = if label.is_some() { " of this label" } else { "" };
        Error::config(format!("{file} holds no live token{such}")).hint(format!("hallpass bearer list {file}"))
    })
}

fn credentials(cx: &Context, args: &Args) -> Result<Secret, Error> {
    let (id, secret) = if let (Some(id), Some(source)) = (&args.user, &args.secret_from) {
        (id.clone(), cx.read(source, None)?)
    } else {
        let zone = cx.zone()?.zone;
        let secret = cx.client_secret(&zone)?.ok_or_else(|| {
            Error::config(format!("zone {} has no client secret", zone.name))
                .hint(Hint::edit(&zone.name, "--client-secret-from -"))
        })?;
        (zone.client_id.unwrap_or_default(), secret)
    };
    if args.basic_raw {
        return client_auth::basic_raw_value(&id, &secret).map_err(|fault| Error::usage(fault.to_string()));
    }
    Ok(client_auth::basic_value(&id, &secret))
}
