//! A sign-in on another device (RFC 8628): this one shows a short code and a page, and asks until the person has answered.

use std::time::Duration;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::{Environment, Moment};
use crate::error::{self, Error, Kind};
use crate::flows::client::Client;
use crate::http;
use crate::oauth::device::{self, Authorization};
use crate::oauth::id_token::Nonce;
use crate::oauth::issuer;
use crate::oauth::token::{self, TokenResponse};
use crate::output::describe_span;
use crate::text::escape_control;

use super::authorize::wait_notice;
use super::id_token;

/// The longest pause, unless the server asks for a longer one with `slow_down` or Retry-After.
const LONGEST: Duration = Duration::from_secs(60);
/// How long before the code or the deadline expires a poll is still worth it.
const LAST_MOMENT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qr {
    Auto,
    Always,
    Never,
}

impl Qr {
    pub const NAMED: &'static [(&'static str, &'static str, Self)] =
        &[("auto", "On a terminal", Self::Auto), ("always", "Always", Self::Always), ("never", "Never", Self::Never)];
}

/// Asks for a code, shows it, and waits for the person. `zone` has the scopes, audiences and resources that are wanted.
/// The answer is what [`crate::flows::token::session::save_session`] saves.
pub fn sign_in(cx: &Context, zone: &Zone, qr: Qr) -> Result<(TokenResponse, Moment), Error> {
    let client = Client::of(cx, zone)?;
    let asked = client
        .send("device_authorization_endpoint", &|url| device::request(url, &client.id, &zone.token_parameters()))?;
    let begun = client.judge(&asked, device::read(&asked.answer))?;
    show_code(cx, zone, &begun, qr);
    let deadline = if cx.bounded() { cx.deadline().remaining() } else { None };
    cx.ui.info(&wait_notice(deadline, Some(begun.expires_in)));
    let (response, sent_at) = poll_token(cx, zone, &client, &begun, asked.sent_at.plus(begun.expires_in))?;
    if let Some(token) = &response.id_token {
        id_token::verify(cx, zone, token, Nonce::NotJudged, Some(&response.access_token), None)?;
    }
    Ok((response, sent_at))
}

/// Shows the code at every verbosity: the person needs it to go on.
fn show_code(cx: &Context, zone: &Zone, begun: &Authorization, qr: Qr) {
    let say = |line: &str| cx.ui.write_line(&escape_control(line));
    say("To sign in, open this page on any device:");
    say(&begun.verification_uri);
    say(&format!("and type the code {}", begun.user_code));
    if let Some(complete) = &begun.verification_uri_complete {
        say("or open this one, and compare the code:");
        say(complete);
    }
    let home = issuer::origin(&zone.issuer);
    let pages = std::iter::once(&begun.verification_uri).chain(&begun.verification_uri_complete);
    let mut pages: Vec<&str> = pages.map(|page| issuer::origin(page)).filter(|page| *page != home).collect();
    pages.dedup();
    for page in pages {
        cx.ui.warn(&format!("the page is at {page}, the issuer at {home}: make sure that you know it"));
    }
    cx.ui.write_warnings();
    let wanted = match qr {
        Qr::Auto => cx.ui.stderr_terminal() && draws_blocks(&cx.environment),
        Qr::Always => true,
        Qr::Never => false,
    };
    if wanted {
        cx.ui.qr(begun.verification_uri_complete.as_deref().unwrap_or(&begun.verification_uri));
    }
}

/// Whether the terminal has the characters of a code, as far as its name and the locale tell.
fn draws_blocks(environment: &Environment) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| environment.text(name));
    environment.text("TERM") != Some("dumb") && !matches!(locale, Some("C" | "POSIX"))
}

/// Polls at the server's pace (RFC 8628 §3.5); the pause doubles while the server can't be reached.
fn poll_token(
    cx: &Context,
    zone: &Zone,
    client: &Client<'_>,
    begun: &Authorization,
    expires_at: Moment,
) -> Result<(TokenResponse, Moment), Error> {
    let page = begun.verification_uri.split("://").last().unwrap_or_default();
    let host = page.split('/').next().unwrap_or_default();
    let _shown = cx.ui.waiting().show(|| format!("waiting for the code to be confirmed at {host}"));
    let expired = || error::sign_in::code_expired(&zone.name);
    // Why the last poll had no answer: then it may not be the person who is late.
    let mut trouble: Option<String> = None;
    let with_trouble = |error: Error, trouble: Option<String>| match trouble {
        Some(trouble) => error.because(format!("the last request: {trouble}")),
        None => error,
    };
    let mut interval = begun.interval.min(LONGEST);
    let (mut pause, mut polled) = (interval, false);
    loop {
        let left = expires_at.since(cx.clock.now());
        let bound = if cx.bounded() { cx.deadline().remaining().unwrap_or_default() } else { Duration::MAX };
        match left.min(bound) {
            end if pause < end => cx.clock.sleep(pause),
            // The server wants to be asked later than is possible: it is asked once, at the last moment.
            end if !polled && !end.is_zero() => {
                cx.ui.info(&format!("the server wants {} between questions: it is asked once", describe_span(pause)));
                cx.clock.sleep(end.saturating_sub(LAST_MOMENT.min(end / 4)));
            }
            _ if bound < left => return Err(with_trouble(error::sign_in::deadline_passed(), trouble)),
            _ => {
                cx.clock.sleep(left);
                return Err(with_trouble(expired(), trouble));
            }
        }
        cx.waited_for_person();
        polled = true;
        let asked = match client.send("token_endpoint", &|url| device::poll(url, &begun.device_code, &zone.params)) {
            Ok(asked) => asked,
            Err(error) if error.kind == Kind::Network && !error.silent => {
                pause = slow_down(cx, pause, &error, &mut trouble);
                continue;
            }
            Err(error) => return Err(error),
        };
        let error = match client.judge(&asked, token::read(&asked.answer)) {
            Ok(response) => return Ok((response, asked.sent_at)),
            Err(error) => error,
        };
        trouble = None;
        // These codes count whatever the status is.
        pause = match error.code.as_deref() {
            Some("access_denied") => return Err(error::sign_in::denied(error)),
            Some("expired_token") => return Err(expired().because(error.chain())),
            Some("slow_down") => {
                interval += device::SLOWER;
                interval
            }
            Some("authorization_pending") => interval,
            _ if error.retriable() => slow_down(cx, pause, &error, &mut trouble),
            _ => return Err(error),
        };
        pause = pause.max(http::retry_after(&asked.answer, cx.clock.now()).unwrap_or_default());
    }
}

fn slow_down(cx: &Context, pause: Duration, error: &Error, trouble: &mut Option<String>) -> Duration {
    *trouble = Some(error.chain());
    cx.ui.debug(&format!("no answer, asking more slowly: {}", error.chain()));
    (pause * 2).min(LONGEST.max(pause))
}
