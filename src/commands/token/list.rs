//! `hallpass token list`: the cached tokens, without the tokens themselves.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::output::{Cell, Render, Style, Table, Text, describe_span};

/// List the cached access tokens, without their values
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show what is in the cache, without the tokens
  $ hallpass token list")]
pub struct Args {}

/// One cached token.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone it belongs to.
    zone: String,
    /// Its grant.
    grant: String,
    /// The requested scopes.
    scope: Vec<String>,
    /// The requested audiences.
    audience: Vec<String>,
    /// The requested resources.
    resource: Vec<String>,
    /// When it expires, RFC 3339 in UTC; null when that is unknown.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// How long it is still valid; `None` once it has expired.
    #[serde(skip)]
    left: Option<Duration>,
}

/// The cached tokens.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| {
            let expires = match one.left {
                Some(Duration::MAX) => Cell::whole("unknown"),
                Some(left) => Cell::whole(format!("in {}", describe_span(left))).style(Style::Good),
                None => Cell::whole("expired").style(Style::Bad),
            };
            let list = |items: &[String]| Cell::from(items.join(" "));
            let (scope, audience) = (list(&one.scope), list(&one.audience));
            vec![Cell::name(&one.zone), expires, scope, audience, list(&one.resource), Cell::whole(&one.grant)]
        };
        let head = &["zone", "expires", "scope", "audience", "resource", "grant"];
        let screen = Table { head, optional: 1, rows: self.0.iter().map(row).collect(), as_fields: false };
        Text::shown(&["zone", "grant", "scope", "audience", "resource", "expires_at"], &self.0, screen)
    }
}

pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let mut tokens = match cx.caches(false)? {
        Some(caches) => caches.tokens.list()?,
        None => Vec::new(),
    };
    if cx.options.zone.is_some() {
        let zone = cx.zone()?.zone;
        tokens.retain(|token| token.provenance.zone == zone.name);
    }
    tokens.sort_by_cached_key(|token| (token.provenance.zone.clone(), token.expires_at));
    cx.ui.note_empty(tokens.is_empty(), "no tokens in the cache; to get one: hallpass token");
    let rows = tokens.into_iter().map(|token| {
        let (expires_at, left, request) = (token.expires_at, token.left(cx.clock.now()), token.provenance);
        Row {
            left,
            zone: request.zone,
            grant: request.grant,
            scope: request.scopes,
            audience: request.audiences,
            resource: request.resources,
            expires_at: expires_at.map(Moment::rfc3339),
            expires_at_epoch: expires_at.map(Moment::epoch),
        }
    });
    Ok(Outcome::view(Answer(rows.collect())))
}
