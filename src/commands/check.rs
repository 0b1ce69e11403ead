//! `hallpass check`: whether a credential is valid and meets requirements.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::error::usage::both_read_stdin;
use crate::guard::{self, Decision, Matched, Presented};
use crate::identity::Identity;
use crate::output::{Render, Text};
use crate::source::Source;

use super::{Outcome, parse_time, read_claims, read_headers, require_source};

mod gateway_signature;
pub mod methods;
pub mod required;
pub mod secret;

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
    override_usage = "hallpass check [OPTIONS] <METHOD>... [SOURCE]",
    after_help = r#"Examples:
  # Ask the server whether the token is active and has the scope
  $ hallpass token --scope write | hallpass check --introspect --scope write

  # Verify a JWT with the issuer's keys; only services pass
  $ hallpass token | hallpass check --jwks --kind service

  # A whole Authorization field: try a token file first, then the server
  $ hallpass header --value | hallpass check --field --tokens-file tokens.txt \
      --introspect

  # A shared secret while it is rotated
  $ printf 'Key %s' "$API_SECRET" | hallpass check --prefix 'Key ' \
      --secret-from env:API_SECRET --alternate-from env:OLD_SECRET

  # Tokens in a variable, separated by commas
  $ hallpass check file:ci.token --tokens-env API_TOKENS

  # The claims of an introspection response
  $ hallpass token | hallpass introspect --json | \
      hallpass check --claims --any-scope read,write

  # The headers of a Kong gateway, with their signature
  $ hallpass check file:headers.txt --kong --role editor --hmac v2 \
      --hmac-key-from env:KONG_KEY"#
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
    /// The method that succeeded; null when none did.
    matched: Option<Matched>,
    /// The identity; null when it is not proven.
    identity: Option<Identity>,
    /// Warnings about the credential.
    warnings: Vec<String>,
}

impl Answer {
    /// Whoever offers what is no credential is refused, and has not broken the configuration.
    fn of_unreadable() -> Self {
        let reason = "the credential is too long or not text".to_owned();
        Self { allowed: false, reason, missing: Vec::new(), matched: None, identity: None, warnings: Vec::new() }
    }
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
    let mut sources = args.methods.list_sources();
    sources.push(("SOURCE", args.source.as_ref().unwrap_or(&Source::Stdin)));
    check_readers(&sources)?;
    if cx.stand_in().is_none() {
        require_source(cx, args.source.as_ref())?;
    }
    args.methods.flags.gateway_signature.check_request()?;
    let evidences = args.methods.build_evidences(cx, &args.required.reading.reading(&[]))?;
    let Some(presented) = read_credential(cx, args)? else {
        return Ok(Outcome::view(Answer::of_unreadable()));
    };
    let now = args.at.unwrap_or_else(|| cx.clock.now());
    let Decision { allowed, reason, missing, matched, identity, warnings } =
        guard::decide(&evidences, &args.required.requirements(), &presented, now)?;
    cx.ui.warn_each(&warnings);
    let secrets = cx.ui.secrets();
    let warnings = warnings.iter().map(|warning| secrets.redact(warning)).collect();
    Ok(Outcome::view(Answer { allowed, reason: secrets.redact(&reason), missing, matched, identity, warnings }))
}

/// The credential, in the form that the methods look at; `None` for what can't be one.
fn read_credential(cx: &Context, args: &Args) -> Result<Option<Presented>, Error> {
    let (source, flags) = (args.source.as_ref(), &args.methods.flags);
    if flags.claims {
        return Ok(Some(Presented::from_claims(read_claims(cx, source)?)));
    }
    if flags.kong {
        let signature = &flags.gateway_signature.signature;
        let request = signature.method.clone().zip(signature.path.clone());
        let warnings = signature.warning().map(str::to_owned).into_iter().collect();
        return Ok(Some(Presented { request, warnings, ..Presented::from_headers(read_headers(cx, source)?) }));
    }
    // A dry run of --jwks decodes the token before it shows the request for keys.
    match cx.stand_in() {
        Some(token) if !flags.jwks => Ok(Some(Presented::from_token(token))),
        _ => {
            let is_field = args.field || flags.secret_from.is_some();
            let present = if is_field { Presented::from_field } else { Presented::from_token };
            Ok(cx.read_offered(source.unwrap_or(&Source::Stdin), "credential")?.map(present))
        }
    }
}

/// stdin can be read once.
fn check_readers(sources: &[(&str, &Source)]) -> Result<(), Error> {
    let mut readers = sources.iter().filter(|(_, source)| matches!(source, Source::Stdin | Source::Descriptor(0)));
    match (readers.next(), readers.next()) {
        (Some((one, _)), Some((other, _))) => Err(both_read_stdin(one, other)),
        _ => Ok(()),
    }
}
