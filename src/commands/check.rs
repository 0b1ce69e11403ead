//! `hallpass check`: may this credential pass?

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::guard::{self, Decision, Matched, Offered};
use crate::identity::{Identity, kong};
use crate::oauth::json;
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::source::Source;

use super::{CLAIMS, Outcome, parse_time, read_token_to_send, require_source};

mod how;
mod required;
mod seal;

use how::How;
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
    how: How,
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

/// Decides.
///
/// # Errors
/// 2 when two things read stdin; 3 when a secret, a variable or the SOURCE fails, or no zone is known; 6 when the server
/// can't be reached; 7 when a token file can't be read; 8 when what was read is malformed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    args.how.whole()?;
    cx.require_request(args.how.asks())?;
    let mut readers = args.how.sources();
    let stdin = Source::Stdin;
    readers.push(("SOURCE", args.source.as_ref().unwrap_or(&stdin)));
    one_reader(&readers)?;
    if !cx.options.dry_run {
        require_source(cx, args.source.as_ref())?;
    }
    let evidences = args.how.evidences(cx, &args.required.reading())?;
    let offered = credential(cx, args)?;
    let now = args.at.unwrap_or_else(|| cx.clock.now());
    let Decision { allowed, reason, missing, matched, identity, warnings } =
        guard::decide(&evidences, &args.required.requirements(), &offered, now)?;
    for warning in &warnings {
        cx.ui.warn(warning);
    }
    Ok(Outcome::view(Answer { allowed, reason, missing, matched, identity, warnings }))
}

/// What is offered, in the form that the ways to prove it look at.
fn credential(cx: &Context, args: &Args) -> Result<Offered, Error> {
    let source = args.source.as_ref();
    if args.how.claims() {
        let text = super::read_token(cx, source, None)?;
        return Ok(Offered::claims(json::read(CLAIMS, text.expose().as_bytes())?));
    }
    if args.how.kong() {
        let text = super::read_token(cx, source, None)?;
        let fields = kong::lines(text.expose()).map_err(Error::refused)?;
        let (request, warnings) = (args.how.request(), args.how.warnings());
        return Ok(Offered { request, warnings, ..Offered::fields(fields) });
    }
    // A signature is looked at before keys are asked for.
    let value = if args.how.verifies() { super::read_token } else { read_token_to_send }(cx, source, None)?;
    Ok(if cx.options.dry_run {
        Offered::token(value)
    } else if args.field || args.how.secret() {
        Offered::field(value)
    } else {
        Offered::token(value)
    })
}

/// A secret that others are held against.
///
/// # Errors
/// 3 when it is absent or says nothing: blanks are what a variable holds that was filled with another's nothing.
fn shared(cx: &Context, source: &Source) -> Result<Secret, Error> {
    let secret = cx.read(source, None)?;
    if secret.expose().trim().is_empty() {
        return Err(Error::config(format!("{source} holds only blanks")));
    }
    Ok(secret)
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
