//! `hallpass inspect`: what a token contains, and whether it is valid.

use serde_json::Value;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::guard::{self, Claims, Introspection, Jwks, Reading};
use crate::oauth::{claim, validity};
use crate::source::Source;

use super::reading::ReadingFlags;
use super::server::{Server, issuer_zone};
use super::{Outcome, read_claims, read_headers, read_token, read_token_to_send};

mod answer;
mod pasted;

use pasted::join_pasted;

pub use answer::Answer;

/// Decode a token: header, claims, expiry, identity
///
/// Offline unless --verify (with the issuer's keys) or --introspect (at the server) is given. Exit 0 if the token could be
/// read, has not expired and passed the requested checks; 1 if not; 8 if it is not a token.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(after_help = "Examples:
  # Decode a token, offline
  $ hallpass inspect file:caller.jwt

  # Verify its signature, issuer and expiry
  $ hallpass token | hallpass inspect --verify

  # Ask the server whether it is active
  $ hallpass token | hallpass inspect --introspect

  # Read the claims of an introspection response
  $ hallpass token | hallpass introspect --json | hallpass inspect --claims

  # Read the headers that a Kong gateway added
  $ hallpass inspect file:headers.txt --kong")]
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
    /// Report whether the token has this role; repeatable
    #[arg(long, value_name = "ROLE")]
    admin_role: Vec<String>,
    #[command(flatten)]
    reading: ReadingFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    cx.require_request(args.verify || args.introspect)?;
    let now = cx.clock.now();
    let (claims, proof) = read(cx, args, now)?;
    let Claims { header, payload: claims, identity, mut problems, mut warnings, .. } = claims;
    if let Some(issuer) = args.issuer.as_deref().filter(|_| !args.verify)
        && let Some(problem) = validity::other_issuer(&claims, issuer)
    {
        problems.push(problem);
    }
    if args.verify && args.audience.is_empty() {
        warnings.push("the audience was not checked: pass --audience".to_owned());
    }
    cx.ui.warn_each(&warnings);
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

/// The claims, and by what they are proven if they have no problem.
fn read(cx: &Context, args: &Args, now: Moment) -> Result<(Claims, Option<&'static str>), Error> {
    let reading = args.reading.reading(&args.audience);
    let source = args.source.as_ref();
    if args.verify {
        let zone = issuer_zone(cx, args.issuer.as_deref())?;
        let token = join_pasted(cx, read_token(cx, source, Some(&zone))?)?;
        let evidence =
            Jwks { issuer: zone.token_issuer().to_owned(), keys: Server { cx, zone }, reading: reading.clone() };
        let mut claims = evidence.read(&token, now)?.map_err(|fault| error::token::not_a_jwt(&token, &fault))?;
        if args.introspect {
            // The signed token names the audience; the server need not repeat it.
            let reading = Reading { audiences: Vec::new(), ..reading };
            let introspected =
                Introspection { server: Server { cx, zone: cx.zone()?.zone }, reading }.read(&token, now)?;
            for problem in introspected.problems {
                if !claims.problems.contains(&problem) {
                    claims.problems.push(problem);
                }
            }
        }
        return Ok((claims, Some("signature")));
    }
    if args.introspect {
        let zone = cx.zone()?.zone;
        let token = join_pasted(cx, read_token_to_send(cx, source, Some(&zone))?)?;
        let claims = Introspection { server: Server { cx, zone }, reading }.read(&token, now)?;
        return Ok((claims, Some("introspection")));
    }
    if args.claims {
        return Ok((guard::read_claims(read_claims(cx, source)?, &reading, now), None));
    }
    if args.kong {
        return Ok((guard::read_gateway(&read_headers(cx, source)?, &reading), Some("headers")));
    }
    let token = join_pasted(cx, read_token_to_send(cx, source, None)?)?;
    let claims = guard::decode_token(&token, &reading, now).map_err(|fault| error::token::not_a_jwt(&token, &fault))?;
    Ok((claims, None))
}
