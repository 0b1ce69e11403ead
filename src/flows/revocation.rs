//! Revokes tokens at the zone's authorization server (RFC 7009), and deletes them here.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::oauth::revocation;
use crate::secret::Secret;
use crate::store::SecretKind;

use super::client::Client;
use super::token::forget::forget_token;
use super::token::session;
use super::token::shared_copy::SharedCopies;

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
    let note = revoke_token(cx, &Client::of(cx, zone)?, token, hint)?;
    Ok(Revoked { count: 1, forgotten: forget_token(cx, token, Some(zone))?, notes: note.into_iter().collect() })
}

/// Revokes the zone's own tokens, and those under the same keys in the shared cache. Each is deleted at once, so that a
/// failure leaves only what is not revoked yet.
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
    // RFC 7009 §2: a server must revoke refresh tokens, and may revoke access tokens: the sign-in has ended without.
    let is_revoked = done.count > 0;
    let caches = cx.token_caches()?;
    // Before the tokens go from here, which tell what they are called there.
    let copies = if which == Own::Refresh { None } else { Some(SharedCopies::of_zone(cx, zone)) };
    let entries = copies.iter().flatten().flat_map(|copies| copies.find_entries(cx)).collect::<Vec<_>>();
    let ours = if which == Own::Refresh { Vec::new() } else { caches.of_zone(&zone.name)? };
    // Another machine's clock says nothing of what its token has left.
    let theirs = entries.iter().filter(|entry| !ours.iter().any(|token| entry.is_of(&token.access_token)));
    let valid = ours.iter().map(|token| (token, token.left(cx.clock.now()).is_some()));
    for (token, is_valid) in valid.chain(theirs.map(|entry| (&entry.token, true))) {
        // A token that has expired, or of an issuer that the zone had before, is only deleted.
        let from = &token.provenance;
        if is_valid && (&from.issuer, &from.client_id) == (&zone.issuer, &client.id) {
            match revoke_token(cx, &client, &token.access_token, Some("access_token")) {
                Ok(note) => {
                    done.notes.extend(note);
                    done.count += 1;
                }
                Err(error) if is_revoked && error.code.as_deref() == Some("unsupported_token_type") => {
                    cx.ui.warn("the server can't revoke the access token, which is valid until it expires");
                }
                Err(error) => return Err(error),
            }
        }
        done.forgotten += caches.forget_token(&token.access_token)?;
        if let Some(Ok(copies)) = &copies {
            copies.forget_token(cx, &entries, &token.access_token);
        }
    }
    copies.transpose()?;
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
