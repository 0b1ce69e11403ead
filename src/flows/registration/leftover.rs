//! What registrations leave behind, and what becomes of it when a person goes on without us: says which client it is,
//! puts another one in its place, or takes the zone away.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::secret::Secret;
use crate::store::{Kind, file};
use crate::text::sanitize;

use super::rescue;

/// A person has said which client a zone has, and these secrets of it were stored: what was put down until then has
/// served. A key or an answer goes only when the vault has what is in it.
pub fn followed(cx: &Context, former: Option<&Zone>, zone: &Zone, stored: &[(Kind, Secret)]) {
    let tidy = || -> Result<(), Error> {
        let registrations = cx.registrations()?;
        let has = |kind: Kind, test: &dyn Fn(&Secret) -> bool| stored.iter().any(|(of, it)| *of == kind && test(it));
        for (path, pem) in registrations.keys(&zone.name)? {
            // One trailing newline goes when a source is read.
            let pem = Secret::new(pem.expose().trim_end());
            if has(Kind::PrivateKey, &|key| Secret::new(key.expose().trim_end()).matches(&pem)) {
                file::remove(&path)?;
            }
        }
        let Some(client_id) = zone.client_id.as_ref() else { return Ok(()) };
        if former.is_some_and(|former| former.client_id.as_ref() == Some(client_id)) {
            return Ok(());
        }
        for (path, answer) in registrations.exhibits(&zone.name)? {
            let text = answer.expose();
            let held = has(Kind::ClientSecret, &|secret| text.contains(secret.expose()));
            if text.contains(client_id) && (held || !text.contains("client_secret")) {
                file::remove(&path)?;
            }
        }
        if registrations.pending(&zone.name)?.is_some_and(|pending| pending.issuer == zone.issuer) {
            registrations.end(&zone.name)?;
            cx.ui.step("the registration is no longer in doubt");
        }
        Ok(())
    };
    if let Err(error) = tidy() {
        cx.ui.warn(&format!("something of the registration stays behind: {}", error.chain()));
    }
}

/// A zone was written in the place of another one: says so when that one's client stays registered without it.
pub fn replaced(cx: &Context, former: &Zone, zone: &Zone) {
    let same = former.issuer == zone.issuer
        && former.client_id == zone.client_id
        && former.registration_client_uri == zone.registration_client_uri;
    if !same {
        orphaned(cx, former);
    }
}

/// Says that a client which a zone had stays registered, and keeps what was not saved of it under another name.
pub fn orphaned(cx: &Context, former: &Zone) {
    let (Some(client_id), Some(uri)) = (&former.client_id, &former.registration_client_uri) else { return };
    told(cx, client_id, uri);
    match rescue::waiting(cx, &former.name) {
        Ok(Some(waiting)) if waiting.client_id.as_ref() == Some(client_id) => {
            if let Err(error) = rescue::set_aside(cx, &former.name, &waiting) {
                cx.ui.warn(&format!("what was not saved of it stays where it is: {}", error.chain()));
            }
        }
        _ => {}
    }
}

/// Says that a client stays at the server.
pub fn told(cx: &Context, client_id: &str, uri: &str) {
    cx.ui.warn(&format!("the client {} stays registered at {}", sanitize(client_id), sanitize(uri)));
    cx.ui.note("`hallpass client delete` would have deleted it as well");
}

/// Removes what registrations into a zone left behind, and says what that was.
///
/// # Errors
/// 7 when something can't be removed.
pub fn forget(cx: &Context, zone: &Zone) -> Result<(), Error> {
    let registrations = cx.registrations()?;
    if !registrations.knows(&zone.name)? {
        return Ok(());
    }
    if let Ok(Some(pending)) = registrations.pending(&zone.name) {
        let at = Moment::from_millis(pending.at_ms).rfc3339();
        cx.ui.warn(&format!(
            "the registration of {at} at {} stays in doubt: look there whether a client was made",
            sanitize(&pending.endpoint)
        ));
    }
    if let Ok(Some(waiting)) = rescue::waiting(cx, &zone.name) {
        let whose = waiting.registered().unwrap_or_else(|| "a client".to_owned());
        cx.ui.warn(&format!(
            "an answer about {} at {} was not saved and is gone now",
            sanitize(&whose),
            sanitize(&waiting.issuer)
        ));
    }
    let keys = registrations.keys(&zone.name)?.len();
    if keys > 0 {
        cx.ui.warn(&format!("private keys that a server may know are gone now: {keys}"));
    }
    let aside = registrations.left_aside(&zone.name)?;
    if aside > 0 {
        cx.ui.warn(&format!("answers and keys that were set aside are gone now: {aside}"));
    }
    Ok(registrations.remove(&zone.name)?)
}
