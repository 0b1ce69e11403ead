//! Manages the registration of a client (RFC 7592). A server may replace the registration access token with any response,
//! so the new one is saved before anything else.

use serde_json::{Map, Value};

use crate::config::{SecretLocation, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::jose::SigningKey;
use crate::oauth::client_auth::Method;
use crate::oauth::message::{Request, Response};
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::registration::{Entry, State};
use crate::store::{Lock, SecretKind};

use super::register::is_refusal;
use super::zone::{save_zone, zone_from_registration};
use super::{in_doubt, journal};

pub struct RegisteredClient<'a> {
    pub cx: &'a Context,
    pub zone: Zone,
    client_id: String,
    uri: String,
    token: Secret,
    /// Whether the token is the one that the vault has.
    stored: bool,
    _lock: Option<Lock>,
}

impl<'a> RegisteredClient<'a> {
    /// Finds it, saves what an earlier command could not, and proves that the next response can be saved.
    pub fn open(cx: &'a Context, zone: &Zone, given: Option<Secret>) -> Result<Self, Error> {
        let unknown = |what| error::registration::not_registered(&zone.name, what);
        let (Some(client_id), Some(uri)) = (zone.client_id.clone(), zone.registration_client_uri.clone()) else {
            return Err(unknown("registration to manage"));
        };
        cx.usable_vault(zone)?;
        cx.registrations()?.check_writable()?;
        let lock = journal::lock_registration(cx, zone)?;
        // Another process may have changed the zone meanwhile: the changes are made on top of that.
        let now = cx.edit_config(|config| Ok(config.zone(&zone.name)?))?;
        let zone = now
            .filter(|now| now.client_id == zone.client_id)
            .ok_or_else(|| error::registration::client_changed(&zone.name, false))?;
        let stored = cx.stored(&zone, SecretKind::RegistrationToken)?;
        let known = stored.is_some();
        let token = stored.unwrap_or_else(|| Secret::new(""));
        let mut client = Self { cx, zone, client_id, uri, token, stored: true, _lock: lock };
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

    /// Replaces the metadata (RFC 7592 §2.2). A new private key is in the journal before its public half is sent.
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

    /// Ends the registration (RFC 7592 §2.3). After a retry, an unknown client is a deleted one.
    pub fn delete(&self) -> Result<(), Error> {
        let mut tries = 0;
        let answer = self.send(&mut || {
            tries += 1;
            registration::remove(&self.uri, &self.token)
        })?;
        if tries > 1 && answer.status == 401 {
            return Ok(());
        }
        let name = &self.zone.name;
        registration::read_removal(&answer)
            .map_err(|fault| Error::from(fault).management_refused(name).or_zone_alone(answer.status, name))
    }

    fn new_entry(&self) -> Entry {
        Entry::new(self.cx.clock.now().millis(), &self.zone.issuer, &self.uri, Some(&self.client_id))
    }

    fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        self.cx
            .http_session(Some(&self.zone))
            .for_endpoint()
            .send(build)
            .map_err(|error| if error.in_doubt { error.management_in_doubt(&self.zone.name) } else { error })
    }

    fn take_response(&mut self, mut entry: Entry, answer: &Response) -> Result<Registration, Error> {
        let name = self.zone.name.clone();
        let registration = match self.read(answer) {
            Ok(registration) => registration,
            Err(error) => {
                let refused = is_refusal(answer, &error);
                let error = if registration::is_success(answer) && error.code.is_none() {
                    journal::save_unreadable_response(self.cx, &name, &mut entry, answer, error)
                } else if answer.status >= 500 && answer.status != 503 {
                    // Busy (503) means that nothing was done; another failure means nothing.
                    error.management_refused(&name).maybe_changed(&name)
                } else {
                    error.management_refused(&name)
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
        Err(error::registration::answered_for_other_client())
    }

    fn save(&mut self, registration: &Registration, entry: &mut Entry) -> Result<(), Error> {
        let name = self.zone.name.clone();
        self.save_secrets(registration, entry).map_err(|why| match journal::record(self.cx, &name, entry) {
            Ok(path) => error::registration::unsaved(&why, &path, &format!("hallpass client show -z {name}")),
            Err(unsaved) => error::registration::unrecorded(&why, &unsaved),
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

    /// A failed update: removes the new key if no server has it, else the error says how to use it.
    fn explain_new_key(&self, refused: bool, entry: &Entry, error: Error) -> Error {
        let name = &self.zone.name;
        let Some(key) = &entry.key else { return error };
        if refused {
            return match journal::update(self.cx, name, |journal| journal.discard(entry)) {
                Ok(()) => error,
                Err(fault) => error.because(format!("the new key, which no server has, stays here: {}", fault.chain())),
            };
        }
        let Some(flags) = in_doubt::key_flags(self.cx, name, entry) else { return error };
        let method = entry.asked.get("token_endpoint_auth_method").and_then(Value::as_str);
        let method = method.and_then(|method| method.parse::<Method>().ok());
        let method = method.filter(|method| self.zone.auth != Some(*method));
        let auth = method.map_or_else(String::new, |method| format!(" --auth {method}"));
        let error = error.maybe_new_key(name, format!("{flags}{auth}"));
        let Ok(journal) = journal::open_journal(self.cx, name) else { return error };
        let live = journal.entries.iter().filter(|known| known.state != State::Superseded);
        live.filter_map(|known| known.key.as_ref())
            .filter(|other| other.kid() != key.kid())
            .fold(error, |error, other| error.with_earlier_key(other.kid(), &journal.path()))
    }
}
