//! A client that registered looks after its registration (RFC 7592), by its registration access token. A server may
//! give a new token with any answer, and the old one is dead then: the new one is saved before anything else.

use serde_json::{Map, Value};

use crate::config::{Held, Zone};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, exit};
use crate::oauth::client_auth::Method;
use crate::oauth::message::{Request, Response};
use crate::oauth::registration::{self, Registration};
use crate::secret::Secret;
use crate::store::{Kind, Lock, file};
use crate::text::quote_for_shell;

use super::register::{self, fitted, save};
use super::rescue::{self, Key, Rescue};

/// The registration of a zone's client.
pub struct Registered<'a> {
    cx: &'a Context,
    /// The zone, as it is saved.
    pub zone: Zone,
    client_id: String,
    uri: String,
    token: Secret,
    /// Whether the token is the one that the vault has.
    stored: bool,
    /// Nobody else manages it meanwhile.
    lock: Option<Lock>,
}

impl<'a> Registered<'a> {
    /// Finds it, saves what an earlier command could not, and proves that the next answer can be saved.
    ///
    /// # Errors
    /// 3 when the zone's client did not register from here, 7 when the vault can't be used.
    pub fn of(cx: &'a Context, zone: &Zone, given: Option<Secret>) -> Result<Self, Error> {
        let unknown = |what: &str| {
            Error::config(format!("zone {} has no {what}", zone.name)).hint(format!(
                "its client was not registered from here; to register one: hallpass client register -z {}",
                zone.name
            ))
        };
        let (Some(client_id), Some(uri)) = (zone.client_id.clone(), zone.registration_client_uri.clone()) else {
            return Err(unknown("registration to manage"));
        };
        let mut found =
            Self { cx, zone: zone.clone(), client_id, uri, token: Secret::new("dry-run"), stored: true, lock: None };
        if cx.options.dry_run {
            return Ok(found);
        }
        cx.vault(cx.backend_of(zone)?)?.status()?;
        cx.registrations()?.rehearse()?;
        found.lock = Some(register::lock(cx, zone)?);
        // Somebody may have changed it meanwhile: what is saved goes on top of that.
        let now = cx.edit_config(|config| Ok(config.zone(&zone.name)?))?;
        found.zone = now.filter(|now| now.client_id == zone.client_id).ok_or_else(|| {
            Error::config(format!("zone {} has another client meanwhile", zone.name))
                .hint("look again: hallpass client list")
        })?;
        let stored = cx.stored(&found.zone, Kind::RegistrationToken)?;
        let known = stored.is_some();
        found.token = stored.unwrap_or_else(|| found.token.clone());
        let resumed = found.resume()?;
        if let Some(token) = given {
            (found.token, found.stored) = (token, false);
        } else if !known && !resumed {
            return Err(unknown("registration access token"));
        }
        Ok(found)
    }

    /// Saves the answer that an earlier command put down and did not come to save; says whether there was one.
    fn resume(&mut self) -> Result<bool, Error> {
        let Some(waiting) = rescue::waiting(self.cx, &self.zone.name)? else { return Ok(false) };
        let registration = registration::read(&waiting.answer(), &waiting.manages)?;
        if registration.client_id != self.client_id || waiting.issuer != self.zone.issuer {
            return Ok(false);
        }
        self.cx.ui.step("an earlier answer was put down: it is saved first");
        self.saved(&registration, &waiting.asked, waiting.key().as_ref())
            .map_err(|why| self.rescued(&waiting, &why))?;
        self.cx.registrations()?.end(&self.zone.name)?;
        self.tidy(waiting.key().as_ref())?;
        Ok(registration.access_token.is_some())
    }

    /// Asks the server for the registration (RFC 7592 §2.1).
    ///
    /// # Errors
    /// 5 when the token is not good, 8 when the answer was lost or breaks the protocol.
    pub fn show(&mut self) -> Result<Registration, Error> {
        let request = registration::show(&self.uri, &self.token);
        let answer = self.send(&mut || request.clone())?;
        self.heard(&answer, &Map::new(), None)
    }

    /// Replaces the metadata by this one (RFC 7592 §2.2). A private key is put down before its public half is sent, and
    /// goes only when the vault has it or the server refuses: whatever comes of the update, one of the two is right.
    ///
    /// # Errors
    /// As [`Registered::show`].
    pub fn update(
        &mut self,
        metadata: &Map<String, Value>,
        secret: Option<&Secret>,
        key: Option<&Key>,
    ) -> Result<Registration, Error> {
        if let Some(key) = key {
            self.cx.registrations()?.key(&self.zone.name, &key.kid, &key.pem)?;
        }
        let request = registration::update(&self.uri, &self.token, metadata, secret);
        let answer = match self.send(&mut || request.clone()) {
            Ok(answer) => answer,
            Err(error) => return Err(self.keyed(!error.in_doubt, metadata, key, error)),
        };
        match self.heard(&answer, metadata, key) {
            // It is in the answer that was put down.
            Err(error) if error.exit == exit::STORAGE => Err(error),
            Err(error) => Err(self.keyed(register::declined(&answer, &error), metadata, key, error)),
            heard => heard,
        }
    }

    /// What becomes of a key that was not taken for sure: it goes when no server has it, else the error says how it is
    /// used.
    fn keyed(&self, unknown: bool, asked: &Map<String, Value>, key: Option<&Key>, error: Error) -> Error {
        let (Some(key), Ok(registrations)) = (key, self.cx.registrations()) else { return error };
        let name = &self.zone.name;
        if unknown {
            return match registrations.forget_key(name, &key.kid) {
                Ok(_) => error,
                Err(fault) => error.because(format!("the new key, which no server has, stays here: {fault}")),
            };
        }
        let path = registrations.key_path(name, &key.kid);
        let source = quote_for_shell(&format!("file:{}", path.display()));
        let method = asked.get("token_endpoint_auth_method").and_then(Value::as_str);
        let method =
            method.and_then(|method| method.parse::<Method>().ok()).filter(|method| self.zone.auth != Some(*method));
        let auth = method.map_or_else(String::new, |method| format!(" --auth {method}"));
        let error = error.hint(format!(
            "if the server took the new key: hallpass zone edit {name} --private-key-from {source} --key-id={} --algorithm {}{auth}",
            key.kid, key.algorithm
        ));
        let others = registrations.keys(name).unwrap_or_default().into_iter().filter(|(other, _)| *other != path);
        others.fold(error, |error, (other, _)| error.hint(format!("an earlier one is in {}", other.display())))
    }

    /// The server is known to have this state: what was kept for the case that it had another one goes.
    fn tidy(&self, key: Option<&Key>) -> Result<(), Error> {
        let registrations = self.cx.registrations()?;
        if key.is_some() {
            // The client has this key and no other one now.
            registrations.keys(&self.zone.name)?.iter().try_for_each(|(path, _)| file::remove(path).map(drop))?;
        }
        for (path, answer) in registrations.exhibits(&self.zone.name)? {
            if answer.expose().contains(&self.client_id) {
                file::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Ends the registration (RFC 7592 §2.3). Who was asked twice and does not know the client any more has done it.
    ///
    /// # Errors
    /// As [`Registered::show`].
    pub fn remove(&self) -> Result<(), Error> {
        let mut tries = 0;
        let answer = self.send(&mut || {
            tries += 1;
            registration::remove(&self.uri, &self.token)
        })?;
        if tries > 1 && answer.status == 401 {
            return Ok(());
        }
        registration::removed(&answer).map_err(|fault| self.explained(fault.into()))
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

    /// Reads an answer and saves what is new in it.
    fn heard(
        &mut self,
        answer: &Response,
        asked: &Map<String, Value>,
        key: Option<&Key>,
    ) -> Result<Registration, Error> {
        let read = registration::read(answer, &self.uri).map_err(Error::from).and_then(|registration| {
            if registration.client_id == self.client_id {
                return Ok(registration);
            }
            Err(Error::new(ErrorKind::Protocol, exit::UNSAFE, "the server answered for another client (RFC 7592 §3)"))
        });
        let registration = match read {
            Ok(registration) => registration,
            Err(error) if registration::accepted(answer) && error.code.is_none() => {
                return Err(rescue::exhibited(self.cx, &self.zone.name, answer, error));
            }
            // Busy (503) says that nothing was done; broken says nothing.
            Err(error) if answer.status >= 500 && answer.status != 503 => {
                return Err(self.explained(error).hint(format!(
                    "look whether the server did it all the same: hallpass client show -z {}",
                    self.zone.name
                )));
            }
            Err(error) => return Err(self.explained(error)),
        };
        let rescue = Rescue::of(&self.zone.issuer, Some(&self.client_id), &self.uri, asked, answer, key);
        self.saved_from(&rescue, &registration, asked, key)?;
        self.tidy(key)?;
        Ok(registration)
    }

    fn saved_from(
        &mut self,
        rescue: &Rescue,
        registration: &Registration,
        asked: &Map<String, Value>,
        key: Option<&Key>,
    ) -> Result<(), Error> {
        let news = key.is_some()
            || registration.client_secret.is_some()
            || registration.access_token.as_ref().is_some_and(|token| !token.matches(&self.token));
        if news && let Err(fault) = self.cx.registrations()?.keep(&self.zone.name, &rescue.text()) {
            self.cx.ui.step(&format!("the answer is not put down before it is saved: {fault}"));
        }
        self.saved(registration, asked, key).map_err(|why| self.rescued(rescue, &why))
    }

    /// Saves what differs from what is stored: the vault is not written for nothing.
    fn saved(
        &mut self,
        registration: &Registration,
        asked: &Map<String, Value>,
        key: Option<&Key>,
    ) -> Result<(), Error> {
        let mut secrets = Vec::new();
        match &registration.access_token {
            Some(token) if !self.stored || !token.matches(&self.token) => {
                secrets.push((Kind::RegistrationToken, token.clone()));
                self.token = token.clone();
            }
            None if !self.stored => secrets.push((Kind::RegistrationToken, self.token.clone())),
            _ => {}
        }
        if let Some(secret) = &registration.client_secret {
            let known = if self.zone.client_secret == Held::Stored {
                self.cx.stored(&self.zone, Kind::ClientSecret)?
            } else {
                None
            };
            // One that is kept elsewhere is looked after there.
            let elsewhere = matches!(self.zone.client_secret, Held::Referenced(_));
            if !elsewhere && !known.is_some_and(|known| known.matches(secret)) {
                secrets.push((Kind::ClientSecret, secret.clone()));
            }
        }
        secrets.extend(key.map(|key| (Kind::PrivateKey, key.pem.clone())));
        let referenced =
            matches!(self.zone.client_secret, Held::Referenced(_)).then(|| self.zone.client_secret.clone());
        let mut zone = fitted(&self.zone, registration, asked, key);
        if let Some(referenced) = referenced {
            zone.client_secret = referenced;
        }
        if zone != self.zone || !secrets.is_empty() {
            save(self.cx, &zone, &secrets, true)?;
            self.zone = zone;
        }
        self.stored = true;
        if let Some(uri) = &registration.client_uri {
            self.uri.clone_from(uri);
        }
        Ok(self.cx.registrations()?.settle(&self.zone.name)?)
    }

    fn rescued(&self, rescue: &Rescue, why: &Error) -> Error {
        let again = format!("hallpass client show -z {} saves it", self.zone.name);
        rescue::rescued(self.cx, &self.zone.name, rescue, why, &again).0
    }

    fn explained(&self, error: Error) -> Error {
        if error.exit != exit::REFUSED || error.kind != ErrorKind::Authentication {
            return error;
        }
        error.hint(format!(
            "the registration access token is no longer good; the server's administrator can give another one: hallpass client show -z {} --token-from SOURCE",
            self.zone.name
        ))
    }
}
