//! Signs a person out: at the server where it offers that, and here.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::flows::client::Client;
use crate::flows::discovery;
use crate::flows::revocation::{self, Own};
use crate::flows::token::session;
use crate::oauth::{end_session, revocation as revocation_request};
use crate::secret::Secret;
use crate::store::SecretKind;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignedOut {
    pub signed_in: bool,
    /// Whether the server says that the session has ended.
    pub session_ended: bool,
    pub revoked: usize,
}

/// Signs out of a zone. The session at the server is ended where that is offered; where it can't be, that is told, and
/// the sign-in is forgotten here all the same. With `revoke` the tokens are revoked as well, and forgotten only when the
/// server has done it.
pub fn sign_out(cx: &Context, zone: &Zone, revoke: bool) -> Result<SignedOut, Error> {
    if zone.ephemeral() || !session::known(cx, zone)? {
        if session::needed(zone) && !cx.options.dry_run {
            cx.token_caches()?.forget_zone(&zone.name)?;
        }
        return Ok(SignedOut::default());
    }
    if cx.options.dry_run {
        return shown(cx, zone, revoke);
    }
    let lock = session::lock(cx, zone)?;
    let mut done = SignedOut { signed_in: true, session_ended: end(cx, zone)?, revoked: 0 };
    if revoke {
        drop(lock);
        let revoked = revocation::own(cx, zone, Own::All)?;
        for note in &revoked.notes {
            cx.ui.info(&format!("the server remarks: {note}"));
        }
        done.revoked = revoked.told;
    } else {
        session::forget_locked(cx, zone)?;
    }
    Ok(done)
}

/// Ends the session at the server, and says whether it did. Only a vault that can't be used is an error.
fn end(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    if !offered(cx, zone) {
        cx.ui.debug("the server offers no end of a session");
        return Ok(false);
    }
    let signed_in = session::of(cx, zone)?.is_some_and(|session| session.refresh_token);
    let refresh_token = if signed_in { cx.stored(zone, SecretKind::RefreshToken)? } else { None };
    let id_token = id_token(cx, zone)?;
    if refresh_token.is_none() && id_token.is_none() {
        cx.ui.warn("there is neither a refresh token nor an ID token to name the session by: it ends by itself");
        return Ok(false);
    }
    match ask(cx, zone, refresh_token.as_ref(), id_token.as_ref()) {
        Ok(true) => Ok(true),
        Ok(false) => {
            cx.ui.warn("the server answered the logout with a page: its session may still be there");
            Ok(false)
        }
        Err(error) => {
            cx.ui.warn(&format!("the session at the server may still be there: {}", error.chain()));
            Ok(false)
        }
    }
}

fn ask(cx: &Context, zone: &Zone, refresh_token: Option<&Secret>, id_token: Option<&Secret>) -> Result<bool, Error> {
    let client = Client::of(cx, zone)?;
    let asked = client.send(end_session::ENDPOINT, &|url| end_session::request(url, refresh_token, id_token))?;
    client.judge(&asked, end_session::read(&asked.answer))
}

/// Whether the metadata names the endpoint; a server that can't be asked offers nothing now.
fn offered(cx: &Context, zone: &Zone) -> bool {
    match discovery::metadata(cx, zone, false) {
        Ok((metadata, _)) => matches!(metadata.endpoint(end_session::ENDPOINT), Ok(Some(_))),
        Err(error) => {
            cx.ui.debug(&error.chain());
            false
        }
    }
}

/// The newest ID token of the zone; as a hint it may have expired (RP-Initiated Logout §2).
fn id_token(cx: &Context, zone: &Zone) -> Result<Option<Secret>, Error> {
    let Some(caches) = cx.caches(false)? else { return Ok(None) };
    let tokens = caches
        .tokens
        .list()?
        .into_iter()
        .filter(|token| (&token.provenance.zone, &token.provenance.issuer) == (&zone.name, &zone.issuer));
    Ok(tokens
        .filter(|token| token.id_token.is_some())
        .max_by_key(|token| token.sent_at)
        .and_then(|token| token.id_token))
}

/// `--dry-run`: the first request, without vault and cache; the redactor hides what stands here anyway.
fn shown(cx: &Context, zone: &Zone, revoke: bool) -> Result<SignedOut, Error> {
    let hidden = Secret::new("dry-run");
    let (metadata, _) = discovery::metadata(cx, zone, false)?;
    if metadata.endpoint(end_session::ENDPOINT)?.is_some() {
        ask(cx, zone, Some(&hidden), None)?;
    }
    if revoke {
        let request = |url: &str| revocation_request::request(url, &hidden, Some("refresh_token"));
        Client::of(cx, zone)?.send("revocation_endpoint", &request)?;
    }
    Err(Error::nothing_sent())
}
