//! Whether an ID token is ours: signed by the zone's issuer, for its client, of this sign-in (`OpenID` Connect Core
//! §3.1.3.7), and of the same person when a refresh brought it (§12.2).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, Hint};
use crate::flows::keys;
use crate::flows::token::session;
use crate::oauth::claim;
use crate::oauth::id_token::{self, Expected};
use crate::secret::Secret;

/// Verifies an ID token and returns its claims. `nonce` and `max_age` are those of the request, where it had them;
/// `access_token` is the one that came along.
pub fn verify(
    cx: &Context,
    zone: &Zone,
    id_token: &Secret,
    nonce: Option<&str>,
    access_token: Option<&Secret>,
    max_age: Option<Duration>,
) -> Result<Map<String, Value>, Error> {
    let decoded = keys::verify(cx, zone, id_token.expose())?
        .map_err(|fault| Error::refused("the ID token is not to be trusted").because(fault.to_string()))?;
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let expected = Expected { issuer: &zone.issuer, client_id, nonce, access_token, max_age };
    id_token::check(&decoded.header, &decoded.claims, &expected, cx.clock.now().epoch())?;
    Ok(decoded.claims)
}

/// Verifies an ID token before it is handed out. It may have come with a refresh or with a mint, which do not look at it;
/// whoever signed in to the zone is the only one that it may speak of (§12.2).
pub fn confirm(cx: &Context, zone: &Zone, id_token: &Secret) -> Result<(), Error> {
    let claims = verify(cx, zone, id_token, None, None, None)?;
    let subject = session::of(cx, zone)?.and_then(|session| session.subject);
    if subject.is_some() && claim::text(&claims, "sub") != subject.as_deref() {
        return Err(Error::refused("the ID token is not to be trusted")
            .because("it speaks of somebody else than the one who signed in (OpenID Connect Core §12.2)")
            .hint(Hint::login(&zone.name).purpose("sign in anew")));
    }
    Ok(())
}
