//! Revokes tokens at the zone's authorization server (RFC 7009), and deletes them here.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::oauth::revocation;
use crate::secret::Secret;
use crate::store::SecretKind;

use super::client::Client;
use super::token::session;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    Access,
    /// The refresh token, and with it what came of the sign-in.
    Refresh,
    All,
}

impl Own {
    pub const NAMED: &'static [(&'static str, &'static str, Self)] = &[
        ("access", "The access tokens in the cache", Self::Access),
        ("refresh", "The refresh token, and the tokens of the sign-in", Self::Refresh),
        ("all", "Both", Self::All),
    ];
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revoked {
    pub count: usize,
    pub forgotten: usize,
    /// What the server says besides.
    pub notes: Vec<String>,
}

/// Revokes one token and deletes it from the cache. Revoking an unknown token succeeds (RFC 7009 §2.2).
pub fn revoke(cx: &Context, zone: &Zone, token: &Secret, hint: Option<&str>) -> Result<Revoked, Error> {
    let (client, caches) = (Client::of(cx, zone)?, cx.token_caches()?);
    let note = revoke_token(cx, &client, token, hint)?;
    Ok(Revoked { count: 1, forgotten: caches.forget_token(token)?, notes: note.into_iter().collect() })
}

/// Revokes the zone's own tokens. Each is deleted here at once, so that a failure leaves only what is not revoked yet.
pub fn revoke_own(cx: &Context, zone: &Zone, which: Own) -> Result<Revoked, Error> {
    if let Some(hidden) = cx.stand_in() {
        let hint = if which == Own::Access { "access_token" } else { "refresh_token" };
        return revoke(cx, zone, &hidden, Some(hint));
    }
    let client = Client::of(cx, zone)?;
    let mut done = Revoked::default();
    // The refresh token first: it could get new access tokens.
    let signed_in = which != Own::Access && !zone.ephemeral() && session::may_exist(cx, zone)?;
    let _lock = if signed_in { session::lock_session(cx, zone)? } else { None };
    if signed_in && let Some(token) = cx.stored(zone, SecretKind::RefreshToken)? {
        done.notes.extend(revoke_token(cx, &client, &token, Some("refresh_token"))?);
        done.count += 1;
    }
    let caches = cx.token_caches()?;
    let tokens = if which == Own::Refresh { Vec::new() } else { caches.of_zone(&zone.name)? };
    for token in tokens {
        // A token that has expired, or of an issuer that the zone had before, is only deleted.
        let from = &token.provenance;
        if token.left(cx.clock.now()).is_some() && (&from.issuer, &from.client_id) == (&zone.issuer, &client.id) {
            done.notes.extend(revoke_token(cx, &client, &token.access_token, Some("access_token"))?);
            done.count += 1;
        }
        done.forgotten += caches.forget_token(&token.access_token)?;
    }
    if signed_in {
        done.forgotten += usize::from(session::forget_locked(cx, zone)?);
    }
    Ok(done)
}

/// Revokes one token at the server, and returns what that says besides.
pub fn revoke_token(
    cx: &Context,
    client: &Client<'_>,
    token: &Secret,
    hint: Option<&str>,
) -> Result<Option<String>, Error> {
    let asked = client.send("revocation_endpoint", &|url| revocation::request(url, token, hint))?;
    let note = client.judge(&asked, revocation::read(&asked.answer))?;
    Ok(note.map(|note| cx.ui.secrets().redact_foreign(&note)))
}
