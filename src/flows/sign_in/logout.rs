//! Signs a person out: at the server where it offers that, and here.

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::Client;
use crate::flows::discovery;
use crate::flows::revocation::{self, Own};
use crate::flows::token::session;
use crate::oauth::{end_session, secure_url};
use crate::secret::Secret;
use crate::store::{SecretKind, Token};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignedOut {
    pub signed_in: bool,
    pub session_ended: bool,
    pub revoked: usize,
}

/// Signs out of a zone: at the server if it offers that, and here. With `revoke` the tokens are deleted once revoked.
pub fn sign_out(cx: &Context, zone: &Zone, revoke: bool) -> Result<SignedOut, Error> {
    if zone.ephemeral() || !session::may_exist(cx, zone)? {
        if zone.grant().needs_sign_in() {
            cx.token_caches()?.forget_zone(&zone.name)?;
        }
        return Ok(SignedOut::default());
    }
    let lock = session::lock_session(cx, zone)?;
    let mut done = SignedOut { signed_in: true, session_ended: end_session(cx, zone)?, revoked: 0 };
    if revoke {
        drop(lock);
        let revoked = revocation::revoke_own(cx, zone, Own::All)
            .map_err(|error| error::session::or_sign_out_here(error, &zone.name))?;
        for note in &revoked.notes {
            let line = format!("the server says: {note}");
            // Where the session has ended, its tokens are invalid already.
            if done.session_ended { cx.ui.debug(&line) } else { cx.ui.info(&line) }
        }
        done.revoked = revoked.count;
    } else {
        cx.require_request(false)?;
        session::forget_locked(cx, zone)?;
    }
    Ok(done)
}

/// Ends the session at the server, and returns whether it did. Only a vault that fails is an error.
fn end_session(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    let offered = discovery::find_metadata(cx, zone)
        .and_then(|metadata| Ok(metadata.endpoint(end_session::ENDPOINT)?.map(str::to_owned)));
    let endpoint = match offered {
        Ok(Some(endpoint)) => endpoint,
        Err(error) if error.silent => return Err(error),
        Err(error) => {
            cx.ui.debug(&error.chain());
            return Ok(false);
        }
        Ok(None) => {
            cx.ui.debug("the server has no end_session_endpoint");
            return Ok(false);
        }
    };
    let signed_in = session::find_session(cx, zone)?.is_some_and(|session| session.refresh_token);
    let refresh_token = if signed_in { cx.stored(zone, SecretKind::RefreshToken)? } else { None };
    let id_token = find_id_token(cx, zone)?;
    match send_logout(cx, zone, &endpoint, refresh_token.as_ref(), id_token.as_ref()) {
        Ok(true) => return Ok(true),
        Ok(false) => cx.ui.warn("the server answered the logout with a page: its session may still be there"),
        Err(error) if error.silent => return Err(error),
        Err(error) => cx.ui.warn(&format!("the session at the server may still be there: {}", error.chain())),
    }
    Ok(false)
}

/// The refresh token and the client's credential go to the origin of the token endpoint only; elsewhere the refresh token
/// is revoked (RFC 7009), and the ID token alone names the session.
fn send_logout(
    cx: &Context,
    zone: &Zone,
    endpoint: &str,
    refresh_token: Option<&Secret>,
    id_token: Option<&Secret>,
) -> Result<bool, Error> {
    let client = Client::of(cx, zone)?;
    let token_endpoint = discovery::find_endpoint(cx, zone, "token_endpoint", false)?.url;
    if let Some(refresh_token) = refresh_token
        && secure_url::same_origin(endpoint, &token_endpoint)
    {
        let build = |url: &str| end_session::request_by_refresh_token(url, refresh_token, id_token);
        let asked = client.send_to(endpoint, end_session::ENDPOINT, &build)?;
        return client.judge(&asked, end_session::read(&asked.answer));
    }
    match refresh_token.map(|token| revocation::revoke_token(cx, &client, token, Some("refresh_token"))) {
        Some(Err(error)) if error.silent => return Err(error),
        Some(Err(error)) => cx.ui.warn(&format!("the refresh token was not revoked: {}", error.chain())),
        Some(Ok(_)) | None => {}
    }
    let id_token = id_token.ok_or_else(error::session::no_id_token_to_end_it)?;
    let request = end_session::request(endpoint, &client.id, id_token);
    let answer = cx.http_session(Some(zone)).send(&mut || request.clone())?;
    Ok(end_session::read(&answer)?)
}

/// The newest ID token of the zone; as a hint it may have expired (RP-Initiated Logout §2).
fn find_id_token(cx: &Context, zone: &Zone) -> Result<Option<Secret>, Error> {
    let Some(caches) = cx.usable_caches(zone)? else { return Ok(None) };
    let own = |token: &Token| (&token.provenance.zone, &token.provenance.issuer) == (&zone.name, &zone.issuer);
    let newest = caches.tokens.list()?.into_iter().filter(|token| own(token) && token.id_token.is_some());
    Ok(newest.max_by_key(|token| token.sent_at).and_then(|token| token.id_token))
}
