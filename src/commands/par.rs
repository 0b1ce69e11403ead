//! `hallpass par`: pushes an authorization request ahead (RFC 9126).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::sign_in::attempt::Attempt;
use crate::oauth::par::Pushed;
use crate::output::{Text, View};

use super::authorization::Flags;
use super::{Outcome, shape};

/// Push an authorization request to the server and print its request_uri
///
/// What is asked for comes from the zone and these flags (RFC 9126). --json has the URL to open as well, and what is
/// needed to redeem the code: state, nonce, code_verifier, redirect_uri.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass par\n  $ hallpass par --scope 'openid profile' --json")]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

/// The JSON answer of `par`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The handle of the request.
    request_uri: String,
    /// How many seconds the server keeps it; null when it does not say.
    expires_in: Option<u64>,
    /// When it forgets it, RFC 3339 in UTC.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The URL to open.
    url: String,
    /// What the response must repeat.
    state: String,
    /// What the ID token must repeat.
    nonce: String,
    /// What the token request has to prove itself by.
    code_verifier: String,
    /// Where the response goes.
    redirect_uri: String,
}

struct Answer {
    attempt: Attempt,
    pushed: Pushed,
    url: String,
    expires_at: Option<Moment>,
}

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape {
            request_uri: self.pushed.request_uri.clone(),
            expires_in: self.pushed.expires_in.map(|span| span.as_secs()),
            expires_at: self.expires_at.map(Moment::rfc3339),
            expires_at_epoch: self.expires_at.map(Moment::epoch),
            url: self.url.clone(),
            state: self.attempt.state.clone(),
            nonce: self.attempt.nonce.clone(),
            code_verifier: self.attempt.verifier.secret().expose().to_owned(),
            redirect_uri: self.attempt.redirect_uri().to_owned(),
        })
    }

    fn text(&self) -> Text {
        Text::Line(self.pushed.request_uri.clone())
    }
}

/// Pushes.
///
/// # Errors
/// 3 when the server takes no pushed requests, 5 when it refuses this one.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let attempt = Attempt::begin(cx, args.flags.unattended(cx)?)?;
    let asked_at = cx.clock.now();
    let pushed = attempt.push(cx)?;
    let url = attempt.pushed_url(&pushed)?;
    let expires_at = pushed.expires_in.map(|span| asked_at.plus(span));
    Ok(Outcome::view(Answer { attempt, pushed, url, expires_at }))
}
