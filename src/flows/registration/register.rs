//! A client registers (RFC 7591), as a transaction: storage is proven writable and the intent is in the journal before
//! anything is sent, with the private key that was made for it; the server's response is there before it is saved, and
//! saved before it is shown. A registration whose response was lost is not sent again.

use serde_json::{Map, Value};

use crate::config::{Backend, Zone};
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::discovery;
use crate::flows::token::session;
use crate::jose::SigningKey;
use crate::oauth::message::Response;
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::registration::{Entry, Journal, State};
use crate::store::{SecretKind, file};
use crate::text::{quote_for_shell, sanitize};

use super::zone::{delete_former_secrets, save_zone, zone_from_registration};
use super::{cleanup, doubt, journal};

/// The endpoint's name in the metadata.
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

pub fn register(cx: &Context, request: &RegistrationRequest) -> Result<NewClient, Error> {
    if cx.options.dry_run || !request.save {
        return register_unsaved(cx, request);
    }
    let (zone, name) = (&request.zone, &request.zone.name);
    let backend = cx.backend_of(zone)?;
    cx.vault(backend)?.status()?;
    cx.registrations()?.check_writable()?;
    let _lock = journal::lock_registration(cx, zone)?;
    // Somebody may have registered into it while the lock was busy.
    let there = cx
        .edit_config_with(|config| Ok(config.zone(name)?), |_, _| Ok(file::check_writable(&cx.paths()?.config_dir)?))?;
    let present = there.and_then(|zone| zone.client_id);
    if !request.replace && present.is_some() {
        return Err(
            Error::usage(format!("zone {name} has a client meanwhile")).hint("look at it: hallpass client list")
        );
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
            return Err(explain_unsaved(cx, name, entry, &client_id));
        }
    }
    if let Some(entry) = entries.iter().find(|entry| !request.replace && entry.is_in_doubt()) {
        return Err(doubt::refuse_second(cx, zone, entry));
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
        Ok((answer, _)) => answer,
        Err(error) if error.in_doubt => return Err(doubt::explain_doubt(cx, error, zone, &entry)),
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

/// Registers a client that is only shown.
fn register_unsaved(cx: &Context, request: &RegistrationRequest) -> Result<NewClient, Error> {
    let (answer, endpoint) = send(cx, request, &mut |_| Ok(()))?;
    let registration = read(request, &answer, &endpoint).map_err(|error| {
        if is_refusal(&answer, &error) {
            return error;
        }
        error.hint("check at the server whether the client was created before you try again")
    })?;
    let (asked, zone) = (request.metadata.clone(), request.zone.clone());
    Ok(NewClient { registration, asked, zone, backend: None, resumed: false })
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
        delete_former_secrets(cx, &former, &secrets);
        cleanup::warn_replaced(cx, &former, &client.zone);
        session::retire(cx, &former, &client.zone);
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
    let command = format!("{}{replace}", save_command(cx, name, &entry.issuer));
    let error = match journal::explain_unsaved(cx, name, entry, why, &command) {
        Ok(error) => return error,
        Err(error) => error,
    };
    let client_id = &registration.client_id;
    let lost = format!("the client {client_id} stays at the server and its secret is lost");
    let (Some(uri), Some(token)) = (&registration.client_uri, &registration.access_token) else {
        return error.hint(lost);
    };
    let deleted = cx.http_session(Some(&request.zone)).send(&mut || registration::remove(uri, token));
    match deleted.map(|answer| registration::read_removal(&answer)) {
        Ok(Ok(())) => {
            let _ = journal::update(cx, name, |journal| journal.discard(entry));
            error.hint("the client was taken back: nothing is left at the server")
        }
        _ => error.hint(lost),
    }
}

/// A response that brings no client. A refusal proves that none was made; a failure of the server proves nothing, but
/// it may be asked again; anything else may be all that is left of a client.
fn explain_failure(
    cx: &Context,
    zone: &Zone,
    entry: &mut Entry,
    answer: &Response,
    error: Error,
) -> Result<Error, Error> {
    // Busy (503) says that nothing was done; but a key is not thrown away on that word.
    if is_refusal(answer, &error) || (answer.status == 503 && entry.key.is_none()) {
        journal::update(cx, &zone.name, |journal| journal.discard(entry))?;
        return Ok(error);
    }
    if answer.status >= 500 {
        journal::update(cx, &zone.name, |journal| journal.supersede(|known| known.id == entry.id))?;
        return Ok(doubt::explain_outage(cx, error, zone, entry));
    }
    let error = if registration::is_success(answer) {
        journal::save_unreadable_response(cx, &zone.name, entry, answer, error)
    } else {
        error
    };
    Ok(doubt::explain_doubt(cx, error, zone, entry))
}

/// Whether a server proves that it did not do what it was asked: it refused, by its status or in a success.
pub fn is_refusal(answer: &Response, error: &Error) -> bool {
    (400..500).contains(&answer.status) || (registration::is_success(answer) && error.code.is_some())
}

/// Whether the response of an operation answers this request. One that asks for nothing asks for nothing else; a key
/// is made anew each time.
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

/// Another registration takes the place of what is not finished, and a person is told. `present` is the client that
/// the zone has: a response about it was saved before its entry was removed.
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

/// A response about another client waits to be saved into this zone: it is not taken for one to this registration.
fn explain_unsaved(cx: &Context, name: &str, entry: &Entry, client_id: &str) -> Error {
    let mut error = Error::refused(format!("an earlier response for zone {name} is not saved yet")).because(format!(
        "it is about the client {} at {}",
        sanitize(client_id),
        sanitize(&entry.issuer)
    ));
    if entry.client_id.is_none() {
        error = error.hint(format!("to save that client: {}", save_command(cx, name, &entry.issuer)));
    }
    error.hint("to register another one, and keep that response in a file: --replace")
}

/// The command that saves a response: it asks for nothing else.
fn save_command(cx: &Context, name: &str, issuer: &str) -> String {
    let there = cx.config().is_ok_and(|config| config.zones().contains(&name));
    if there {
        format!("hallpass client register -z {name}")
    } else {
        format!("hallpass client register {} --save-as {name}", quote_for_shell(issuer))
    }
}

/// Sends the registration; `begin` comes right before. A cached endpoint that is gone did nothing: it is looked up again.
fn send(
    cx: &Context,
    request: &RegistrationRequest,
    begin: &mut dyn FnMut(&str) -> Result<(), Error>,
) -> Result<(Response, String), Error> {
    let mut send_once = |fresh: bool| -> Result<(Response, discovery::Endpoint), Error> {
        let endpoint = discovery::endpoint(cx, &request.zone, ENDPOINT, fresh)?;
        begin(&endpoint.url)?;
        let message = registration::register(&endpoint.url, &request.metadata, request.initial_token.as_ref());
        let answer = cx.http_session(Some(&request.zone)).send(&mut || message.clone())?;
        Ok((answer, endpoint))
    };
    let (answer, endpoint) = send_once(false)?;
    if answer.status != 404 || !endpoint.cached {
        return Ok((answer, endpoint.url));
    }
    let (answer, endpoint) = send_once(true)?;
    Ok((answer, endpoint.url))
}

fn read(request: &RegistrationRequest, answer: &Response, endpoint: &str) -> Result<Registration, Error> {
    registration::read(answer, endpoint).map_err(|fault| {
        let error = Error::from(fault);
        match (answer.status, &request.initial_token) {
            (401 | 403, None) => {
                error.hint("servers that want one take an initial access token: --initial-token-from SOURCE")
            }
            (401 | 403, Some(_)) => error.hint("the initial access token may be spent or expired: get another one"),
            _ => error,
        }
    })
}
