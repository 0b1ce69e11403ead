//! The authorization server of a zone, as the guard asks it.

use serde_json::{Map, Value};

use crate::config::{EPHEMERAL, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::flows::introspection;
use crate::flows::keys;
use crate::guard::{Introspector, Keys};
use crate::jose::{Decoded, Fault};
use crate::oauth::issuer;
use crate::secret::Secret;

pub struct Server<'a> {
    pub cx: &'a Context,
    pub zone: Zone,
}

impl Introspector for Server<'_> {
    fn introspect(&self, token: &Secret) -> Result<Map<String, Value>, Error> {
        introspection::introspect_token(self.cx, &self.zone, token, None, false)
    }

    fn explain_inactive(&self, token: &Secret) -> Option<String> {
        introspection::explain_inactive(self.cx, &self.zone, token)
    }
}

impl Keys for Server<'_> {
    fn verify(&self, token: &Secret) -> Result<Result<Decoded, Fault>, Error> {
        keys::verify(self.cx, &self.zone, token.expose())
    }
}

/// The zone of this issuer, which knows how to reach it; else one made for it. Without an issuer, the command's zone.
pub fn issuer_zone(cx: &Context, named: Option<&str>) -> Result<Zone, Error> {
    let Some(url) = named else {
        return Ok(cx.zone().map_err(Error::or_issuer)?.zone);
    };
    issuer::check(url)?;
    let known = cx.zone_or_none().ok().flatten().map(|chosen| chosen.zone).filter(|zone| zone.issuer == *url);
    Ok(known.unwrap_or_else(|| Zone { name: EPHEMERAL.to_owned(), issuer: url.to_owned(), ..Zone::default() }))
}
