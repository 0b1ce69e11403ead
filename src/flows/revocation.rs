//! Revokes tokens at the zone's authorization server (RFC 7009), and forgets here what is no longer good for anything.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::oauth::revocation;
use crate::secret::Secret;
use crate::store::SecretKind;

use super::client::Client;
use super::token::session;

/// Which of a zone's own tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// The access tokens in the cache.
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
    /// How many tokens the server was told of.
    pub told: usize,
    pub forgotten: usize,
    /// What the server said beside it.
    pub notes: Vec<String>,
}

/// Revokes one token, whosever it is, and takes it out of the cache where it is the zone's own. A token that the server
/// does not know is revoked as well (RFC 7009 §2.2).
pub fn revoke(cx: &Context, zone: &Zone, token: &Secret, hint: Option<&str>) -> Result<Revoked, Error> {
    let (client, caches) = (Client::of(cx, zone)?, cx.token_caches()?);
    let note = tell(cx, &client, token, hint)?;
    Ok(Revoked { told: 1, forgotten: caches.forget_token(token)?, notes: note.into_iter().collect() })
}

/// Revokes the zone's own tokens. Each is forgotten here as soon as the server has done it, so that a failure leaves only
/// what is still to be revoked.
pub fn own(cx: &Context, zone: &Zone, which: Own) -> Result<Revoked, Error> {
    let client = Client::of(cx, zone)?;
    let mut done = Revoked::default();
    // The refresh token first: what could bring new access tokens must not outlive them.
    if which != Own::Access && !zone.ephemeral() && session::known(cx, zone)? {
        let _lock = session::lock(cx, zone)?;
        if let Some(token) = cx.stored(zone, SecretKind::RefreshToken)? {
            done.notes.extend(tell(cx, &client, &token, Some("refresh_token"))?);
            done.told += 1;
        }
        if which == Own::All {
            access(cx, zone, &client, &mut done)?;
        }
        done.forgotten += usize::from(session::forget_locked(cx, zone)?);
    } else if which != Own::Refresh {
        access(cx, zone, &client, &mut done)?;
    }
    Ok(done)
}

fn access(cx: &Context, zone: &Zone, client: &Client<'_>, done: &mut Revoked) -> Result<(), Error> {
    let caches = cx.token_caches()?;
    let now = cx.clock.now();
    for token in caches.of_zone(&zone.name)? {
        // What has expired, or belongs to an issuer that the zone had before, is only forgotten.
        if token.left(now).is_some()
            && (&token.provenance.issuer, &token.provenance.client_id) == (&zone.issuer, &client.id)
        {
            done.notes.extend(tell(cx, client, &token.access_token, Some("access_token"))?);
            done.told += 1;
        }
        done.forgotten += caches.forget_token(&token.access_token)?;
    }
    Ok(())
}

/// One request; says what the server remarked.
fn tell(cx: &Context, client: &Client<'_>, token: &Secret, hint: Option<&str>) -> Result<Option<String>, Error> {
    let asked = client.send("revocation_endpoint", &|url| revocation::request(url, token, hint))?;
    let note = client.judge(&asked, revocation::read(&asked.answer)).map_err(explained)?;
    Ok(note.map(|note| cx.ui.secrets().redact(&note)))
}

fn explained(error: Error) -> Error {
    match error.code.as_deref() {
        Some("unsupported_token_type") => {
            error.hint("the server does not revoke tokens of this kind: they live until they expire")
        }
        _ => error,
    }
}
