//! The subcommands: for each its arguments (whose comments are the help), its view, and `run`, in that order.

mod authorization;
pub mod authorize_url;
pub mod bearer;
pub mod check;
mod checked_url;
mod choice;
pub mod client;
pub mod completions;
pub mod curl;
pub mod discover;
pub mod doctor;
pub mod exchange;
pub mod exec;
pub mod gate;
pub mod header;
pub mod help;
pub mod helper;
pub mod inspect;
mod interview;
pub mod introspect;
pub mod kong;
pub mod login;
pub mod logout;
pub mod man;
mod named_value;
pub mod par;
pub mod pkce;
mod program;
pub mod proxy;
mod reading;
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

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::identity::kong::parse_lines;
use crate::oauth::json;
use crate::output::Render;
use crate::secret::Secret;
use crate::source::Source;

use named_value::NamedValue;

pub enum Outcome {
    View(Box<dyn Render>),
    /// With the code of a child, or without words.
    Exit(u8),
}

impl Outcome {
    pub fn view(view: impl Render + 'static) -> Self {
        Self::View(Box::new(view))
    }
}

fn parse_time(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "expected a time such as 2026-11-22T10:00:00Z or 1795341600".to_owned())
}

/// Reads a number of this range.
fn number_in<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Clone,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("expected {} to {}", range.start(), range.end()))
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "expected an address with a port, such as 127.0.0.1:8080")
}

/// The token type hints of introspection and revocation (RFC 7009 §2.1, RFC 7662 §2.1).
const TOKEN_TYPES: &[NamedValue<&str>] =
    &[("access_token", "An access token", "access_token"), ("refresh_token", "A refresh token", "refresh_token")];

/// The token of an argument `[SOURCE]` (default: stdin) that is sent and not looked at here.
fn read_token_to_send(cx: &Context, source: Option<&Source>, zone: Option<&Zone>) -> Result<Secret, Error> {
    cx.stand_in().map_or_else(|| read_token(cx, source, zone), Ok)
}

/// As [`read_token_to_send`], but read in any case: for what is looked at here and not sent.
fn read_token(cx: &Context, source: Option<&Source>, zone: Option<&Zone>) -> Result<Secret, Error> {
    require_source(cx, source)?;
    cx.read(source.unwrap_or(&Source::Stdin), "token", zone)
}

/// Reads an object of claims in place of a token.
fn read_claims(cx: &Context, source: Option<&Source>) -> Result<Map<String, Value>, Error> {
    require_source(cx, source)?;
    let text = cx.read(source.unwrap_or(&Source::Stdin), "claims (JSON)", None)?;
    Ok(json::read("the object of claims", text.expose().as_bytes())?)
}

/// Reads header lines of a gateway in place of a token.
fn read_headers(cx: &Context, source: Option<&Source>) -> Result<Vec<(String, String)>, Error> {
    require_source(cx, source)?;
    let text = cx.read_unasked(source.unwrap_or(&Source::Stdin), "header lines", None)?;
    parse_lines(text.expose()).map_err(|fault| error::signature::unusable_headers(&fault))
}

/// Requires a source: one that is named, or piped input.
fn require_source(cx: &Context, source: Option<&Source>) -> Result<(), Error> {
    if source.is_none() && cx.ui.stdin_terminal() {
        return Err(error::token::no_token());
    }
    Ok(())
}
