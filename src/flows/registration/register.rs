//! Registers a client (RFC 7591) as a transaction: the intent and the private key are in the journal before anything is
//! sent, the response before it is saved, and it is saved before it is shown. A lost registration is not sent again.

use serde_json::{Map, Value};

use crate::config::{Backend, Zone};
use crate::context::Context;
use crate::edges::Moment;
use crate::error::refusal::Refusal;
use crate::error::{self, Error};
use crate::flows::discovery;
use crate::flows::token::session;
use crate::jose::SigningKey;
use crate::oauth::message::{Request, Response};
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::registration::{Entry, Journal, State};
use crate::store::{SecretKind, file};
use crate::text::quote_for_shell;

use super::zone::{save_zone, zone_from_registration};
use super::{cleanup, in_doubt, journal};

const ENDPOINT: &str = "registration_endpoint";

pub struct RegistrationRequest {
    /// The zone that it is for: its issuer, how the server is reached, and its name.
    pub zone: Zone,
    pub metadata: Map<String, Value>,
    pub initial_token: Option<Secret>,
    /// The key that was made for it; its public half is in the metadata.
    pub key: Option<SigningKey>,
    pub save: bool,
    /// Whether the zone may be there already, with a client or a registration in doubt.
    pub replace: bool,
}

pub struct NewClient {
    pub registration: Registration,
    pub asked: Map<String, Value>,
    pub zone: Zone,
    /// The vault with its secrets; `None` when nothing was saved.
    pub backend: Option<Backend>,
    /// Whether an earlier command registered it and this one only saved it.
    pub resumed: bool,
}

pub fn register_client(cx: &Context, request: RegistrationRequest) -> Result<NewClient, Error> {
    if !request.save {
        return register_unsaved(cx, request);
    }
    let request = &request;
    let (zone, name) = (&request.zone, &request.zone.name);
    let backend = cx.usable_vault(zone)?;
    cx.registrations()?.check_writable()?;
    let _lock = journal::lock_registration(cx, zone)?;
    // Somebody may have registered into it while the lock was busy.
    let there = cx
        .edit_config_with(|config| Ok(config.zone(name)?), |_, _| Ok(file::check_writable(&cx.paths()?.config_dir)?))?;
    let present = there.and_then(|zone| zone.client_id);
    if !request.replace && present.is_some() {
        return Err(error::registration::client_changed(name, true));
    }
    let entries = journal::update(cx, name, |journal| journal.entries.clone())?;
    if let Some(entry) = entries.iter().rev().find(|entry| entry.state == State::Answered) {
        let client_id = journal::read_client(entry)?.client_id;
        let saved = present.as_ref() == Some(&client_id);
        if is_response_to(entry, request) && !saved {
            cx.ui.info("an earlier registration was answered but not saved: it is saved now, and nothing is sent");
            return save_client(cx, request, entry.clone(), backend, true);
        }
        if !request.replace && (entry.client_id.is_some() || !saved) {
            let command = entry.client_id.is_none().then(|| save_command(cx, &request.zone, &entry.issuer));
            return Err(error::registration::earlier_unsaved(name, &client_id, &entry.issuer, command));
        }
    }
    if let Some(entry) = entries.iter().find(|entry| !request.replace && entry.is_in_doubt()) {
        let (at, command) = (Moment::from_millis(entry.at_ms), in_doubt::use_command(cx, zone, entry));
        return Err(error::registration::earlier_in_doubt(name, &entry.url, at, &command));
    }
    let mut entry = Entry::new(cx.clock.now().millis(), &zone.issuer, "", None);
    (entry.asked, entry.key) = (request.metadata.clone(), request.key.clone());
    let sent = send(cx, request, &mut |url| {
        url.clone_into(&mut entry.url);
        journal::update(cx, name, |journal| {
            replace_earlier(cx, journal, &entry, present.as_deref());
            journal.record(&mut entry);
        })
    });
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) if error.in_doubt => {
            return Err(error.registration_in_doubt(&in_doubt::use_command(cx, zone, &entry)));
        }
        Err(error) => {
            journal::update(cx, name, |journal| journal.discard(&entry))?;
            return Err(error);
        }
    };
    if let Err(error) = read(request, &answer, &entry.url) {
        return Err(explain_failure(cx, zone, &mut entry, &answer, error)?);
    }
    journal::record_response(cx, name, &mut entry, &answer);
    save_client(cx, request, entry, backend, false)
}

fn register_unsaved(cx: &Context, request: RegistrationRequest) -> Result<NewClient, Error> {
    let mut endpoint = String::new();
    let answer = send(cx, &request, &mut |url| {
        url.clone_into(&mut endpoint);
        Ok(())
    })?;
    let registration = read(&request, &answer, &endpoint)
        .map_err(|error| if is_refusal(&answer, &error) { error } else { error.maybe_registered() })?;
    let RegistrationRequest { zone, metadata, .. } = request;
    Ok(NewClient { registration, asked: metadata, zone, backend: None, resumed: false })
}

/// Saves what the server registered; where that fails the journal keeps it, or else the client is deleted again.
fn save_client(
    cx: &Context,
    request: &RegistrationRequest,
    mut entry: Entry,
    backend: Backend,
    resumed: bool,
) -> Result<NewClient, Error> {
    let registration = journal::read_client(&entry)?;
    let mut zone = zone_from_registration(&request.zone, &registration, &entry.asked, entry.key.as_ref());
    zone.vault = Some(backend);
    let client = NewClient { asked: entry.asked.clone(), zone, registration, backend: Some(backend), resumed };
    match save(cx, request, &entry, &client) {
        Ok(()) => Ok(client),
        Err(error) => Err(rescue_or_undo(cx, request, &mut entry, &client.registration, &error)),
    }
}

fn save(cx: &Context, request: &RegistrationRequest, entry: &Entry, client: &NewClient) -> Result<(), Error> {
    let former = cx.config()?.zone(&client.zone.name)?;
    let mut secrets = Vec::new();
    secrets.extend(client.registration.access_token.clone().map(|token| (SecretKind::RegistrationToken, token)));
    secrets.extend(client.registration.client_secret.clone().map(|secret| (SecretKind::ClientSecret, secret)));
    if let Some(key) = &entry.key {
        secrets.push((SecretKind::PrivateKey, key.private_pem()?));
    }
    save_zone(cx, &client.zone, &secrets, request.replace || former.is_some())?;
    let left = journal::update(cx, &client.zone.name, |journal| {
        journal.discard(entry);
        journal.supersede(|_| true);
        journal.entries.iter().any(|entry| entry.key.is_some()).then(|| journal.path())
    })?;
    if let Some(path) = left {
        cx.ui.info(&format!(
            "the private key of an earlier registration that may have been made is in {}",
            path.display()
        ));
    }
    if let Some(former) = former {
        cleanup::delete_former_secrets(cx, &former, &client.zone, &secrets);
        cleanup::warn_replaced(cx, &former, &client.zone);
        session::forget_replaced(cx, Some(&former), &client.zone);
    }
    Ok(())
}

fn rescue_or_undo(
    cx: &Context,
    request: &RegistrationRequest,
    entry: &mut Entry,
    registration: &Registration,
    why: &Error,
) -> Error {
    let name = &request.zone.name;
    let replace = if request.replace { " --replace" } else { "" };
    let command = format!("{}{replace}", save_command(cx, &request.zone, &entry.issuer));
    let error = match journal::record(cx, name, entry) {
        Ok(path) => return error::registration::unsaved(why, &path, &command),
        Err(unsaved) => error::registration::unrecorded(why, &unsaved),
    };
    let delete = || -> Option<()> {
        let (uri, token) = (registration.client_uri.as_ref()?, registration.access_token.as_ref()?);
        let answer =
            cx.http_session(Some(&request.zone)).for_endpoint().send(&mut || registration::remove(uri, token)).ok()?;
        registration::read_removal(&answer).ok()
    };
    let deleted = delete().is_some();
    if deleted {
        let _ = journal::update(cx, name, |journal| journal.discard(entry));
    }
    error.unsaved_client(&registration.client_id, deleted)
}

/// Explains a response without a client: only a refusal proves that none was created.
fn explain_failure(
    cx: &Context,
    zone: &Zone,
    entry: &mut Entry,
    answer: &Response,
    error: Error,
) -> Result<Error, Error> {
    // Busy (503) means that nothing was done, but a key is not deleted for that.
    if is_refusal(answer, &error) || (answer.status == 503 && entry.key.is_none()) {
        journal::update(cx, &zone.name, |journal| journal.discard(entry))?;
        return Ok(error);
    }
    if answer.status >= 500 {
        journal::update(cx, &zone.name, |journal| journal.supersede(|known| known.id == entry.id))?;
        return Ok(error.registration_failed(&in_doubt::use_command(cx, zone, entry)));
    }
    let error = if registration::is_success(answer) {
        journal::save_unreadable_response(cx, &zone.name, entry, answer, error)
    } else {
        error
    };
    Ok(error.registration_in_doubt(&in_doubt::use_command(cx, zone, entry)))
}

/// Whether a server proves that it did not do what it was asked: it refused, by its status or in a success.
pub fn is_refusal(answer: &Response, error: &Error) -> bool {
    (400..500).contains(&answer.status) || (registration::is_success(answer) && error.code.is_some())
}

/// Whether the response of an operation answers this request, which may have another key; an empty one accepts any.
fn is_response_to(entry: &Entry, request: &RegistrationRequest) -> bool {
    let comparable = |metadata: &Map<String, Value>| {
        let mut metadata = metadata.clone();
        if request.key.is_some() && entry.key.is_some() {
            metadata.remove("jwks");
        }
        metadata
    };
    entry.issuer == request.zone.issuer
        && entry.client_id.is_none()
        && (request.metadata.is_empty() || comparable(&request.metadata) == comparable(&entry.asked))
}

/// Replaces unfinished registrations, with a warning, unless the response was about the client that the zone has.
fn replace_earlier(cx: &Context, journal: &mut Journal, entry: &Entry, present: Option<&str>) {
    let path = journal.path().display().to_string();
    journal.entries.retain(|known| {
        let saved = |client: Registration| Some(client.client_id.as_str()) == present;
        known.state != State::Answered || known.client_id.is_some() || !journal::read_client(known).is_ok_and(saved)
    });
    for known in journal.entries.iter().filter(|known| known.id != entry.id) {
        if known.is_in_doubt() {
            let at = Moment::from_millis(known.at_ms).rfc3339();
            cx.ui.warn(&format!("the registration of {at} at {} is still in doubt", known.issuer));
        } else if known.state == State::Answered {
            cleanup::warn_superseded(cx, known, &path);
        }
    }
    journal.supersede(|known| known.id != entry.id && (known.is_in_doubt() || known.state == State::Answered));
}

/// The command that saves a response: it asks for nothing else.
fn save_command(cx: &Context, zone: &Zone, issuer: &str) -> String {
    if discovery::is_configured(cx, zone) {
        format!("hallpass client register -z {}", zone.name)
    } else {
        format!("hallpass client register {} --save-as {}", quote_for_shell(issuer), zone.name)
    }
}

fn send(
    cx: &Context,
    request: &RegistrationRequest,
    begin: &mut dyn FnMut(&str) -> Result<(), Error>,
) -> Result<Response, Error> {
    let find = |fresh| discovery::find_endpoint(cx, &request.zone, ENDPOINT, fresh);
    discovery::with_endpoint_retry(cx, ENDPOINT, &find, &mut |endpoint| {
        begin(&endpoint.url)?;
        let message = build(request, &endpoint.url);
        cx.http_session(Some(&request.zone)).for_endpoint().send(&mut || message.clone())
    })
}

fn read(request: &RegistrationRequest, answer: &Response, endpoint: &str) -> Result<Registration, Error> {
    registration::read(answer, endpoint).map_err(|fault| {
        let sent = build(request, endpoint);
        Refusal { zone: &request.zone, endpoint: ENDPOINT, request: &sent, proof: None }.explain(fault)
    })
}

fn build(request: &RegistrationRequest, endpoint: &str) -> Request {
    registration::register(endpoint, &request.metadata, request.initial_token.as_ref())
}
