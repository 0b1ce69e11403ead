//! What registrations leave behind, and what becomes of it when a person goes on without them: says which client a zone
//! has, puts another one in its place, or removes the zone.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::jose::{SigningKey, thumbprint};
use crate::secret::Secret;
use crate::store::SecretKind;
use crate::store::registration::{Entry, Journal, State};
use crate::text::sanitize;

use super::journal;

/// A person has set the client of a zone, and these secrets of it were stored: what the journal kept until then is not
/// needed any more. A key or a response is removed only when the vault has what is in it.
pub fn on_zone_edit(cx: &Context, former: Option<&Zone>, zone: &Zone, stored: &[(SecretKind, Secret)]) {
    let clean_up = || -> Result<(), Error> {
        if !cx.registrations()?.has(&zone.name)? {
            return Ok(());
        }
        let former = former.and_then(|former| former.client_id.as_ref());
        let client_id = zone.client_id.as_deref().filter(|_| zone.client_id.as_ref() != former);
        let settled = journal::update(cx, &zone.name, |journal| settle_entries(journal, zone, client_id, stored))?;
        if settled {
            cx.ui.debug("the registration is no longer in doubt");
        }
        Ok(())
    };
    if let Err(error) = clean_up() {
        cx.ui.warn(&format!("the journal of the registration was not cleaned up: {}", error.chain()));
    }
}

/// Removes what is stored now, and ends the doubt about a registration at this issuer; says whether there was one.
fn settle_entries(
    journal: &mut Journal,
    zone: &Zone,
    client_id: Option<&str>,
    stored: &[(SecretKind, Secret)],
) -> bool {
    let secrets = |of: SecretKind| stored.iter().filter(move |(kind, _)| *kind == of).map(|(_, secret)| secret);
    let print = |key: &SigningKey| thumbprint(&key.public_jwk());
    let keys: Vec<_> = secrets(SecretKind::PrivateKey)
        .filter_map(|text| print(&SigningKey::from_text(text, zone.key_id.as_deref(), None).ok()?))
        .collect();
    let mut settled = false;
    for entry in journal.entries.iter_mut().filter(|entry| entry.state != State::Answered) {
        let in_doubt = entry.is_in_doubt();
        if entry.key.as_ref().and_then(print).is_some_and(|print| keys.contains(&print)) {
            entry.key = None;
        }
        let Some(client_id) = client_id else { continue };
        let known = secrets(SecretKind::ClientSecret).any(|secret| entry.mentions(secret.expose()));
        if journal::is_unreadable_about(entry, client_id) && (known || !entry.mentions("client_secret")) {
            entry.response = None;
        }
        if in_doubt && entry.issuer == zone.issuer {
            entry.state = State::Superseded;
            settled = true;
        }
    }
    journal.entries.retain(|entry| !entry.is_empty() || entry.is_in_doubt());
    settled
}

/// A zone was written in the place of another one: warns when that one's client stays registered.
pub fn warn_replaced(cx: &Context, former: &Zone, zone: &Zone) {
    let same = former.issuer == zone.issuer
        && former.client_id == zone.client_id
        && former.registration_client_uri == zone.registration_client_uri;
    if !same {
        warn_orphaned(cx, former);
    }
}

/// Warns that a client which a zone had stays registered, and keeps what was not saved of it.
pub fn warn_orphaned(cx: &Context, former: &Zone) {
    let (Some(client_id), Some(uri)) = (&former.client_id, &former.registration_client_uri) else { return };
    warn_still_registered(cx, client_id, uri);
    if !cx.registrations().is_ok_and(|all| all.has(&former.name).unwrap_or(true)) {
        return;
    }
    let unsaved = |entry: &Entry| entry.state == State::Answered && entry.client_id.as_ref() == Some(client_id);
    let kept = journal::update(cx, &former.name, |journal| {
        let path = journal.path().display().to_string();
        journal.entries.iter().filter(|entry| unsaved(entry)).for_each(|entry| warn_superseded(cx, entry, &path));
        journal.supersede(unsaved);
    });
    if let Err(error) = kept {
        cx.ui.warn(&format!("what was not saved of it stays where it is: {}", error.chain()));
    }
}

/// Warns that a client stays at the server.
pub fn warn_still_registered(cx: &Context, client_id: &str, uri: &str) {
    cx.ui.warn(&format!("the client {} stays registered at {}", sanitize(client_id), sanitize(uri)));
    cx.ui.info("`hallpass client delete` would have deleted it as well");
}

/// Warns that a response was not saved before another client took its place.
pub fn warn_superseded(cx: &Context, entry: &Entry, path: &str) {
    cx.ui.warn(&format!(
        "a response about the client {} at {} was not saved; it stays, including secrets, in {path}",
        client_of(entry),
        sanitize(&entry.issuer)
    ));
}

fn client_of(entry: &Entry) -> String {
    journal::read_client(entry).map_or_else(|_| "(unknown)".to_owned(), |client| sanitize(&client.client_id))
}

/// Removes the journal of a zone, and warns of what was in it.
pub fn forget(cx: &Context, zone: &Zone) -> Result<(), Error> {
    let registrations = cx.registrations()?;
    if !registrations.has(&zone.name)? {
        return Ok(());
    }
    let entries = match registrations.open(&zone.name) {
        Ok(journal) => journal.entries,
        Err(fault) => {
            cx.ui.warn(&format!("removing what could not be read: {fault}"));
            Vec::new()
        }
    };
    for entry in &entries {
        if entry.is_in_doubt() {
            let at = Moment::from_millis(entry.at_ms).rfc3339();
            cx.ui.warn(&format!(
                "the registration of {at} at {} is still in doubt: check there whether a client was created",
                sanitize(&entry.url)
            ));
        } else if entry.state == State::Answered {
            cx.ui.warn(&format!(
                "a response about {} at {} was not saved and is gone now",
                client_of(entry),
                sanitize(&entry.issuer)
            ));
        }
    }
    let keys = entries.iter().filter(|entry| entry.key.is_some() && entry.state != State::Superseded).count();
    if keys > 0 {
        cx.ui.warn(&format!("private keys whose public halves a server may have are gone now: {keys}"));
    }
    let others = |entry: &&Entry| entry.state == State::Superseded || entry.state == State::Unreadable;
    let others = entries.iter().filter(others).count();
    if others > 0 {
        cx.ui.warn(&format!("responses and keys that were kept are gone now: {others}"));
    }
    Ok(registrations.forget(&zone.name)?)
}
