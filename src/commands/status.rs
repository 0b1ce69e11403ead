//! `hallpass status`: shows the zones. Never sends a request and never opens the keyring.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::discovery;
use crate::flows::token::cache;
use crate::flows::token::session;
use crate::output::{Render, Text};

use super::Outcome;

/// Show zones, their tokens and circuit breakers (offline)
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass status\n  $ hallpass status --all --json")]
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
    /// Its name.
    zone: String,
    /// Whether it is the default zone.
    default: bool,
    /// Its issuer.
    issuer: String,
    /// The user who signed in, else the client_id.
    who: Option<String>,
    /// Its grant.
    grant: String,
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
}

/// An open breaker.
#[derive(Serialize, JsonSchema)]
pub struct Breaker {
    /// When it lets a probe through, RFC 3339 in UTC.
    open_until: String,
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
                one.issuer.clone(),
                one.who.clone().unwrap_or_default(),
                one.grant.clone(),
                one.token.to_owned(),
                one.expires_at.clone().unwrap_or_else(|| if one.token == "valid" { "unknown" } else { "" }.to_owned()),
                if one.refresh_token { "yes" } else { "no" }.to_owned(),
                one.vault.clone().unwrap_or_default(),
                one.breaker.as_ref().map(|breaker| format!("open until {}", breaker.open_until)).unwrap_or_default(),
            ]
        };
        Text::Table { head: &COLUMNS, rows: self.zones.iter().map(row).collect() }
    }

    fn negative(&self) -> bool {
        self.negative
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
            for name in config.zones() {
                zones.extend(config.zone(name)?);
            }
        }
    } else {
        zones.extend(chosen);
    }
    let rows = zones.iter().map(|zone| describe_zone(cx, zone)).collect::<Result<Vec<_>, Error>>()?;
    let negative = args.exit_status && (rows.is_empty() || rows.iter().any(|one| one.token != "valid"));
    Ok(Outcome::view(Answer { zones: rows, negative }))
}

fn describe_zone(cx: &Context, zone: &Zone) -> Result<Row, Error> {
    let now = cx.clock.now();
    let latest = match cx.caches(zone.ephemeral())? {
        Some(caches) => cache::find_usual_token(cx, zone, &caches)?,
        None => None,
    };
    let token = match &latest {
        None => "none",
        Some(token) if token.left(now).is_some() => "valid",
        Some(_) => "expired",
    };
    let expires_at = latest.and_then(|token| token.expires_at);
    let default = !zone.ephemeral() && cx.config()?.default_zone() == Some(zone.name.as_str());
    // One that can't be read is reported by the commands that need it.
    let session = session::find_session(cx, zone).ok().flatten();
    let open = token_endpoint(cx, zone).and_then(|endpoint| cx.breaker_open_until(&endpoint));
    Ok(Row {
        zone: zone.name.clone(),
        default,
        issuer: zone.issuer.clone(),
        who: session.as_ref().and_then(|session| session.who.clone()).or_else(|| zone.client_id.clone()),
        grant: zone.grant().to_string(),
        token,
        expires_at: expires_at.map(Moment::rfc3339),
        expires_at_epoch: expires_at.map(Moment::epoch),
        refresh_token: session.is_some_and(|session| session.refresh_token),
        vault: zone.vault.map(|vault| vault.to_string()),
        breaker: open.map(|until| Breaker { open_until: until.rfc3339() }),
    })
}

/// The token endpoint as far as it is known without asking.
fn token_endpoint(cx: &Context, zone: &Zone) -> Option<String> {
    if let Some(explicit) = zone.endpoint("token_endpoint").ok().flatten() {
        return Some(explicit);
    }
    discovery::cached_metadata(cx, zone)?.endpoint("token_endpoint").ok().flatten().map(str::to_owned)
}
