//! A registered client manages its registration (RFC 7592), by its registration access token. A server may give a new
//! token with any response, and the old one is dead then: the new one is saved before anything else.

use serde_json::{Map, Value};

use crate::config::{SecretLocation, Zone};
use crate::context::Context;
use crate::error::{Error, Hint, Kind as ErrorKind, exit};
use crate::jose::SigningKey;
use crate::oauth::client_auth::Method;
use crate::oauth::message::{Request, Response};
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::registration::{Entry, State};
use crate::store::{Lock, SecretKind};

use super::register::is_refusal;
use super::zone::{save_zone, zone_from_registration};
use super::{doubt, journal};

pub struct RegisteredClient<'a> {
    pub cx: &'a Context,
    pub zone: Zone,
    client_id: String,
    uri: String,
    token: Secret,
    /// Whether the token is the one that the vault has.
    stored: bool,
    lock: Option<Lock>,
}

impl<'a> RegisteredClient<'a> {
    /// Finds it, saves what an earlier command could not, and proves that the next response can be saved.
    pub fn open(cx: &'a Context, zone: &Zone, given: Option<Secret>) -> Result<Self, Error> {
        let unknown = |what: &str| {
            Error::config(format!("zone {} has no {what}", zone.name)).hint(format!(
                "its client was not registered from here; to register one: hallpass client register -z {}",
                zone.name
            ))
        };
        let (Some(client_id), Some(uri)) = (zone.client_id.clone(), zone.registration_client_uri.clone()) else {
            return Err(unknown("registration to manage"));
        };
        let mut client =
            Self { cx, zone: zone.clone(), client_id, uri, token: Secret::new("dry-run"), stored: true, lock: None };
        if cx.options.dry_run {
            return Ok(client);
        }
        cx.vault(cx.backend_of(zone)?)?.status()?;
        cx.registrations()?.check_writable()?;
        client.lock = Some(journal::lock_registration(cx, zone)?);
        // Somebody may have changed it meanwhile: what is saved goes on top of that.
        let now = cx.edit_config(|config| Ok(config.zone(&zone.name)?))?;
        client.zone = now.filter(|now| now.client_id == zone.client_id).ok_or_else(|| {
            Error::config(format!("zone {} has another client meanwhile", zone.name))
                .hint("look again: hallpass client list")
        })?;
        let stored = cx.stored(&client.zone, SecretKind::RegistrationToken)?;
        let known = stored.is_some();
        client.token = stored.unwrap_or_else(|| client.token.clone());
        let resumed = client.save_earlier()?;
        if let Some(token) = given {
            (client.token, client.stored) = (token, false);
        } else if !known && !resumed {
            return Err(unknown("registration access token"));
        }
        Ok(client)
    }

    /// Saves the responses that earlier commands could not save; says whether one had an access token.
    fn save_earlier(&mut self) -> Result<bool, Error> {
        let mut resumed = false;
        if !self.cx.registrations()?.has(&self.zone.name)? {
            return Ok(resumed);
        }
        let entries = journal::update(self.cx, &self.zone.name, |journal| journal.entries.clone())?;
        for mut entry in entries.into_iter().filter(|entry| entry.state == State::Answered) {
            let registration = journal::read_client(&entry)?;
            if registration.client_id != self.client_id || entry.issuer != self.zone.issuer {
                continue;
            }
            self.cx.ui.debug("an earlier response is in the journal: it is saved first");
            self.save(&registration, &mut entry)?;
            resumed |= registration.access_token.is_some();
        }
        Ok(resumed)
    }

    /// Asks the server for the registration (RFC 7592 §2.1).
    pub fn show(&mut self) -> Result<Registration, Error> {
        let request = registration::show(&self.uri, &self.token);
        let answer = self.send(&mut || request.clone())?;
        self.take_response(self.new_entry(), &answer)
    }

    /// Replaces the metadata by this one (RFC 7592 §2.2). A private key is in the journal before its public half is
    /// sent, until the vault has it or the server refuses: whatever comes of the update, one of the two is right.
    pub fn update(
        &mut self,
        metadata: &Map<String, Value>,
        secret: Option<&Secret>,
        key: Option<&SigningKey>,
    ) -> Result<Registration, Error> {
        let mut entry = self.new_entry();
        (entry.asked, entry.key) = (metadata.clone(), key.cloned());
        if key.is_some() {
            journal::record(self.cx, &self.zone.name, &mut entry)?;
        }
        let request = registration::update(&self.uri, &self.token, metadata, secret);
        match self.send(&mut || request.clone()) {
            Ok(answer) => self.take_response(entry, &answer),
            Err(error) => Err(self.explain_new_key(!error.in_doubt, &entry, error)),
        }
    }

    /// Ends the registration (RFC 7592 §2.3). A server that was asked twice and does not know the client any more has
    /// deleted it.
    pub fn delete(&self) -> Result<(), Error> {
        let mut tries = 0;
        let answer = self.send(&mut || {
            tries += 1;
            registration::remove(&self.uri, &self.token)
        })?;
        if tries > 1 && answer.status == 401 {
            return Ok(());
        }
        registration::read_removal(&answer).map_err(|fault| self.explain_refusal(fault.into()))
    }

    fn new_entry(&self) -> Entry {
        Entry::new(self.cx.clock.now().millis(), &self.zone.issuer, &self.uri, Some(&self.client_id))
    }

    fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        let name = &self.zone.name;
        self.cx.http_session(Some(&self.zone)).send(build).map_err(|error| {
            if !error.in_doubt {
                return error;
            }
            error
                .hint(format!("find out whether the registration access token is still good: hallpass client show -z {name}"))
                .hint(format!("if it is not, the server's administrator can give another one: hallpass client show -z {name} --token-from SOURCE"))
        })
    }

    /// Reads a response and saves what is new in it.
    fn take_response(&mut self, mut entry: Entry, answer: &Response) -> Result<Registration, Error> {
        let name = self.zone.name.clone();
        let registration = match self.read(answer) {
            Ok(registration) => registration,
            Err(error) => {
                let refused = is_refusal(answer, &error);
                let error = if registration::is_success(answer) && error.code.is_none() {
                    journal::save_unreadable_response(self.cx, &name, &mut entry, answer, error)
                } else if answer.status >= 500 && answer.status != 503 {
                    // Busy (503) says that nothing was done; broken says nothing.
                    let hint = format!("check whether the change was applied: hallpass client show -z {name}");
                    self.explain_refusal(error).hint(hint)
                } else {
                    self.explain_refusal(error)
                };
                return Err(self.explain_new_key(refused, &entry, error));
            }
        };
        let news = entry.key.is_some()
            || registration.client_secret.is_some()
            || registration.access_token.as_ref().is_some_and(|token| !token.matches(&self.token));
        if news {
            journal::record_response(self.cx, &name, &mut entry, answer);
        } else {
            entry.set_response(State::Answered, answer.status, &answer.body);
        }
        self.save(&registration, &mut entry)?;
        Ok(registration)
    }

    fn read(&self, answer: &Response) -> Result<Registration, Error> {
        let registration = registration::read(answer, &self.uri)?;
        if registration.client_id == self.client_id {
            return Ok(registration);
        }
        Err(Error::new(ErrorKind::Protocol, exit::UNSAFE, "the server answered for another client (RFC 7592 §3)"))
    }

    /// Saves what a response brought, then removes what the journal kept until then.
    fn save(&mut self, registration: &Registration, entry: &mut Entry) -> Result<(), Error> {
        let name = self.zone.name.clone();
        self.save_secrets(registration, entry).map_err(|why| {
            let command = format!("hallpass client show -z {name}");
            journal::explain_unsaved(self.cx, &name, entry, &why, &command).unwrap_or_else(|lost| lost)
        })?;
        if !self.cx.registrations()?.has(&name)? {
            return Ok(());
        }
        journal::update(self.cx, &name, |journal| {
            journal.discard(entry);
            for known in &mut journal.entries {
                if journal::is_unreadable_about(known, &self.client_id) {
                    known.response = None;
                }
                // The client has the new key and no other one now.
                if entry.key.is_some() && matches!(known.state, State::Intended | State::Unreadable) {
                    known.key = None;
                }
            }
            journal.entries.retain(|known| !known.is_empty() || known.is_in_doubt());
        })
    }

    /// Saves what differs from what is stored: the vault is not written without need.
    fn save_secrets(&mut self, registration: &Registration, entry: &Entry) -> Result<(), Error> {
        let mut secrets = Vec::new();
        match &registration.access_token {
            Some(token) if !self.stored || !token.matches(&self.token) => {
                secrets.push((SecretKind::RegistrationToken, token.clone()));
                self.token = token.clone();
            }
            None if !self.stored => secrets.push((SecretKind::RegistrationToken, self.token.clone())),
            _ => {}
        }
        // A secret that is read from elsewhere is managed there.
        let elsewhere =
            Some(&self.zone.client_secret).filter(|held| matches!(held, SecretLocation::Referenced(_))).cloned();
        if let Some(secret) = registration.client_secret.as_ref().filter(|_| elsewhere.is_none()) {
            let known = match self.zone.client_secret {
                SecretLocation::Stored => self.cx.stored(&self.zone, SecretKind::ClientSecret)?,
                _ => None,
            };
            if !known.is_some_and(|known| known.matches(secret)) {
                secrets.push((SecretKind::ClientSecret, secret.clone()));
            }
        }
        if let Some(key) = &entry.key {
            secrets.push((SecretKind::PrivateKey, key.private_pem()?));
        }
        let mut zone = zone_from_registration(&self.zone, registration, &entry.asked, entry.key.as_ref());
        zone.client_secret = elsewhere.unwrap_or(zone.client_secret);
        if zone != self.zone || !secrets.is_empty() {
            save_zone(self.cx, &zone, &secrets, true)?;
            self.zone = zone;
        }
        self.stored = true;
        if let Some(uri) = &registration.client_uri {
            self.uri.clone_from(uri);
        }
        Ok(())
    }

    /// What becomes of a new key when the update failed: it is removed when no server has it, else the error says how it
    /// is used.
    fn explain_new_key(&self, refused: bool, entry: &Entry, error: Error) -> Error {
        let name = &self.zone.name;
        let Some(key) = &entry.key else { return error };
        if refused {
            return match journal::update(self.cx, name, |journal| journal.discard(entry)) {
                Ok(()) => error,
                Err(fault) => error.because(format!("the new key, which no server has, stays here: {}", fault.chain())),
            };
        }
        let Some(flags) = doubt::key_flags(self.cx, name, entry) else { return error };
        let method = entry.asked.get("token_endpoint_auth_method").and_then(Value::as_str);
        let method = method.and_then(|method| method.parse::<Method>().ok());
        let method = method.filter(|method| self.zone.auth != Some(*method));
        let auth = method.map_or_else(String::new, |method| format!(" --auth {method}"));
        let error = error.hint(Hint::edit(name, format!("{flags}{auth}")).purpose("if the server took the new key"));
        let Ok(journal) = journal::open_journal(self.cx, name) else { return error };
        let live = journal.entries.iter().filter(|known| known.state != State::Superseded);
        live.filter_map(|known| known.key.as_ref())
            .filter(|other| other.kid() != key.kid())
            .fold(error, |error, other| {
                error.hint(format!("an earlier one, {}, is in {}", other.kid(), journal.path().display()))
            })
    }

    fn explain_refusal(&self, error: Error) -> Error {
        if error.exit != exit::REFUSED || error.kind != ErrorKind::Authentication {
            return error;
        }
        error.hint(format!(
            "the registration access token is no longer good; the server's administrator can give another one: hallpass client show -z {} --token-from SOURCE",
            self.zone.name
        ))
    }
}
