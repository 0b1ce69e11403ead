//! A client registers (RFC 7591), as a transaction: storage is proven writable and the intent is written down before
//! anything is sent, with the private key that was made for it; what the server gives is put down, then saved, then shown.
//! A registration whose answer was lost is not sent again.

use serde_json::{Map, Value};

use crate::config::{Backend, Held, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::flows::discovery;
use crate::flows::token::session;
use crate::oauth::grant::Grant;
use crate::oauth::message::Response;
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::{Changes, Kind, Lock, file};
use crate::text::{quote_for_shell, sanitize};

use super::leftover;
use super::pending;
use super::rescue::{self, Key, Rescue};

/// The endpoint's name in the metadata.
const ENDPOINT: &str = "registration_endpoint";

/// A registration that is wished for.
pub struct Wish {
    /// The zone that it is for: its issuer, how the server is reached, and its name.
    pub zone: Zone,
    /// What is sent.
    pub metadata: Map<String, Value>,
    /// The initial access token.
    pub initial: Option<Secret>,
    /// The key that was made for it.
    pub key: Option<Key>,
    /// Whether it is saved.
    pub save: bool,
    /// Whether the zone may be there already, with a client or a registration in doubt.
    pub replace: bool,
}

/// A client that is registered.
pub struct Done {
    /// What the server said.
    pub registration: Registration,
    /// What it was asked for.
    pub asked: Map<String, Value>,
    /// The zone as it was saved.
    pub zone: Zone,
    /// Where its secrets rest; `None` when nothing was saved.
    pub backend: Option<Backend>,
    /// Whether it was registered before, and only saved now.
    pub resumed: bool,
}

/// Takes the lock of a zone's registration.
///
/// # Errors
/// 6 when it stays busy, 7 when it can't be made.
pub fn lock(cx: &Context, zone: &Zone) -> Result<Lock, Error> {
    cx.lock(&cx.paths()?.lock_dir.join(format!("{}.registration.lock", zone.name)))
}

/// Registers.
///
/// # Errors
/// 5 when the server refuses; 7 before anything is sent when nothing could be saved, or afterwards with the file that
/// holds the answer; 8 when an earlier or this registration is in doubt, or the answer breaks the protocol.
pub fn register(cx: &Context, wish: &Wish) -> Result<Done, Error> {
    if cx.options.dry_run || !wish.save {
        let (answer, endpoint) = send(cx, wish, &|_| Ok(()))?;
        return match read(wish, &answer, &endpoint) {
            Ok(registration) => Ok(Done {
                registration,
                asked: wish.metadata.clone(),
                zone: wish.zone.clone(),
                backend: None,
                resumed: false,
            }),
            Err(error) if declined(&answer, &error) => Err(error),
            Err(error) => Err(error.hint("look at the server whether the client was made before you try again")),
        };
    }
    let backend = cx.backend_of(&wish.zone)?;
    cx.vault(backend)?.status()?;
    let registrations = cx.registrations()?;
    registrations.rehearse()?;
    let _lock = lock(cx, &wish.zone)?;
    let name = &wish.zone.name;
    // Somebody may have registered into it while the lock was busy.
    let there =
        cx.edit_config_with(|config| Ok(config.zone(name)?), |_, _| Ok(file::rehearse(&cx.paths()?.config_dir)?))?;
    if !wish.replace && there.as_ref().is_some_and(|zone| zone.client_id.is_some()) {
        return Err(
            Error::usage(format!("zone {name} has a client meanwhile")).hint("look at it: hallpass client list")
        );
    }
    if let Some(waiting) = rescue::waiting(cx, name)? {
        let answered = registration::read(&waiting.answer(), &waiting.manages)?.client_id;
        let saved = there.and_then(|zone| zone.client_id).is_some_and(|known| known == answered);
        if waiting.fits(&wish.zone.issuer, &wish.metadata, wish.key.is_some()) && !saved {
            cx.ui.note("an earlier registration was answered but not saved: it is saved now, and nothing is sent");
            return resume(cx, wish, &waiting, backend);
        }
        if waiting.client_id.is_some() || !saved {
            make_room(cx, wish, &waiting, &answered)?;
        }
    }
    pending::refuse(cx, wish)?;
    let begin = |endpoint: &str| {
        if let Some(key) = &wish.key {
            registrations.key(name, &key.kid, &key.pem)?;
        }
        Ok(registrations.begin(name, &pending::of(cx, wish, endpoint))?)
    };
    let (answer, endpoint) = match send(cx, wish, &begin) {
        Ok(answered) => answered,
        Err(error) if error.in_doubt => {
            // What was written down names the endpoint; the ways out are the same without.
            return Err(pending::doubtful(cx, error, &wish.zone, &pending::of(cx, wish, "")));
        }
        Err(error) => {
            unmade(cx, wish)?;
            return Err(error);
        }
    };
    let registration = match read(wish, &answer, &endpoint) {
        Ok(registration) => registration,
        Err(error) => return Err(unregistered(cx, wish, &answer, &endpoint, error)?),
    };
    let rescue = Rescue::of(&wish.zone.issuer, None, &endpoint, &wish.metadata, &answer, wish.key.as_ref());
    if let Err(fault) = registrations.keep(name, &rescue.text()) {
        cx.ui.step(&format!("the answer is not put down before it is saved: {fault}"));
    }
    let done = Done {
        asked: wish.metadata.clone(),
        zone: fitted(&wish.zone, &registration, &wish.metadata, wish.key.as_ref()),
        registration,
        backend: Some(backend),
        resumed: false,
    };
    finish(cx, wish, done, wish.key.as_ref()).map_err(|error| lost(cx, wish, &rescue, &error))
}

/// Saves what an earlier process could not.
fn resume(cx: &Context, wish: &Wish, rescue: &Rescue, backend: Backend) -> Result<Done, Error> {
    let registration = registration::read(&rescue.answer(), &rescue.manages)?;
    let key = rescue.key();
    let zone = fitted(&wish.zone, &registration, &rescue.asked, key.as_ref());
    let done = Done { registration, asked: rescue.asked.clone(), zone, backend: Some(backend), resumed: true };
    finish(cx, wish, done, key.as_ref()).map_err(|error| lost(cx, wish, rescue, &error))
}

/// Saves, then forgets the journal and what was put down.
fn finish(cx: &Context, wish: &Wish, mut done: Done, key: Option<&Key>) -> Result<Done, Error> {
    done.zone.vault = done.backend;
    let former = cx.config()?.zone(&wish.zone.name)?;
    let mut secrets = Vec::new();
    secrets.extend(done.registration.access_token.clone().map(|token| (Kind::RegistrationToken, token)));
    secrets.extend(done.registration.client_secret.clone().map(|secret| (Kind::ClientSecret, secret)));
    secrets.extend(key.map(|key| (Kind::PrivateKey, key.pem.clone())));
    save(cx, &done.zone, &secrets, wish.replace || former.is_some())?;
    let registrations = cx.registrations()?;
    registrations.end(&wish.zone.name)?;
    registrations.settle(&wish.zone.name)?;
    if let Some(key) = key {
        registrations.forget_key(&wish.zone.name, &key.kid)?;
    }
    for path in registrations.set_keys_aside(&wish.zone.name)? {
        cx.ui.note(&format!(
            "the private key of an earlier registration that may have been made is in {}",
            path.display()
        ));
    }
    if let Some(former) = former {
        retire(cx, &former, &secrets);
        leftover::replaced(cx, &former, &done.zone);
        session::retire(cx, &former, &done.zone);
    }
    Ok(done)
}

/// Nothing of an answer may be lost: it is put down, and where no disk takes it the client is taken back.
fn lost(cx: &Context, wish: &Wish, rescue: &Rescue, why: &Error) -> Error {
    let (name, replace) = (&wish.zone.name, if wish.replace { " --replace" } else { "" });
    let again = format!("{}{replace} saves it", again(cx, name, &wish.zone.issuer));
    let (error, path) = rescue::rescued(cx, name, rescue, why, &again);
    if path.is_some() {
        // It is no longer in doubt.
        let _ = cx.registrations().and_then(|all| Ok(all.end(name)?));
        return error;
    }
    let Ok(registration) = registration::read(&rescue.answer(), &rescue.manages) else { return error };
    let (Some(uri), Some(token)) = (&registration.client_uri, &registration.access_token) else {
        return error.hint(format!("the client {} stays at the server and its secret is lost", registration.client_id));
    };
    let taken_back = cx.http_session(Some(&wish.zone)).send(&mut || registration::remove(uri, token));
    match taken_back.map(|answer| registration::removed(&answer)) {
        Ok(Ok(())) => {
            let _ = unmade(cx, wish);
            error.hint("the client was taken back: nothing is left at the server")
        }
        _ => error.hint(format!("the client {} stays at the server and its secret is lost", registration.client_id)),
    }
}

/// An answer that brings no client. A refusal proves that none was made; a failure of the server proves nothing, but is
/// for it to say; anything else may be all that is left of one, and is not asked for again unseen.
fn unregistered(cx: &Context, wish: &Wish, answer: &Response, endpoint: &str, error: Error) -> Result<Error, Error> {
    if declined(answer, &error) {
        unmade(cx, wish)?;
        return Ok(error);
    }
    let (zone, pending) = (&wish.zone, pending::of(cx, wish, endpoint));
    if answer.status >= 500 {
        cx.registrations()?.end(&zone.name)?;
        // Busy (503) says that nothing was done; but a key is not thrown away on that word.
        let mute = answer.status == 503 && wish.key.is_none();
        return Ok(if mute { error } else { pending::outage(cx, error, zone, &pending) });
    }
    let error = if registration::accepted(answer) { rescue::exhibited(cx, &zone.name, answer, error) } else { error };
    Ok(pending::doubtful(cx, error, zone, &pending))
}

/// Whether a server proves that it did not do what it was asked: it refused, by its status or in a success.
pub fn declined(answer: &Response, error: &Error) -> bool {
    (400..500).contains(&answer.status) || (registration::accepted(answer) && error.code.is_some())
}

/// No client was made: nothing is in doubt, and no server has the key.
fn unmade(cx: &Context, wish: &Wish) -> Result<(), Error> {
    let registrations = cx.registrations()?;
    if let Some(key) = &wish.key {
        registrations.forget_key(&wish.zone.name, &key.kid)?;
    }
    registrations.end(&wish.zone.name)?;
    Ok(())
}

/// An answer of another client waits under this name: it is never taken for one to this registration, nor lost to it.
fn make_room(cx: &Context, wish: &Wish, waiting: &Rescue, client_id: &str) -> Result<(), Error> {
    let name = &wish.zone.name;
    if wish.replace {
        return rescue::set_aside(cx, name, waiting);
    }
    let error = Error::refused(format!("an earlier answer for zone {name} was not saved yet")).because(format!(
        "it is about the client {} at {}",
        sanitize(client_id),
        sanitize(&waiting.issuer)
    ));
    let error = if waiting.client_id.is_none() {
        error.hint(format!("to save that client: {}", again(cx, name, &waiting.issuer)))
    } else {
        error
    };
    Err(error.hint("to register another one, and keep that answer in a file: say --replace"))
}

/// The command that saves an answer: it asks for nothing else.
fn again(cx: &Context, name: &str, issuer: &str) -> String {
    let there = cx.config().is_ok_and(|config| config.zones().contains(&name));
    if there {
        format!("hallpass client register -z {name}")
    } else {
        format!("hallpass client register {} --save-as {name}", quote_for_shell(issuer))
    }
}

/// Sends the registration; `begin` comes right before. A cached endpoint that is gone did nothing: it is looked up anew.
fn send(cx: &Context, wish: &Wish, begin: &dyn Fn(&str) -> Result<(), Error>) -> Result<(Response, String), Error> {
    let once = |fresh: bool| -> Result<(Response, discovery::Endpoint), Error> {
        let endpoint = discovery::endpoint(cx, &wish.zone, ENDPOINT, fresh)?;
        begin(&endpoint.url)?;
        let request = registration::register(&endpoint.url, &wish.metadata, wish.initial.as_ref());
        let answer = cx.http_session(Some(&wish.zone)).send(&mut || request.clone())?;
        Ok((answer, endpoint))
    };
    let (answer, endpoint) = once(false)?;
    if answer.status != 404 || !endpoint.cached {
        return Ok((answer, endpoint.url));
    }
    let (answer, endpoint) = once(true)?;
    Ok((answer, endpoint.url))
}

fn read(wish: &Wish, answer: &Response, endpoint: &str) -> Result<Registration, Error> {
    registration::read(answer, endpoint).map_err(|fault| {
        let error = Error::from(fault);
        match (answer.status, &wish.initial) {
            (401 | 403, None) => {
                error.hint("servers that want one take an initial access token: --initial-token-from SOURCE")
            }
            (401 | 403, Some(_)) => error.hint("the initial access token may be spent or expired: get another one"),
            _ => error,
        }
    })
}

/// The zone as the client was registered: what the next token request uses.
pub fn fitted(zone: &Zone, registration: &Registration, asked: &Map<String, Value>, key: Option<&Key>) -> Zone {
    let mut zone = zone.clone();
    zone.client_id = Some(registration.client_id.clone());
    if registration.client_secret.is_some() {
        zone.client_secret = Held::Stored;
    }
    if let Some(key) = key {
        zone.private_key = Held::Stored;
        zone.key_id = Some(key.kid.clone());
        zone.algorithm = key.algorithm.parse().ok();
    }
    let said = |name: &str| registration.members.get(name).or(asked.get(name));
    let method = said("token_endpoint_auth_method").and_then(Value::as_str);
    if let Some(method) = method.and_then(|method| method.parse().ok()) {
        zone.auth = Some(method);
    }
    let texts = |name: &str| -> Vec<&str> {
        said(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let uris = texts("redirect_uris");
    if !zone.redirect_uri.as_deref().is_some_and(|uri| uris.contains(&uri)) {
        zone.redirect_uri = uris.first().filter(|uri| !uri.is_empty()).map(|uri| (*uri).to_owned());
    }
    let grants = texts("grant_types");
    let granted: Vec<Grant> =
        Grant::ALL.into_iter().filter(|grant| grants.contains(&grant.registered_name())).collect();
    if !granted.is_empty() && !granted.contains(&zone.grant()) {
        zone.grant = Some(granted[0]);
    }
    if said("dpop_bound_access_tokens") == Some(&Value::Bool(true)) {
        zone.dpop = true;
    }
    zone.registration_client_uri = match (&registration.client_uri, &registration.access_token) {
        (Some(uri), _) => Some(uri.clone()),
        _ => zone.registration_client_uri,
    };
    zone
}

/// Saves a zone, its secrets first; when one of it fails, everything stands as before. The first zone is the default.
///
/// # Errors
/// 2 when the zone exists and may not, 7 when something can't be written.
pub fn save(cx: &Context, zone: &Zone, secrets: &[(Kind, Secret)], may_exist: bool) -> Result<(), Error> {
    let vault = cx.vault(cx.backend_of(zone)?)?;
    cx.edit_config_with(
        |config| {
            if !may_exist && config.zone(&zone.name)?.is_some() {
                return Err(Error::usage(format!("zone {} was added meanwhile", zone.name)));
            }
            let first = config.zones().is_empty();
            config.set_zone(zone)?;
            if first {
                config.set_default(Some(&zone.name))?;
            }
            Ok(())
        },
        |(), write| {
            let mut changes = Changes::of(&*vault);
            let stored = secrets.iter().try_for_each(|(kind, secret)| {
                Ok::<_, Error>(changes.put(&zone.name, &cx.record(zone, *kind, secret.clone()))?)
            });
            stored.and_then(|()| write()).inspect_err(|_| {
                if let Err(fault) = changes.undo() {
                    cx.ui.warn(&format!("the vault could not be put back: {fault}"));
                }
            })
        },
    )
}

/// Takes out of the vault what belonged to the client that the zone had before.
fn retire(cx: &Context, former: &Zone, secrets: &[(Kind, Secret)]) {
    let had = |kind: Kind| match kind {
        Kind::RegistrationToken => former.registration_client_uri.is_some(),
        kind => former.held(kind.name()) == Some(&Held::Stored),
    };
    for kind in [Kind::RegistrationToken, Kind::ClientSecret, Kind::PrivateKey] {
        if !had(kind) || secrets.iter().any(|(stored, _)| *stored == kind) {
            continue;
        }
        let gone = cx.backend_of(former).and_then(|backend| Ok(cx.vault(backend)?.delete(&former.name, kind)?));
        if let Err(error) = gone {
            cx.ui.warn(&format!("the former {kind} stays in the vault: {}", error.chain()));
        }
    }
}
