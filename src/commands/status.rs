//! `hallpass status`: shows the zones. Never sends a request and never opens the keyring.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::discovery;
use crate::flows::token::cache;
use crate::flows::token::{renewal, session};
use crate::output::{Cell, Render, Style, Table, Text, describe_span};
use crate::store::Token;

use super::Outcome;
use super::request::read_environment_token;

/// Show zones, their tokens and circuit breakers (offline)
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the zone, who signed in, and the token
  $ hallpass status

  # Every zone, as JSON
  $ hallpass status --all --json

  # For a script: get a token if there is no valid one
  $ hallpass status --exit-status >/dev/null || hallpass token >/dev/null")]
pub struct Args {
    /// Show every zone
    #[arg(long)]
    all: bool,
    /// Exit with 1 when the zone has no valid token
    #[arg(long)]
    exit_status: bool,
}

/// One zone.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// Its name; `HALLPASS_TOKEN` for the token of that variable.
    zone: String,
    /// Whether it is the default zone.
    default: bool,
    /// Its issuer; null for the token of a variable.
    issuer: Option<String>,
    /// The user who signed in, else the client_id.
    who: Option<String>,
    /// Its grant; null for the token of a variable.
    grant: Option<String>,
    /// `valid`, `expired` or `none`: the token that `token` without flags prints.
    token: &'static str,
    /// When the token expires, RFC 3339 in UTC; null when there is none, or that is unknown.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// Whether a refresh token is stored.
    refresh_token: bool,
    /// The vault of its secrets.
    vault: Option<String>,
    /// Until when the breaker of its token endpoint is open; null when it is closed.
    breaker: Option<Breaker>,
    /// The cache that it shares with other machines; null without one.
    shared_cache: Option<SharedCacheState>,
    #[serde(skip)]
    token_cell: Cell,
}

/// An open breaker.
#[derive(Serialize, JsonSchema)]
pub struct Breaker {
    /// When it lets a probe through, RFC 3339 in UTC.
    open_until: String,
}

/// A shared cache, as far as it is known without asking.
#[derive(Serialize, JsonSchema)]
pub struct SharedCacheState {
    /// `configured`; `unreachable` while a fault is remembered; `unusable` when what is configured can't be.
    state: &'static str,
    /// The engine, or why it is not used.
    because: String,
}

/// The zones.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Answer {
    zones: Vec<Row>,
    #[serde(skip)]
    negative: bool,
}

const COLUMNS: [&str; 10] =
    ["zone", "default", "issuer", "who", "grant", "token", "expires_at", "refresh_token", "vault", "breaker"];

impl Render for Answer {
    fn text(&self) -> Text {
        let row = |one: &Row| {
            vec![
                one.zone.clone(),
                if one.default { "default" } else { "" }.to_owned(),
                one.issuer.clone().unwrap_or_default(),
                one.who.clone().unwrap_or_default(),
                one.grant.clone().unwrap_or_default(),
                one.token.to_owned(),
                one.expires_at.clone().unwrap_or_else(|| if one.token == "valid" { "unknown" } else { "" }.to_owned()),
                if one.refresh_token { "yes" } else { "no" }.to_owned(),
                one.vault.clone().unwrap_or_default(),
                one.breaker.as_ref().map(|breaker| format!("open until {}", breaker.open_until)).unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = self.zones.iter().map(row).collect();
        let several = rows.len() > 1;
        Text::Shown { screen: if several { self.list() } else { self.describe(&rows) }, rows }
    }

    fn negative(&self) -> bool {
        self.negative
    }
}

impl Answer {
    /// Several zones, a line for each.
    fn list(&self) -> Table {
        let row = |one: &Row| {
            vec![
                Cell::zone(&one.zone, one.default),
                Cell::whole(one.who.as_deref().unwrap_or_default()),
                one.token_cell.clone(),
                Cell::from(one.breaker.as_ref().map_or("", |_| "open")).style(Style::Bad),
                Cell::url(one.issuer.as_deref().unwrap_or_default()),
            ]
        };
        let head = &["zone", "who", "token", "breaker", "issuer"];
        Table { head, rows: self.zones.iter().map(row).collect(), ..Table::default() }
    }

    /// One zone, a line for each thing to say of it, by the cells of its row.
    fn describe(&self, rows: &[Vec<String>]) -> Table {
        let row = |(one, cells): (&Row, &Vec<String>)| {
            let mut cells: Vec<Cell> = cells.iter().map(Cell::from).collect();
            cells[0] = Cell::zone(&one.zone, one.default);
            cells[1] = "".into();
            cells[5] = one.token_cell.clone();
            cells[7] = if one.refresh_token { Cell::from("yes").style(Style::Good) } else { "".into() };
            cells[9] = cells[9].clone().style(Style::Bad);
            cells
        };
        Table { head: &COLUMNS, rows: self.zones.iter().zip(rows).map(row).collect(), as_fields: true, optional: 0 }
    }
}

/// Shows the zone in effect, or every zone with `--all` or when none is in effect.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let chosen = cx.zone_or_none()?.map(|chosen| chosen.zone);
    let mut zones = Vec::new();
    if args.all || chosen.is_none() {
        zones.extend(chosen.filter(Zone::ephemeral));
        if cx.paths_or_none()?.is_some() {
            let config = cx.config()?;
            cx.ui.warn_each(config.warnings());
            for name in config.zones() {
                zones.extend(config.zone(name)?);
            }
        }
    } else {
        zones.extend(chosen);
        if zones.iter().any(|zone| !zone.ephemeral()) && cx.config()?.zones().len() > 1 {
            cx.ui.note_on_terminal("for the other zones: hallpass status --all");
        }
    }
    let variable = read_environment_token(cx)?;
    let mut rows: Vec<Row> = variable.iter().map(|token| describe_variable(cx, token)).collect();
    for zone in &zones {
        rows.push(describe_zone(cx, zone)?);
    }
    cx.ui.note_empty(rows.is_empty(), "no zones yet; to add one: hallpass zone add NAME --issuer URL");
    let in_use = if variable.is_some() { &rows[..1] } else { &rows[..] };
    let negative = args.exit_status && (in_use.is_empty() || in_use.iter().any(|one| one.token != "valid"));
    Ok(Outcome::view(Answer { zones: rows, negative }))
}

/// The token that every command uses in place of a zone's.
fn describe_variable(cx: &Context, token: &Token) -> Row {
    let (word, token_cell) = describe_token(Some(token), cx.clock.now());
    Row {
        zone: "HALLPASS_TOKEN".to_owned(),
        default: false,
        issuer: None,
        who: None,
        grant: None,
        token: word,
        expires_at: token.expires_at.map(Moment::rfc3339),
        expires_at_epoch: token.expires_at.map(Moment::epoch),
        refresh_token: false,
        vault: None,
        breaker: None,
        shared_cache: None,
        token_cell,
    }
}

/// A token in one word, and for a person.
fn describe_token(token: Option<&Token>, now: Moment) -> (&'static str, Cell) {
    let Some(token) = token else { return ("none", Cell::whole("none").style(Style::Dim)) };
    let is_due = renewal::renew_at(token, Duration::ZERO).is_some_and(|due| due <= now);
    match (token.left(now), token.expires_at) {
        (Some(Duration::MAX), _) => ("valid", Cell::whole("valid").style(Style::Good)),
        (Some(left), _) => {
            let style = if is_due { Style::Due } else { Style::Good };
            ("valid", Cell::whole(format!("valid, {} left", describe_span(left))).style(style))
        }
        (None, Some(at)) if at <= now => {
            let cell = Cell::whole(format!("expired {} ago", describe_span(now.since(at))));
            ("expired", cell.style(Style::Bad))
        }
        (None, _) => ("expired", Cell::whole("expired").style(Style::Bad)),
    }
}

fn describe_zone(cx: &Context, zone: &Zone) -> Result<Row, Error> {
    let now = cx.clock.now();
    let latest = match cx.caches(zone.ephemeral())? {
        Some(caches) => cache::find_usual_token(cx, zone, &caches)?,
        None => None,
    };
    let (token, token_cell) = describe_token(latest.as_ref(), now);
    let expires_at = latest.and_then(|token| token.expires_at);
    let default = !zone.ephemeral() && cx.config()?.default_zone() == Some(zone.name.as_str());
    // One that can't be read is reported by the commands that need it.
    let session = session::find_session(cx, zone).ok().flatten();
    let open = token_endpoint(cx, zone).and_then(|endpoint| cx.breaker_open_until(&endpoint));
    Ok(Row {
        zone: zone.name.clone(),
        default,
        issuer: Some(zone.issuer.clone()),
        who: session.as_ref().and_then(|session| session.who.clone()).or_else(|| zone.client_id.clone()),
        grant: Some(zone.grant().to_string()),
        token,
        expires_at: expires_at.map(Moment::rfc3339),
        expires_at_epoch: expires_at.map(Moment::epoch),
        refresh_token: session.is_some_and(|session| session.refresh_token),
        vault: zone.vault.map(|vault| vault.to_string()),
        breaker: open.map(|until| Breaker { open_until: until.rfc3339() }),
        shared_cache: describe_shared_cache(cx),
        token_cell,
    })
}

fn describe_shared_cache(cx: &Context) -> Option<SharedCacheState> {
    if cx.environment.flag("HALLPASS_NO_CACHE") {
        return None;
    }
    let (state, because) = match cx.shared_cache_keys() {
        Ok(None) => return None,
        Ok(Some((address, _))) => match cx.remembered_fault() {
            None => ("configured", address.to_string()),
            Some(fault) => ("unreachable", fault.to_string()),
        },
        Err(error) => ("unusable", error.chain()),
    };
    Some(SharedCacheState { state, because })
}

/// The token endpoint as far as it is known without asking.
fn token_endpoint(cx: &Context, zone: &Zone) -> Option<String> {
    if let Some(explicit) = zone.endpoint("token_endpoint").ok().flatten() {
        return Some(explicit);
    }
    discovery::cached_metadata(cx, zone)?.endpoint("token_endpoint").ok().flatten().map(str::to_owned)
}
