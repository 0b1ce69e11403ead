//! The journal of a zone's registrations as flows change it: every step is on the disk before the next one.

use std::path::PathBuf;

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::{self, Error};
use crate::oauth::fault::Fault as ProtocolFault;
use crate::oauth::message::Response;
use crate::oauth::registration::{self, Registration};
use crate::store::registration::{Entry, Journal, State};
use crate::store::{Fault, Lock};

/// Takes the lock of a zone's registration, which is held while requests are sent.
pub fn lock_registration(cx: &Context, zone: &Zone) -> Result<Option<Lock>, Error> {
    cx.lock(&LockName::Registration(&zone.name))
}

pub fn open_journal(cx: &Context, zone: &str) -> Result<Journal, Error> {
    cx.registrations()?.open(zone).map_err(|fault| match fault {
        Fault::Damaged { place, .. } => error::registration::corrupt_journal(&place),
        fault => fault.into(),
    })
}

/// Reads, changes and saves the journal of a zone in one step.
pub fn update<T>(cx: &Context, zone: &str, change: impl FnOnce(&mut Journal) -> T) -> Result<T, Error> {
    // A `zone edit` changes it while a registration waits for its response.
    let _lock = cx.lock(&LockName::Journal(zone))?;
    let mut journal = open_journal(cx, zone)?;
    if journal.is_taken_over() {
        cx.ui.info(&format!("registration files of an earlier version were taken into {}", journal.path().display()));
    }
    let changed = change(&mut journal);
    journal.save()?;
    Ok(changed)
}

/// Puts an operation into the journal, or in place of what was known of it.
pub fn record(cx: &Context, zone: &str, entry: &mut Entry) -> Result<PathBuf, Error> {
    update(cx, zone, |journal| {
        journal.record(entry);
        journal.path()
    })
}

/// Puts a response into the journal before it is saved. Where that fails it may still be saved.
pub fn record_response(cx: &Context, zone: &str, entry: &mut Entry, answer: &Response) {
    entry.set_response(State::Answered, answer.status, &answer.body);
    if let Err(error) = record(cx, zone, entry) {
        cx.ui.debug(&format!("the response is not in the journal before it is saved: {}", error.chain()));
    }
}

/// Saves a response that breaks the protocol in the journal; the error says where.
pub fn save_unreadable_response(cx: &Context, zone: &str, entry: &mut Entry, answer: &Response, error: Error) -> Error {
    entry.set_response(State::Unreadable, answer.status, &answer.body);
    error.with_saved_response(record(cx, zone, entry).as_deref())
}

/// The client that the response of an operation is about.
pub fn read_client(entry: &Entry) -> Result<Registration, ProtocolFault> {
    let (status, body) = entry.response.as_ref().map_or((0, ""), |response| (response.status, &response.body));
    let body = body.as_bytes().to_vec();
    registration::read(&Response { status, headers: Vec::new(), body, url: String::new() }, &entry.url)
}

/// Whether a response that can't be used is about this client.
pub fn is_unreadable_about(entry: &Entry, client_id: &str) -> bool {
    entry.state != State::Answered && entry.mentions(&format!("\"{client_id}\"")) && read_client(entry).is_err()
}
