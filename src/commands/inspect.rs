//! `hallpass inspect`: what a token contains, and whether it is valid.

use std::time::Duration;

use serde_json::Value;

use crate::context::Context;
use crate::edges::{Moment, parse_span};
use crate::error::Error;
use crate::guard::{self, Claims, Introspection, Jwks, Reading};
use crate::identity::{Rules, kong};
use crate::jose;
use crate::oauth::{claim, json, validity};
use crate::secret::Secret;
use crate::source::Source;

use super::server::{Server, issuer_zone};
use super::{CLAIMS, Outcome, read_token_to_send};

mod answer;

pub use answer::Answer;

/// Decode a token: header, claims, expiry, identity
///
/// Offline unless --verify (with the issuer's keys) or --introspect (at the server) is given. Exit 0 if the token could be
/// read, has not expired and passed the requested checks; 1 if not; 8 if it is not a token.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass inspect\n  $ hallpass token | hallpass inspect --verify --json\n  $ hallpass token | hallpass inspect - --introspect\n  $ hallpass token | hallpass introspect --json | hallpass inspect --claims\n  $ printf 'X-Token-Verified: true\\nX-User-ID: u-1\\n' | hallpass inspect --kong"
)]
pub struct Args {
    /// Where to read the token (default: stdin)
    #[arg(value_name = "SOURCE")]
    source: Option<Source>,
    /// Verify the signature with the issuer's keys, and issuer, audience and times
    #[arg(long)]
    verify: bool,
    /// Ask the zone's authorization server; works for opaque and encrypted tokens
    #[arg(long)]
    introspect: bool,
    /// Read a JSON object of claims (an introspection or userinfo response) instead of a token
    #[arg(long, conflicts_with_all = ["verify", "introspect", "kong"])]
    claims: bool,
    /// Read header lines of a gateway (X-User-ID, X-Service-Name …) instead of a token
    #[arg(long, conflicts_with_all = ["verify", "introspect"])]
    kong: bool,
    /// The required issuer, whose keys --verify uses (default: the zone's)
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// A required audience; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// Realm role that marks a service account (default: service and service-account); repeatable
    #[arg(long, value_name = "ROLE")]
    service_role: Vec<String>,
    /// Report whether the token has this role; repeatable
    #[arg(long, value_name = "ROLE")]
    admin_role: Vec<String>,
    /// Also read roles from this claim, such as groups or a.b; repeatable
    #[arg(long, value_name = "PATH")]
    role_claim: Vec<String>,
    /// Allowed clock skew
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
    leeway: Duration,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    cx.require_request(args.verify || args.introspect)?;
    let now = cx.clock.now();
    let (said, proof) = read(cx, args, now)?;
    let Claims { header, payload: claims, identity, mut problems, mut warnings, .. } = said;
    if let Some(issuer) = args.issuer.as_deref().filter(|_| !args.verify)
        && let Some(problem) = validity::other_issuer(&claims, issuer)
    {
        problems.push(problem);
    }
    if args.verify && args.audience.is_empty() {
        warnings.push("the audience was not checked: pass --audience".to_owned());
    }
    for warning in &warnings {
        cx.ui.warn(warning);
    }
    let admin = args.admin_role.iter().any(|role| identity.roles.contains(role));
    let moment = |name| claim::date(&claims, name).map(Moment::from_epoch);
    let [expires, issued, before] = ["exp", "iat", "nbf"].map(moment);
    Ok(Outcome::view(Answer {
        verified: proof.filter(|_| problems.is_empty()).map_or(Value::Bool(false), Value::from),
        header,
        claims,
        expires_at: expires.map(Moment::rfc3339),
        expires_at_epoch: expires.map(Moment::epoch),
        issued_at: issued.map(Moment::rfc3339),
        issued_at_epoch: issued.map(Moment::epoch),
        not_before_at: before.map(Moment::rfc3339),
        not_before_at_epoch: before.map(Moment::epoch),
        admin: (!args.admin_role.is_empty()).then_some(admin),
        identity,
        problems,
        warnings,
        now,
    }))
}

/// What the guard reads out of it, and by what it is proven if nothing speaks against it.
fn read(cx: &Context, args: &Args, now: Moment) -> Result<(Claims, Option<&'static str>), Error> {
    let reading = Reading {
        rules: Rules { service_roles: args.service_role.clone(), role_claims: args.role_claim.clone() },
        audiences: args.audience.clone(),
        leeway: args.leeway,
    };
    let source = args.source.as_ref();
    if args.verify {
        let zone = issuer_zone(cx, args.issuer.as_deref())?;
        let token = super::read_token(cx, source, Some(&zone))?;
        let evidence = Jwks { issuer: zone.issuer.clone(), keys: Server { cx, zone }, reading: reading.clone() };
        let mut said = evidence.read(&token, now)?.map_err(|fault| no_token(&token, &fault))?;
        if args.introspect {
            // The audience stands in what was signed; the server need not repeat it.
            let reading = Reading { audiences: Vec::new(), ..reading };
            let asked = Introspection { server: Server { cx, zone: cx.zone()?.zone }, reading }.read(&token, now)?;
            for problem in asked.problems {
                if !said.problems.contains(&problem) {
                    said.problems.push(problem);
                }
            }
        }
        return Ok((said, Some("signature")));
    }
    if args.introspect {
        let zone = cx.zone()?.zone;
        let token = read_token_to_send(cx, source, Some(&zone))?;
        let said = Introspection { server: Server { cx, zone }, reading }.read(&token, now)?;
        return Ok((said, Some("introspection")));
    }
    if args.claims {
        let text = super::read_token(cx, source, None)?;
        return Ok((guard::read_claims(json::read(CLAIMS, text.expose().as_bytes())?, &reading, now), None));
    }
    if args.kong {
        let text = super::read_token(cx, source, None)?;
        let fields = kong::parse_lines(text.expose()).map_err(Error::refused)?;
        return Ok((guard::read_gateway(&fields, &reading), Some("headers")));
    }
    let token = read_token_to_send(cx, source, None)?;
    let said = guard::decode_token(&token, &reading, now).map_err(|fault| no_token(&token, &fault))?;
    Ok((said, None))
}

fn no_token(token: &Secret, fault: &jose::Fault) -> Error {
    let error = Error::refused(fault.to_string());
    let text = token.expose().trim_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if begins("authorization:") || begins("bearer ") {
        return error.hint("this is a header, not a token: hallpass header --read - [--line] | hallpass inspect");
    }
    if text.starts_with('{') {
        return error.hint("this is JSON: for an introspection answer say --claims");
    }
    error.hint("the server may know what it stands for: hallpass inspect --introspect")
}
