//! What a sign-in leaves behind: the refresh token in the vault, the access token in the cache, and the session's file.
//!
//! The vault comes first: a refresh token is safe before anything is printed, cached or marked. All of it happens under
//! the lock of the credential, so that a refresh that is under way does not write over a new sign-in.

use crate::config::{Backend, Zone};
use crate::context::{Context, LockName};
use crate::edges::Moment;
use crate::error::{Error, Hint, Kind as ErrorKind, exit};
use crate::jose;
use crate::oauth::claim;
use crate::oauth::token::TokenResponse;
use crate::secret::Secret;
use crate::store::{Fault, Lock, SecretKind, Session};
use crate::text::sanitize;

use super::cache;
use super::issued::issued_token;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where the refresh token rests; `None` when the server gave none.
    pub refresh_token: Option<Backend>,
    /// When the access token expires; `None` when it is not cached.
    pub expires_at: Option<Moment>,
    /// Who signed in, as the server names them; sanitized.
    pub who: Option<String>,
}

/// Whether a person has to sign in for this zone's tokens.
pub fn needed(zone: &Zone) -> bool {
    zone.grant().needs_sign_in()
}

/// Proves that a sign-in could be kept, before a person is bothered, and says in which vault. A zone that is made by the
/// sign-in pins that one.
pub fn prove_writable(cx: &Context, zone: &Zone) -> Result<Backend, Error> {
    let backend = cx.backend_of(zone)?;
    cx.vault(backend)?.status()?;
    cx.sessions()?.check_writable()?;
    Ok(backend)
}

/// Takes the lock of the zone's credential: nobody else signs in, refreshes or logs out meanwhile.
pub fn lock(cx: &Context, zone: &Zone) -> Result<Lock, Error> {
    cx.lock(&LockName::Session(&zone.name))
}

/// The zone's session, unless it was made at another issuer or by another client.
pub fn of(cx: &Context, zone: &Zone) -> Result<Option<Session>, Error> {
    if zone.ephemeral() {
        return Ok(None);
    }
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let session = cx.sessions()?.get(&zone.name).map_err(|fault| match fault {
        Fault::Damaged { .. } => Error::from(fault).hint(Hint::login(&zone.name).purpose("sign in anew")),
        fault => fault.into(),
    })?;
    Ok(session.filter(|session| session.belongs(&zone.issuer, client_id)))
}

/// Whether anything is known of a sign-in to this zone, so that its vault may hold a refresh token.
pub fn known(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    match cx.sessions()?.get(&zone.name) {
        Ok(session) => Ok(session.is_some()),
        // What does not read back may speak of one.
        Err(Fault::Damaged { .. } | Fault::Newer { .. }) => Ok(true),
        Err(fault) => Err(fault.into()),
    }
}

/// Keeps what a sign-in brought. `zone` has the scopes, audiences and resources that were asked for, and its vault.
pub fn keep(cx: &Context, zone: &Zone, response: TokenResponse, sent_at: Moment) -> Result<Kept, Error> {
    let _lock = lock(cx, zone)?;
    let sessions = cx.sessions()?;
    let (who, subject) = (who(&response), subject(&response));
    let backend = cx.backend_of(zone)?;
    let stored = match response.refresh_token.clone() {
        Some(refresh_token) => store(cx, zone, backend, refresh_token),
        None => withdraw(cx, zone, backend),
    };
    let refresh_token = response.refresh_token.as_ref().map(|_| backend);
    sessions.put(
        &zone.name,
        &Session {
            issuer: zone.issuer.clone(),
            client_id: zone.client_id.clone().unwrap_or_default(),
            refresh_token: refresh_token.is_some(),
            who: who.clone(),
            subject,
            scope: zone.scope.clone(),
            signed_in_at: cx.clock.now(),
            rotates: None,
            sent: None,
        },
    )?;
    pin(cx, zone, backend)?;
    let token = issued_token(cx, zone, response, sent_at);
    let mut expires_at = None;
    // They may speak for somebody else.
    cx.token_caches()?.forget_zone(&zone.name)?;
    if let Some(caches) = cx.caches(false)?
        && cache::put(cx, &caches, &cache::token_key(cx, zone)?, &token)
    {
        expires_at = token.expires_at;
    }
    stored?;
    if refresh_token.is_none() && expires_at.is_none() {
        return Err(Error::new(
            ErrorKind::Protocol,
            exit::UNSAFE,
            "the server gave no refresh token, and its access token can't be kept: nothing is left of the sign-in",
        )
        .hint("ask for a refresh token: --scope offline_access"));
    }
    Ok(Kept { refresh_token, expires_at, who })
}

/// Puts a refresh token into the vault; what the vault does not take is rescued into a file, and the error says so.
pub fn store(cx: &Context, zone: &Zone, backend: Backend, refresh_token: Secret) -> Result<(), Error> {
    let record = cx.record(zone, SecretKind::RefreshToken, refresh_token);
    let sessions = cx.sessions()?;
    let put = cx.vault(backend).and_then(|vault| Ok(vault.put(&zone.name, &record)?));
    let Err(error) = put else {
        sessions.discard_rescued(&zone.name)?;
        return Ok(());
    };
    Err(match sessions.rescue(&zone.name, &record) {
        Ok(path) => error
            .because(format!("the new refresh token was rescued into {}", path.display()))
            .hint("when the vault works again, the next token command moves it there"),
        Err(fault) => error
            .because(format!("nor could it be rescued: {fault}"))
            .hint(Hint::login(&zone.name).purpose("the new refresh token is lost")),
    })
}

/// Moves a rescued refresh token into the vault, where there is one: it is the newest.
pub fn adopt(cx: &Context, zone: &Zone, backend: Backend) -> Result<(), Error> {
    let sessions = cx.sessions()?;
    let Some(record) = sessions.rescued(&zone.name)? else { return Ok(()) };
    cx.vault(backend)?.put(&zone.name, &record).map_err(|fault| {
        Error::from(fault).because("a refresh token that was rescued into a file still waits for the vault")
    })?;
    sessions.discard_rescued(&zone.name)?;
    Ok(())
}

/// Takes the refresh token of an earlier sign-in out of the vault, where there may be one.
fn withdraw(cx: &Context, zone: &Zone, backend: Backend) -> Result<(), Error> {
    let sessions = cx.sessions()?;
    if known(cx, zone)? {
        cx.vault(backend)?.delete(&zone.name, SecretKind::RefreshToken)?;
    }
    sessions.discard_rescued(&zone.name)?;
    Ok(())
}

/// Forgets the sign-in of a zone here: refresh token, session and cached tokens. The server is not told. Says whether
/// there was one. The caller holds the lock.
pub fn forget_locked(cx: &Context, zone: &Zone) -> Result<bool, Error> {
    let sessions = cx.sessions()?;
    let mut found = false;
    if known(cx, zone)? {
        found |= cx.vault(cx.backend_of(zone)?)?.delete(&zone.name, SecretKind::RefreshToken)?;
    }
    found |= sessions.remove(&zone.name)?;
    found |= cx.token_caches()?.forget_zone(&zone.name)? > 0;
    Ok(found)
}

/// Forgets the sign-in of a zone that was replaced by one of another issuer or client. What stays behind is told, not
/// fatal: it is never used.
pub fn retire(cx: &Context, former: &Zone, zone: &Zone) {
    if former.issuer == zone.issuer && former.client_id == zone.client_id {
        return;
    }
    let forget = || -> Result<(), Error> {
        if known(cx, former)? {
            let _lock = lock(cx, former)?;
            forget_locked(cx, former)?;
        }
        Ok(())
    };
    if let Err(error) = forget() {
        cx.ui.warn(&format!("something of the former sign-in stays behind: {}", error.chain()));
    }
}

/// Pins the vault of a zone that has none yet: the refresh token has to be found again whatever the environment says.
fn pin(cx: &Context, zone: &Zone, backend: Backend) -> Result<(), Error> {
    if cx.config()?.zone(&zone.name)?.is_none_or(|known| known.vault.is_some()) {
        return Ok(());
    }
    cx.edit_config(|config| {
        let Some(mut known) = config.zone(&zone.name)?.filter(|known| known.vault.is_none()) else { return Ok(()) };
        known.vault = Some(backend);
        Ok(config.set_zone(&known)?)
    })
}

/// The `sub` of the ID token, which the way to sign in has verified.
fn subject(response: &TokenResponse) -> Option<String> {
    let claims = jose::decode(response.id_token.as_ref()?.expose()).ok()?.claims;
    claim::text(&claims, "sub").map(str::to_owned)
}

/// Who signed in: what the ID token calls them, else the access token where it is a JWT. For show, so unverified.
fn who(response: &TokenResponse) -> Option<String> {
    let tokens = response.id_token.iter().chain([&response.access_token]);
    tokens.filter_map(|token| jose::decode(token.expose()).ok()).find_map(|decoded| {
        let names = ["preferred_username", "email", "username", "name", "sub"];
        let mut texts = names.iter().filter_map(|name| decoded.claims.get(*name)?.as_str());
        texts.find(|text| !text.trim().is_empty()).map(sanitize)
    })
}
