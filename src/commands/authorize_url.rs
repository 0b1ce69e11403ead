//! `hallpass authorize-url`: the URL that a person would open to sign in.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::error::Error;
use crate::flows::sign_in::attempt::Attempt;
use crate::output::{Text, View};

use super::authorization::{Flags, Par};
use super::{Outcome, shape};

/// Print the URL at which a person signs in
///
/// What is asked for comes from the zone and these flags; nobody listens for the response. --json has what is needed to
/// redeem the code as well: state, nonce, code_verifier, redirect_uri.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass authorize-url\n  $ hallpass authorize-url --scope 'openid profile' --prompt login --json\n  $ hallpass authorize-url --par always"
)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Push the request ahead first: such a URL says little, and serves once and not for long
    #[arg(long, value_name = "WHEN", default_value = "never")]
    par: Par,
}

/// The JSON answer of `authorize-url`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
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
    url: String,
}

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape {
            url: self.url.clone(),
            state: self.attempt.state.clone(),
            nonce: self.attempt.nonce.clone(),
            code_verifier: self.attempt.verifier.secret().expose().to_owned(),
            redirect_uri: self.attempt.redirect_uri().to_owned(),
        })
    }

    fn text(&self) -> Text {
        Text::Line(self.url.clone())
    }
}

/// Makes the URL.
///
/// # Errors
/// 3 when there is no authorization endpoint, 8 when it is not one that may be opened.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let attempt = Attempt::begin(cx, args.flags.unattended(cx)?)?;
    let url = attempt.url(cx, args.par.into())?;
    Ok(Outcome::view(Answer { attempt, url }))
}
