//! What a server gave at a registration, from its arrival until it is saved: put down whole, so that nothing of it is
//! lost when this process ends in between or the vault does not take it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind};
use crate::jose::SigningKey;
use crate::oauth::message::Response;
use crate::oauth::registration;
use crate::secret::Secret;
use crate::text::sanitize;

/// A private key that was made for a client.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key, as PEM.
    pub pem: Secret,
    /// Its id.
    pub kid: String,
    /// What it signs with.
    pub algorithm: String,
    /// Its public half, as a JWK.
    pub public: Value,
}

impl Key {
    /// Makes one.
    ///
    /// # Errors
    /// 70 when the cryptographic library makes none.
    pub fn generate(algorithm: &str) -> Result<Self, Error> {
        let key = SigningKey::generate(algorithm.parse()?)?;
        Ok(Self {
            pem: key.private_pem()?,
            kid: key.kid().to_owned(),
            algorithm: key.algorithm().name().to_owned(),
            public: key.public_jwk(),
        })
    }
}

/// An answer that is not saved yet, and what it answers.
#[derive(Serialize, Deserialize)]
pub struct Rescue {
    v: u64,
    /// The issuer of the zone.
    pub issuer: String,
    /// The client, for an answer about one that was known; none for a new one.
    pub client_id: Option<String>,
    /// On whose origin the registration must be managed.
    pub manages: String,
    /// What was asked for.
    pub asked: Map<String, Value>,
    status: u16,
    answer: String,
    /// Key, id, algorithm.
    key: Option<(String, String, String)>,
}

impl Rescue {
    /// An answer to keep.
    pub fn of(
        issuer: &str,
        client_id: Option<&str>,
        manages: &str,
        asked: &Map<String, Value>,
        answer: &Response,
        key: Option<&Key>,
    ) -> Self {
        let key = key.map(|key| (key.pem.expose().to_owned(), key.kid.clone(), key.algorithm.clone()));
        Self {
            v: 1,
            issuer: issuer.to_owned(),
            client_id: client_id.map(str::to_owned),
            manages: manages.to_owned(),
            asked: asked.clone(),
            status: answer.status,
            answer: String::from_utf8_lossy(&answer.body).into_owned(),
            key,
        }
    }

    /// As it is put down.
    pub fn text(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// The answer.
    pub fn answer(&self) -> Response {
        Response { status: self.status, headers: Vec::new(), body: self.answer.as_bytes().to_vec(), url: String::new() }
    }

    /// Whether it answers a registration at this issuer by this metadata. One that asks for nothing asks for nothing
    /// else; a key is made anew each time.
    pub fn fits(&self, issuer: &str, asked: &Map<String, Value>, key: bool) -> bool {
        let bare = |metadata: &Map<String, Value>| {
            let mut metadata = metadata.clone();
            if key && self.key.is_some() {
                metadata.remove("jwks");
            }
            metadata
        };
        self.issuer == issuer && self.client_id.is_none() && (asked.is_empty() || bare(asked) == bare(&self.asked))
    }

    /// The client that it speaks of.
    pub fn registered(&self) -> Option<String> {
        registration::read(&self.answer(), &self.manages).ok().map(|registration| registration.client_id)
    }

    /// The key that was made for the client.
    pub fn key(&self) -> Option<Key> {
        let (pem, kid, algorithm) = self.key.clone()?;
        Some(Key { pem: Secret::new(pem), kid, algorithm, public: Value::Null })
    }
}

/// The answer that still waits for its zone.
///
/// # Errors
/// 7 when its file can't be read.
pub fn waiting(cx: &Context, zone: &str) -> Result<Option<Rescue>, Error> {
    let Some((path, text)) = cx.registrations()?.kept(zone)? else { return Ok(None) };
    let rescue: Rescue = serde_json::from_str(text.expose()).map_err(|_| {
        Error::storage(format!("{} does not read back", path.display())).hint("look at it, then remove it")
    })?;
    if rescue.v != 1 {
        return Err(Error::storage(format!("{} was written by a newer hallpass", path.display())));
    }
    Ok(Some(rescue))
}

/// An answer that the server gave and that breaks the protocol, put where a person can look at it.
pub fn exhibited(cx: &Context, zone: &str, answer: &Response, error: Error) -> Error {
    let text = Secret::new(String::from_utf8_lossy(&answer.body).into_owned());
    match cx.registrations().and_then(|all| Ok(all.exhibit(zone, &text, cx.clock.now().millis())?)) {
        Ok(path) => {
            error.hint(format!("the server did something: its whole answer, secrets too, is in {}", path.display()))
        }
        Err(unkept) => error.because(format!("the answer could not be put down: {}", unkept.chain())),
    }
}

/// What could not be saved is put down to stay, and the error says where and how it goes on. A key that is in it need
/// not rest beside it.
///
/// # Errors
/// Always: 7. The path is `None` when no place took it.
pub fn rescued(cx: &Context, zone: &str, rescue: &Rescue, why: &Error, again: &str) -> (Error, Option<PathBuf>) {
    let error = Error::new(ErrorKind::Storage, crate::error::exit::STORAGE, "the server's answer could not be saved");
    let error = error.because(why.chain());
    match cx.registrations().and_then(|all| Ok((all.rescue(zone, &rescue.text())?, all))) {
        Ok((path, all)) => (
            match rescue.key().map(|key| all.forget_key(zone, &key.kid)) {
                Some(Err(fault)) => error.because(format!("its key rests beside it as well: {fault}")),
                _ => error,
            }
            .hint(format!("nothing is lost, it is in {}; when the cause is mended: {again}", path.display())),
            Some(path),
        ),
        Err(unkept) => (error.because(format!("the rescue file could not be written: {}", unkept.chain())), None),
    }
}

/// An answer that waits makes room for another client's, and the file that has it now is told.
///
/// # Errors
/// 7 when it can't be moved.
pub fn set_aside(cx: &Context, zone: &str, waiting: &Rescue) -> Result<(), Error> {
    let path = cx.registrations()?.set_aside(zone, &waiting.text(), cx.clock.now().millis())?;
    let whose = waiting.registered().unwrap_or_default();
    cx.ui.warn(&format!(
        "an answer about the client {} at {} was not saved; it stays, secrets too, in {}",
        sanitize(&whose),
        sanitize(&waiting.issuer),
        path.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Key, Rescue};
    use crate::oauth::message::Response;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
    }

    #[test]
    fn an_answer_fits_the_registration_that_it_answers_and_no_other() {
        let answer = Response { status: 201, headers: Vec::new(), body: b"{}".to_vec(), url: String::new() };
        let key = Key::generate("ES256").unwrap();
        let asked = map(json!({"client_name": "a", "jwks": {"keys": [1]}}));
        let of = |client: Option<&str>, key| Rescue::of("https://a", client, "https://a/r", &asked, &answer, key);
        let other = map(json!({"client_name": "b"}));
        let again = map(json!({"client_name": "a", "jwks": {"keys": [2]}}));
        for (rescue, issuer, now, made, fits) in [
            (of(None, None), "https://a", &asked, false, true),
            (of(None, None), "https://a", &Map::new(), false, true),
            (of(None, None), "https://b", &asked, false, false),
            (of(None, None), "https://a", &other, false, false),
            (of(None, None), "https://a", &again, false, false),
            (of(None, None), "https://a", &again, true, false),
            (of(None, Some(&key)), "https://a", &again, true, true),
            (of(None, Some(&key)), "https://a", &again, false, false),
            (of(Some("c"), None), "https://a", &asked, false, false),
            (of(Some("c"), None), "https://a", &Map::new(), false, false),
        ] {
            assert_eq!(rescue.fits(issuer, now, made), fits, "{issuer} {now:?} {made}");
        }
    }
}
