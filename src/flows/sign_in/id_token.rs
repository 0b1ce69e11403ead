//! Verifies ID tokens (`OpenID` Connect Core §3.1.3.7, §12.2).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::credential;
use crate::flows::keys;
use crate::flows::token::session;
use crate::jose;
use crate::oauth::claim;
use crate::oauth::id_token::{self, Expected, Nonce};
use crate::secret::Secret;

/// Verifies an ID token and returns its claims; `access_token` is the one that came with it.
pub fn verify(
    cx: &Context,
    zone: &Zone,
    id_token: &Secret,
    nonce: Nonce<'_>,
    access_token: Option<&Secret>,
    max_age: Option<Duration>,
) -> Result<Map<String, Value>, Error> {
    let verified = match find_shared_secret(cx, zone, id_token)? {
        Some(secret) => jose::verify_shared(id_token.expose(), &secret),
        None => keys::verify(cx, zone, id_token.expose())?,
    };
    let decoded = verified.map_err(|fault| error::token_request::untrusted_id_token(&fault))?;
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let expected = Expected { issuer: zone.token_issuer(), client_id, nonce, access_token, max_age };
    id_token::check(&decoded.header, &decoded.claims, &expected, cx.clock.now().epoch())?;
    Ok(decoded.claims)
}

/// The client's secret, by which a server may sign the ID tokens of its client (HS256, §3.1.3.7); a public client has none.
fn find_shared_secret(cx: &Context, zone: &Zone, id_token: &Secret) -> Result<Option<Secret>, Error> {
    let shared = jose::decode(id_token.expose()).is_ok_and(|token| claim::text(&token.header, "alg") == Some("HS256"));
    if !shared {
        return Ok(None);
    }
    let zone = credential::with_proofs(cx, zone)?;
    cx.client_secret(&zone)
}

/// Verifies an ID token before it is printed: it must name the user who signed in (§12.2).
pub fn confirm(cx: &Context, zone: &Zone, id_token: &Secret) -> Result<(), Error> {
    let claims = verify(cx, zone, id_token, Nonce::NotJudged, None, None)?;
    let subject = session::find_session(cx, zone)?.and_then(|session| session.subject);
    if subject.is_some() && claim::text(&claims, "sub") != subject.as_deref() {
        return Err(error::token_request::foreign_id_token(&zone.name));
    }
    Ok(())
}
