//! The subcommands: for each its arguments (whose comments are the help), its view, and its deed, in that order.

mod authorization;
pub mod authorize_url;
pub mod bearer;
pub mod check;
pub mod client;
pub mod completions;
pub mod discover;
pub mod exchange;
pub mod header;
pub mod help;
pub mod inspect;
pub mod introspect;
pub mod kong;
pub mod login;
pub mod logout;
pub mod man;
pub mod par;
pub mod pkce;
mod request;
pub mod revoke;
pub mod sandbox;
pub mod schema;
mod server;
pub mod status;
pub mod token;
mod token_output;
pub mod vault;
pub mod zone;

use clap::ValueEnum;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::output::View;
use crate::secret::Secret;
use crate::source::{FORMS, Source};

/// What `--claims` reads.
const CLAIMS: &str = "the object of claims";

/// How a command ended.
pub enum Outcome {
    /// With an answer.
    View(Box<dyn View>),
    /// With the code of a child, or without words.
    Exit(u8),
}

impl Outcome {
    /// An answer.
    pub fn view(view: impl View + 'static) -> Self {
        Self::View(Box::new(view))
    }
}

/// Reads a TIME.
fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "expected a time such as 2026-11-22T10:00:00Z or 1795341600".to_owned())
}

/// What kind of token a server is told that it gets (RFC 7009 §2.1, RFC 7662 §2.1).
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Hint {
    /// An access token
    AccessToken,
    /// A refresh token
    RefreshToken,
}

impl Hint {
    /// Its registered name.
    fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// The token of an argument `[SOURCE]`: stdin when it is left out. `--dry-run` reads nothing: what would be sent is hidden.
///
/// # Errors
/// 2 when it is left out and stdin is a terminal; 3 when the source fails.
fn offered(cx: &Context, source: Option<&Source>, zone: Option<&Zone>) -> Result<Secret, Error> {
    if cx.options.dry_run {
        return Ok(Secret::new("dry-run"));
    }
    given(cx, source, zone)
}

/// As [`offered`], but read in any case: for what is looked at here and not sent.
///
/// # Errors
/// As [`offered`].
fn given(cx: &Context, source: Option<&Source>, zone: Option<&Zone>) -> Result<Secret, Error> {
    named(cx, source)?;
    cx.read(source.unwrap_or(&Source::Stdin), zone)
}

/// Whether there is a source: one that is named, or what is piped in.
///
/// # Errors
/// 2 when there is none.
fn named(cx: &Context, source: Option<&Source>) -> Result<(), Error> {
    if source.is_none() && cx.ui.stdin_terminal() {
        return Err(Error::usage("no token was given").hint(format!("name its source: {FORMS}")).hint("or pipe it in"));
    }
    Ok(())
}
