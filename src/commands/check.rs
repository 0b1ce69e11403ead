//! `hallpass check`: whether a credential is valid and meets requirements.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::guard::{self, Decision, Matched, Presented};
use crate::identity::{Identity, kong};
use crate::oauth::json;
use crate::output::{Render, Text};
use crate::source::Source;

use super::{CLAIMS, Outcome, parse_time, read_token_to_send, require_source};

mod gateway_signature;
mod methods;
mod required;
mod secret;

use methods::Methods;
use required::Required;

/// Check whether a credential is valid and meets requirements
///
/// Give at least one method. They are tried in order; the first method that succeeds decides; then all requirements apply.
/// With --field and with --secret-from the SOURCE is the value of an Authorization field, else it is a bare token.
/// Sender-constrained tokens are rejected: no proof can be checked here.
///
/// Exit 0 on positive proof only, 1 if the answer is no; 3 if a secret or a variable is not set, whatever the credential;
/// 6 if a server can't be reached and no other method succeeded.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token --scope write | hallpass check --introspect --scope write\n  $ hallpass token | hallpass check - --jwks --kind service --json\n  $ hallpass header --value | hallpass check --field --jwks --introspect\n  $ printf 'Key %s' \"$CI_SECRET\" | hallpass check --secret-from env:CI_SECRET --prefix 'Key '\n  $ hallpass token > tokens.txt && API_TOKENS=\"$(cat tokens.txt)\" hallpass check file:tokens.txt --tokens-env API_TOKENS\n  $ hallpass token | hallpass introspect --json | hallpass check --claims --any-scope read,write\n  $ printf 'X-Token-Verified: true\\nX-User-ID: u-1\\nX-User-Roles: editor\\n' | hallpass check --kong --role editor\n  $ (printf 'X-Token-Verified: true\\nX-User-ID: u-1\\n'; hallpass kong sign --key-from env:CI_SECRET --user u-1 --method GET --path /orders) | hallpass check --kong --hmac-key-from env:CI_SECRET --method GET --path /orders"
)]
pub struct Args {
    /// Where to read the credential (default: stdin)
    #[arg(value_name = "SOURCE")]
    source: Option<Source>,
    #[command(flatten)]
    methods: Methods,
    /// Read an Authorization field value, such as `Bearer TOKEN`, instead of a bare token
    #[arg(long, conflicts_with_all = ["claims", "kong"])]
    field: bool,
    #[command(flatten)]
    required: Required,
    /// Check as of this time, RFC 3339 or epoch seconds (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Moment>,
}

/// The decision.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Whether it may pass.
    allowed: bool,
    /// Why, in one sentence.
    reason: String,
    /// The requirements that are not met: `scope:write`, `role:admin`, `any-role:a,b`, `audience:a`, `kind:service` …
    missing: Vec<String>,
    /// What proved who it is; null when nothing did.
    matched: Option<Matched>,
    /// Who it is; null when that is not proven.
    identity: Option<Identity>,
    /// What is odd about it.
    warnings: Vec<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("{}: {}", if self.allowed { "yes" } else { "no" }, self.reason))
    }

    fn negative(&self) -> bool {
        !self.allowed
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    args.methods.check_needs()?;
    cx.require_request(args.methods.asks_server())?;
    let mut readers = args.methods.list_sources();
    let stdin = Source::Stdin;
    readers.push(("SOURCE", args.source.as_ref().unwrap_or(&stdin)));
    one_reader(&readers)?;
    if cx.stand_in().is_none() {
        require_source(cx, args.source.as_ref())?;
    }
    let evidences = args.methods.build_evidences(cx, &args.required.reading())?;
    let offered = read_credential(cx, args)?;
    let now = args.at.unwrap_or_else(|| cx.clock.now());
    let Decision { allowed, reason, missing, matched, identity, warnings } =
        guard::decide(&evidences, &args.required.requirements(), &offered, now)?;
    for warning in &warnings {
        cx.ui.warn(warning);
    }
    Ok(Outcome::view(Answer { allowed, reason, missing, matched, identity, warnings }))
}

/// What is offered, in the form that the ways to prove it look at.
fn read_credential(cx: &Context, args: &Args) -> Result<Presented, Error> {
    let source = args.source.as_ref();
    if args.methods.takes_claims() {
        let text = super::read_token(cx, source, None)?;
        return Ok(Presented::from_claims(json::read(CLAIMS, text.expose().as_bytes())?));
    }
    if args.methods.takes_headers() {
        let text = super::read_token(cx, source, None)?;
        let fields = kong::parse_lines(text.expose()).map_err(Error::refused)?;
        let (request, warnings) = (args.methods.request(), args.methods.warnings());
        return Ok(Presented { request, warnings, ..Presented::from_headers(fields) });
    }
    // A signature is looked at before keys are asked for.
    let value =
        if args.methods.verifies_signature() { super::read_token } else { read_token_to_send }(cx, source, None)?;
    Ok(if cx.stand_in().is_some() {
        Presented::from_token(value)
    } else if args.field || args.methods.takes_field_value() {
        Presented::from_field(value)
    } else {
        Presented::from_token(value)
    })
}

/// stdin can be read once.
fn one_reader(sources: &[(&str, &Source)]) -> Result<(), Error> {
    let readers: Vec<&str> = sources
        .iter()
        .filter(|(_, source)| matches!(source, Source::Stdin | Source::Descriptor(0)))
        .map(|(name, _)| *name)
        .collect();
    match readers[..] {
        [one, other, ..] => Err(Error::usage(format!("both {one} and {other} would read stdin"))
            .hint("name another source for one of them: file:PATH, env:NAME, cmd:COMMAND or fd:N")),
        _ => Ok(()),
    }
}
