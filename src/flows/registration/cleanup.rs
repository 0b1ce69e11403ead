//! Cleans up after registrations when a zone gets another client or is removed.

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

/// A zone was added or changed, and these secrets of it were stored: removes what only the former zone used, warns if its
/// client stays registered, and ends a registration that this change settles.
pub fn on_zone_edit(cx: &Context, former: Option<&Zone>, zone: &Zone, stored: &[(SecretKind, Secret)]) {
    if let Some(former) = former {
        delete_former_secrets(cx, former, zone, stored);
        warn_replaced(cx, former, zone);
    }
    settle_registration(cx, former, zone, stored);
}

/// Removes from the journal what is not needed any more: a key or a response only if the vault has what is in it.
fn settle_registration(cx: &Context, former: Option<&Zone>, zone: &Zone, stored: &[(SecretKind, Secret)]) {
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

/// Deletes the former zone's secrets that the new one does not use. A vault that fails may be the reason for the change.
pub fn delete_former_secrets(cx: &Context, former: &Zone, zone: &Zone, stored: &[(SecretKind, Secret)]) {
    for kind in SecretKind::ALL {
        let delete = || -> Result<(), Error> {
            let uri = &former.registration_client_uri;
            let unused = match kind {
                SecretKind::RefreshToken => false,
                SecretKind::DpopKey => former.dpop && !zone.dpop,
                SecretKind::RegistrationToken => uri.is_some() && zone.registration_client_uri != *uri,
                kind if former.stores(kind.name()) && zone.stores(kind.name()) => {
                    cx.backend_of(zone)? != cx.backend_of(former)?
                }
                kind => former.stores(kind.name()),
            };
            let renewed = stored.iter().any(|(stored, _)| *stored == kind);
            if unused && !(renewed && cx.backend_of(zone)? == cx.backend_of(former)?) {
                cx.vault(cx.backend_of(former)?)?.delete(&former.name, kind)?;
            }
            Ok(())
        };
        if let Err(error) = delete() {
            let what = kind.name().replace('_', " ");
            cx.ui.warn(&format!("a copy of the former {what} stays in the vault: {}", error.chain()));
        }
    }
}

/// Warns that the client of a replaced zone stays registered, if the new zone has another, and keeps what is not saved.
pub fn warn_replaced(cx: &Context, former: &Zone, zone: &Zone) {
    let (Some(client_id), Some(uri)) = (&former.client_id, &former.registration_client_uri) else { return };
    let same_client = zone.issuer == former.issuer && zone.client_id.as_ref() == Some(client_id);
    if same_client && zone.registration_client_uri.as_ref() == Some(uri) {
        return;
    }
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
    let journal = registrations.open(&zone.name);
    let journal =
        journal.inspect_err(|fault| cx.ui.warn(&format!("removing a journal that could not be read: {fault}")));
    let entries = journal.map_or_else(|_| Vec::new(), |journal| journal.entries);
    let (mut keys, mut others) = (0, 0);
    for entry in &entries {
        keys += usize::from(entry.key.is_some() && entry.state != State::Superseded);
        others += usize::from(matches!(entry.state, State::Superseded | State::Unreadable));
        if entry.is_in_doubt() {
            let at = Moment::from_millis(entry.at_ms).rfc3339();
            cx.ui.warn(&format!(
                "the registration of {at} at {} is still in doubt: check there whether a client was created",
                sanitize(&entry.url)
            ));
        } else if entry.state == State::Answered {
            let issuer = sanitize(&entry.issuer);
            cx.ui.warn(&format!("a response about {} at {issuer} was not saved and is gone now", client_of(entry)));
        }
    }
    if keys > 0 {
        cx.ui.warn(&format!("private keys whose public halves a server may have are gone now: {keys}"));
    }
    if others > 0 {
        cx.ui.warn(&format!("saved responses and keys are gone now: {others}"));
    }
    Ok(registrations.forget(&zone.name)?)
}
