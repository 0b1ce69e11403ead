//! What a sign-in saves, under the lock of the credential: first the refresh token in the vault, then the session's file
//! and the access token in the cache.

use crate::config::{Backend, Zone};
use crate::context::{Context, LockName};
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::jose;
use crate::oauth::claim;
use crate::oauth::token::TokenResponse;
use crate::secret::Secret;
use crate::store::{Fault, Lock, SecretKind, Session, TokenKey};
use crate::text::sanitize;

use super::cache;
use super::request::TokenRequest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSession {
    /// Where the refresh token is stored; `None` when the server gave none.
    pub refresh_token: Option<Backend>,
    /// Whether the access token is cached, until it expires or until `logout`.
    pub cached: bool,
    /// When the access token expires; `None` when it is not cached, or nobody knows.
    pub expires_at: Option<Moment>,
    /// Who signed in, as the server names them; sanitized.
    pub who: Option<String>,
}

/// Checks that a sign-in could be saved, before a person is asked to sign in, and returns the vault.
pub fn prove_writable(cx: &Context, zone: &Zone) -> Result<Backend, Error> {
    let backend = cx.usable_vault(zone)?;
    cx.sessions()?.check_writable()?;
    Ok(backend)
}

/// Takes the lock of the zone's credential: no other process signs in, refreshes or logs out meanwhile.
pub fn lock_session(cx: &Context, zone: &Zone) -> Result<Option<Lock>, Error> {
    cx.lock(&LockName::Session(&zone.name))
}

/// The zone's session, unless it was made at another issuer or by another client.
pub fn find_session(cx: &Context, zone: &Zone) -> Result<Option<Session>, Error> {
    if zone.ephemeral() {
        return Ok(None);
    }
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let session = cx.sessions()?.get(&zone.name).map_err(|fault| match fault {
        Fault::Damaged { .. } => error::session::damaged(&zone.name, fault),
        fault => fault.into(),
    })?;
    Ok(session.filter(|session| session.belongs(&zone.issuer, client_id)))
}

/// Whether there may be a session, so that the zone's vault may hold a refresh token.
pub fn may_exist(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    match cx.sessions()?.get(&zone.name) {
        Ok(session) => Ok(session.is_some()),
        // An unreadable file may be one.
        Err(Fault::Damaged { .. } | Fault::Newer { .. }) => Ok(true),
        Err(fault) => Err(fault.into()),
    }
}

/// Saves the result of a sign-in. `zone` has the scopes, audiences and resources that were requested, and its vault.
pub fn save_session(
    cx: &Context,
    zone: &Zone,
    response: TokenResponse,
    sent_at: Moment,
) -> Result<SavedSession, Error> {
    let _lock = lock_session(cx, zone)?;
    let (who, subject) = (find_person(&response), find_subject(&response));
    let backend = cx.backend_of(zone)?;
    let has_refresh_token = response.refresh_token.is_some();
    let stored = match response.refresh_token.clone() {
        Some(refresh_token) => store_refresh_token(cx, zone, backend, refresh_token),
        None => delete_refresh_token(cx, zone).map(drop),
    };
    let session = Session {
        issuer: zone.issuer.clone(),
        client_id: zone.client_id.clone().unwrap_or_default(),
        refresh_token: has_refresh_token,
        who: who.clone(),
        subject,
        scope: zone.scope.clone(),
        signed_in_at: cx.clock.now(),
        rotates: None,
        sent: None,
    };
    cx.sessions()?.put(&zone.name, &session)?;
    pin_vault(cx, zone, backend)?;
    let request = TokenRequest::of(zone);
    let token = request.issued_token(cx, response, sent_at);
    // Cached tokens may belong to another user.
    cx.token_caches()?.forget_zone(&zone.name)?;
    // The headers of this command are not those of the next one, which is to find the token.
    let key = TokenKey { headers: zone.headers.clone(), ..cache::token_key(cx, &request)? };
    let cached = cx.caches(false)?.is_some_and(|caches| cache::put(cx, &caches, &key, &token));
    stored?;
    if !has_refresh_token && !cached {
        return Err(error::session::not_saved());
    }
    let expires_at = token.expires_at.filter(|_| cached);
    Ok(SavedSession { refresh_token: has_refresh_token.then_some(backend), cached, expires_at, who })
}

/// Stores a refresh token in the vault; if that fails it is rescued into a file, and the error says so.
pub fn store_refresh_token(cx: &Context, zone: &Zone, backend: Backend, refresh_token: Secret) -> Result<(), Error> {
    let record = cx.record(zone, SecretKind::RefreshToken, refresh_token);
    let sessions = cx.sessions()?;
    let Err(error) = cx.vault(backend).and_then(|vault| Ok(vault.put(&zone.name, &record)?)) else {
        sessions.discard_rescued(&zone.name)?;
        return Ok(());
    };
    Err(match sessions.rescue(&zone.name, &record) {
        Ok(path) => error::session::rescued(error, &path),
        Err(fault) => error::session::token_lost(&zone.name, error, &fault),
    })
}

/// Moves a rescued refresh token, which is the newest, into the vault.
pub fn recover_rescued(cx: &Context, zone: &Zone, backend: Backend) -> Result<(), Error> {
    let sessions = cx.sessions()?;
    let Some(record) = sessions.rescued(&zone.name)? else { return Ok(()) };
    cx.vault(backend)?.put(&zone.name, &record).map_err(|fault| {
        Error::from(fault).because("a refresh token that was rescued into a file still waits for the vault")
    })?;
    sessions.discard_rescued(&zone.name)?;
    Ok(())
}

/// Deletes the refresh token of an earlier sign-in, and returns whether there was one.
fn delete_refresh_token(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    let deleted =
        may_exist(cx, zone)? && cx.vault(cx.backend_of(zone)?)?.delete(&zone.name, SecretKind::RefreshToken)?;
    Ok(cx.sessions()?.discard_rescued(&zone.name)? || deleted)
}

/// Deletes the refresh token, session file and cached tokens of a zone, if there are any. The caller holds the lock.
pub fn forget_locked(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    let had_token = delete_refresh_token(cx, zone)?;
    let had_session = cx.sessions()?.remove(&zone.name)?;
    Ok(cx.token_caches()?.forget_zone(&zone.name)? > 0 || had_session || had_token)
}

/// Deletes the session of a zone that has another issuer, client or endpoint now: its refresh token would be useless there.
pub fn forget_replaced(cx: &Context, former: Option<&Zone>, zone: &Zone) {
    let Some(former) = former else { return };
    if former.is_same_client(zone) {
        return;
    }
    let forget = || -> Result<bool, Error> {
        if !may_exist(cx, former)? {
            return Ok(false);
        }
        let _lock = lock_session(cx, former)?;
        forget_locked(cx, former)
    };
    match forget() {
        Ok(false) => {}
        Ok(true) => cx.ui.info("signed out: the session belonged to the former issuer, client or endpoint"),
        Err(error) => cx.ui.warn(&format!("the former session could not be deleted completely: {}", error.chain())),
    }
}

/// Pins the vault of a zone that has none yet: the refresh token must be found again in any environment.
fn pin_vault(cx: &Context, zone: &Zone, backend: Backend) -> Result<(), Error> {
    if cx.config()?.zone(&zone.name)?.is_none_or(|known| known.vault.is_some()) {
        return Ok(());
    }
    cx.edit_config(|config| {
        let Some(mut known) = config.zone(&zone.name)?.filter(|known| known.vault.is_none()) else { return Ok(()) };
        known.vault = Some(backend);
        Ok(config.set_zone(&known)?)
    })
}

/// The `sub` of the ID token, which the sign-in has verified.
fn find_subject(response: &TokenResponse) -> Option<String> {
    let claims = jose::decode(response.id_token.as_ref()?.expose()).ok()?.claims;
    claim::text(&claims, "sub").map(str::to_owned)
}

/// Who signed in, from the ID token, else from the access token if it is a JWT. Only displayed, so unverified.
fn find_person(response: &TokenResponse) -> Option<String> {
    let tokens = response.id_token.iter().chain([&response.access_token]);
    tokens.filter_map(|token| jose::decode(token.expose()).ok()).find_map(|decoded| {
        let names = ["preferred_username", "email", "username", "name", "sub"];
        let mut texts = names.iter().filter_map(|name| decoded.claims.get(*name)?.as_str());
        texts.find(|text| !text.trim().is_empty()).map(sanitize)
    })
}
