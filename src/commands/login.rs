//! `hallpass login`: a person signs in; what renews their tokens is kept.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::session::{self, Kept};
use crate::flows::{device, discovery};
use crate::output::{Text, View};
use crate::store::Backend;

use super::authorization::Flags;
use super::zone::issuer;
use super::{Outcome, shape};

mod place;

use place::Place;

/// Sign in to a zone, or to an issuer of which it makes one
///
/// The refresh token rests in the vault, and `token` renews by it. With ISSUER it makes the zone, named by -z or else
/// by the issuer's last segment, with these flags as its settings. --device shows a code that is typed on any other
/// device (RFC 8628).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass login \"$HALLPASS_ISSUER\" -z me --device --client-id sandbox-public --scope 'openid profile' && hallpass token -z me"
)]
pub struct Args {
    /// The issuer, byte for byte as the server says it; else the zone's
    #[arg(value_name = "ISSUER", value_parser = issuer)]
    issuer: Option<String>,
    /// Sign in on another device
    #[arg(long)]
    device: bool,
    /// With --device: show the page as a QR code
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    qr: Qr,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Qr {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The JSON answer of `login`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The zone.
    zone: String,
    /// Its issuer.
    issuer: String,
    /// Who signed in, as the server names them.
    who: Option<String>,
    /// The scopes that were asked for.
    scope: Vec<String>,
    /// Whether a refresh token is stored.
    refresh_token: bool,
    /// Where it rests.
    vault: Option<String>,
    /// When the access token expires, RFC 3339 in UTC; null when it is not cached.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
}

struct Answer {
    zone: Zone,
    kept: Kept,
}

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape {
            zone: self.zone.name.clone(),
            issuer: self.zone.issuer.clone(),
            who: self.kept.who.clone(),
            scope: self.zone.scope.clone(),
            refresh_token: self.kept.refresh_token.is_some(),
            vault: self.kept.refresh_token.map(|backend| backend.to_string()),
            expires_at: self.kept.expires_at.map(Moment::rfc3339),
            expires_at_epoch: self.kept.expires_at.map(Moment::epoch),
        })
    }

    fn text(&self) -> Text {
        let name = &self.zone.name;
        let who = self.kept.who.as_ref().map(|who| format!(" as {who}")).unwrap_or_default();
        let rests = match (self.kept.refresh_token, self.kept.expires_at) {
            (Some(backend), _) => format!("the refresh token rests in the {backend} vault"),
            (None, Some(at)) => format!("there is no refresh token: the access token serves until {}", at.rfc3339()),
            (None, None) => "nothing was kept".to_owned(),
        };
        Text::Line(format!("signed in to zone {name}{who}; {rests}; next: hallpass token -z {name}"))
    }
}

/// Signs in: the storage is proven before the person is bothered.
///
/// # Errors
/// 2 when there is no zone to sign in to, 7 when nothing could be kept; else those of the way to sign in.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let mut place = Place::find(cx, args.issuer.as_deref(), &args.flags)?;
    let backend = if cx.options.dry_run { Backend::Sealed } else { session::prove_writable(cx, &place.zone)? };
    let offered = || discovery::endpoint(cx, &place.zone, "device_authorization_endpoint", false);
    if !args.device {
        offered().map_err(|error| error.hint("name the way to sign in: --device"))?;
    }
    place.pin(backend, if args.device { "device_code" } else { "authorization_code" });
    let qr = match args.qr {
        Qr::Auto => device::Qr::Auto,
        Qr::Always => device::Qr::Always,
        Qr::Never => device::Qr::Never,
    };
    let (response, sent_at) = device::sign_in(cx, &place.zone, qr)?;
    cx.waited_for_person();
    place.settle(cx)?;
    let kept = session::keep(cx, &place.zone, response, sent_at)?;
    Ok(Outcome::view(Answer { zone: place.zone, kept }))
}
