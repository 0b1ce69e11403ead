//! `hallpass login`: a person signs in; the refresh token is stored.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::{Environment, Moment};
use crate::error::{Error, exit};
use crate::flows::discovery;
use crate::flows::sign_in::authorization_request::Par;
use crate::flows::sign_in::authorize::{self, ResponseMode};
use crate::flows::sign_in::device::{self, Qr};
use crate::flows::token::session::{self, SavedSession};
use crate::oauth::grant::Grant;
use crate::oauth::token::TokenResponse;
use crate::output::{Render, Text};
use crate::text::quote_for_shell;

use super::Outcome;
use super::authorization::Flags;
use super::named_value::named_value;
use super::zone::{ProofFlags, parse_issuer};

mod protected_resource;
mod target_zone;

use protected_resource::ResourceFlags;
use target_zone::Wanted;

/// Sign in to a zone; with ISSUER, create it first
///
/// The refresh token is stored in the vault; `token` renews with it. With ISSUER the zone is created first, named by -z or
/// else by the issuer's last segment, with these flags as its settings. Where there is a display, a browser opens; over
/// SSH or without one, a code is shown to type on any other device (RFC 8628), if the server supports that, else you paste
/// the URL that a browser elsewhere was redirected to. On a terminal it asks for the issuer and client that are missing.
///
/// With --resource and without ISSUER it begins at a protected API, such as an MCP server: the API names its authorization
/// server and scope (RFC 9728), a client is registered there if none is given, and the zone, named by -z or else by the
/// API's host, is ready for `hallpass curl`. A client registered for an API is kept even if the sign-in fails.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(after_help = r"Examples:
  # Sign in with a browser; the zone is named me
  $ hallpass login https://sso.example/realms/acme -z me --client-id my-tool \
      --browser

  # On a machine without a browser: type a code on another device
  $ hallpass login https://sso.example/realms/acme --client-id my-tool --device

  # With a client that has a secret; with SOURCE - you type it hidden
  $ hallpass login https://sso.example/realms/acme --client-id deploy \
      --client-secret-from env:CI_SECRET --browser

  # Sign in again, with other scopes
  $ hallpass login -z me --scope 'openid profile' --browser

  # Begin at a protected API, then call it
  $ hallpass login --resource https://api.example/mcp -z mcp
  $ hallpass curl -- https://api.example/mcp")]
pub struct Args {
    /// The issuer, exactly as in the metadata (default: the zone's)
    #[arg(value_name = "ISSUER", value_parser = parse_issuer)]
    issuer: Option<String>,
    /// Sign in on another device
    #[arg(long)]
    device: bool,
    /// Sign in with a browser on this machine
    #[arg(long, conflicts_with = "device")]
    browser: bool,
    /// Sign in anywhere, then paste the URL you were redirected to (read from stdin if it is not a terminal)
    #[arg(long, conflicts_with_all = ["device", "browser"])]
    paste: bool,
    /// Do not open a browser, only show the URL
    #[arg(long)]
    no_browser: bool,
    /// When to use a pushed authorization request (RFC 9126)
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = named_value(Par::NAMED))]
    par: Par,
    /// With --device: show the page as a QR code
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = named_value(Qr::NAMED))]
    qr: Qr,
    /// Bind the zone's tokens to a key (DPoP, RFC 9449)
    #[arg(long)]
    dpop: bool,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    resource: ResourceFlags,
    #[command(flatten)]
    proof: ProofFlags,
}

/// Who signed in, and what was stored.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone.
    zone: String,
    /// Its issuer.
    issuer: String,
    /// Who signed in, as the server names them.
    who: Option<String>,
    /// `authorization_code` or `device_code`.
    grant: String,
    /// The requested scopes.
    scope: Vec<String>,
    /// Whether a refresh token is stored.
    refresh_token: bool,
    /// Where it is stored.
    vault: Option<String>,
    /// When the access token expires, RFC 3339 in UTC; null when it is not cached, or that is unknown.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The command to type next.
    next: String,
}

impl Answer {
    fn new(zone: Zone, kept: SavedSession, url: Option<&str>) -> Self {
        let name = &zone.name;
        Self {
            next: match url {
                Some(url) => format!("hallpass curl -z {name} -- {}", quote_for_shell(url)),
                None => format!("hallpass token -z {name}"),
            },
            grant: zone.grant().to_string(),
            zone: zone.name,
            issuer: zone.issuer,
            who: kept.who,
            scope: zone.scope,
            refresh_token: kept.refresh_token.is_some(),
            vault: kept.refresh_token.map(|backend| backend.to_string()),
            expires_at: kept.expires_at.map(Moment::rfc3339),
            expires_at_epoch: kept.expires_at.map(Moment::epoch),
        }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        let who = self.who.as_ref().map(|who| format!(" as {who}")).unwrap_or_default();
        // Without a refresh token the access token is cached, or the sign-in fails.
        let stored = match (&self.vault, self.expires_at.as_deref()) {
            (Some(vault), _) => format!("the refresh token is stored in the {vault} vault"),
            (None, Some(at)) => format!("no refresh token; the access token is valid until {at}"),
            (None, None) => {
                "no refresh token; the access token has no known lifetime and is kept until logout".to_owned()
            }
        };
        Text::Line(format!("signed in to zone {}{who}; {stored}; next: {}", self.zone, self.next))
    }
}

/// Checks that the sign-in can be stored, before the person is asked.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (issuer, flags, proof) = (args.issuer.as_deref(), &args.flags, &args.proof);
    let start = args.resource.find_start(cx, (issuer, flags, proof))?;
    let wanted = Wanted { issuer, flags, proof, dpop: args.dpop, start: start.as_ref() };
    let mut target = wanted.find(cx)?;
    let backend = session::prove_writable(cx, &target.zone)?;
    cx.rehearse_config()?;
    let way = way(cx, args, &target.zone).map_err(|error| target.explain_failure(error))?;
    let grant = if way.is_none() { Grant::DeviceCode } else { Grant::AuthorizationCode };
    target.pin(backend, grant);
    let registered = target.register_client(cx, grant);
    registered.map_err(|error| match start.as_ref().and_then(|start| start.demand.as_ref()) {
        Some(demand) => error.or_with_client(&target.zone, &demand.url),
        None => error,
    })?;
    let (response, sent_at) = match way {
        Some(way) => sign_in_by_code(cx, args, &target.zone, way),
        None => device::sign_in(cx, &target.zone, args.qr)
            .map_err(|error| error.or_with_browser(&target.zone.name, has_display(&cx.environment, false))),
    }
    .map_err(|error| target.explain_failure(error))?;
    cx.waited_for_person();
    target.save(cx)?;
    let kept = session::save_session(cx, &target.zone, response, sent_at)?;
    let url = start.and_then(|start| Some(start.demand?.url));
    Ok(Outcome::view(Answer::new(target.zone, kept, url.as_deref())))
}

fn sign_in_by_code(
    cx: &Context,
    args: &Args,
    zone: &Zone,
    way: ResponseMode,
) -> Result<(TokenResponse, Moment), Error> {
    authorize::sign_in(cx, args.flags.wish(zone.clone(), String::new()), args.flags.port, args.par, way)
}

/// How the response comes back; `None` is another device. As the flags say, else by the browser where there is a display,
/// else by another device where the server supports that. Else a person pastes it: no browser elsewhere reaches a listener
/// on this machine.
fn way(cx: &Context, args: &Args, zone: &Zone) -> Result<Option<ResponseMode>, Error> {
    if args.device {
        return Ok(None);
    }
    if args.paste {
        return Ok(Some(ResponseMode::Paste));
    }
    if args.no_browser {
        return Ok(Some(ResponseMode::Listen));
    }
    if has_display(&cx.environment, args.browser) {
        return Ok(Some(ResponseMode::Browser));
    }
    // A redirect URI or port is of use only where this command listens.
    if args.browser || args.flags.redirect_uri.is_some() || args.flags.port.is_some() {
        return Ok(Some(ResponseMode::Listen));
    }
    match discovery::find_endpoint(cx, zone, "device_authorization_endpoint", false) {
        Ok(_) => Ok(None),
        Err(error) if error.exit == exit::CONFIG && cx.may_ask() => {
            cx.ui.info(
                "No display found: sign in on any machine, then paste the URL you were redirected to (--paste). To wait \
                 for a browser on this machine: --no-browser",
            );
            Ok(Some(ResponseMode::Paste))
        }
        Err(error) if error.exit == exit::CONFIG => {
            cx.ui.info("No display found. To sign in on any machine and paste the URL you were redirected to: --paste");
            Ok(Some(ResponseMode::Listen))
        }
        Err(error) => Err(error),
    }
}

/// Whether a page can be shown to the person at this terminal; over SSH only where it is `wanted`.
fn has_display(environment: &Environment, wanted: bool) -> bool {
    if environment.text("BROWSER").is_some() {
        return true;
    }
    let away = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| environment.text(name).is_some());
    let shown = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].iter().any(|name| environment.text(name).is_some());
    (wanted || !away) && (shown || cfg!(any(windows, target_os = "macos")))
}

#[cfg(test)]
mod tests {
    use super::has_display;
    use crate::edges::Environment;

    #[test]
    fn over_ssh_display_is_somewhere_else() {
        let shown = |names: &[&str]| has_display(&Environment::of(names.iter().map(|name| (*name, "x"))), false);
        assert!(shown(&["DISPLAY"]) && shown(&["WAYLAND_DISPLAY"]) && shown(&["BROWSER", "SSH_TTY"]));
        assert!(!shown(&["DISPLAY", "SSH_CONNECTION"]));
        let forwarded = Environment::of([("DISPLAY", "x"), ("SSH_TTY", "x")]);
        assert!(has_display(&forwarded, true) && !has_display(&Environment::of([("SSH_TTY", "x")]), true));
        assert!(!shown(&[]) || cfg!(any(windows, target_os = "macos")));
    }
}
