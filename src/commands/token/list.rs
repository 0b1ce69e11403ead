//! `hallpass token list`: what the cache holds, never the token.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::store::Token;

/// List the access tokens in the cache, without the tokens
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass token list\n  $ hallpass token list --json")]
pub struct Args {}

/// One cached token.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The zone it belongs to.
    zone: String,
    /// The grant that brought it.
    grant: String,
    /// The scopes that were asked for.
    scope: Vec<String>,
    /// The audiences that were asked for.
    audience: Vec<String>,
    /// The resources that were asked for.
    resource: Vec<String>,
    /// When it expires, RFC 3339 in UTC.
    expires_at: String,
    /// The same in epoch seconds.
    expires_at_epoch: i64,
}

/// The cached tokens.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Row>);

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| {
            vec![
                one.zone.clone(),
                one.grant.clone(),
                one.scope.join(" "),
                one.audience.join(" "),
                one.resource.join(" "),
                one.expires_at.clone(),
            ]
        };
        Text::Table {
            head: &["zone", "grant", "scope", "audience", "resource", "expires_at"],
            rows: self.0.iter().map(row).collect(),
        }
    }
}

/// Lists the cache, by zone and then by expiry.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    let mut tokens = match cx.caches(false)? {
        Some(caches) => caches.tokens.list()?,
        None => Vec::new(),
    };
    if cx.options.zone.is_some() {
        let zone = cx.zone()?.zone;
        tokens.retain(|token| token.provenance.zone == zone.name);
    }
    let order = |token: &Token| (token.provenance.zone.clone(), token.expires_at);
    tokens.sort_by_cached_key(order);
    let rows = tokens.into_iter().filter_map(|token| {
        let (expires_at, asked) = (token.expires_at?, token.provenance);
        Some(Row {
            zone: asked.zone,
            grant: asked.grant,
            scope: asked.scopes,
            audience: asked.audiences,
            resource: asked.resources,
            expires_at: expires_at.rfc3339(),
            expires_at_epoch: expires_at.epoch(),
        })
    });
    Ok(Outcome::view(Answer(rows.collect())))
}
