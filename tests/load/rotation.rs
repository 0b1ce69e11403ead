//! A token file, a shared secret and an issuer's keys, which are replaced again and again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::fault::{self, Server};
use crate::oracle::{Credential, Credentials};
use crate::room::Room;
use crate::signer::Signer;

/// Within what time a file counts.
const FILE: Duration = Duration::from_secs(1);
/// Within what time keys count after HUP, which has them fetched.
const KEYS: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1500);

/// An authorization server whose keys can be replaced.
pub struct Issuer {
    server: Server,
    keys: Arc<Mutex<Value>>,
}

impl Issuer {
    pub fn start() -> Self {
        let keys: Arc<Mutex<Value>> = Arc::new(Mutex::new(json!({"keys": []})));
        let shown = Arc::clone(&keys);
        let server = Server::start(move |request, base| match request.target() {
            "/jwks" => fault::json(200, shown.lock().unwrap().to_string()),
            _ => fault::metadata(base),
        });
        Self { server, keys }
    }

    pub fn base(&self) -> String {
        self.server.base()
    }
}

/// What is in force, and what comes next.
pub struct Rotation {
    directory: PathBuf,
    issuer: Issuer,
    credentials: Arc<Credentials>,
    number: usize,
    tokens: [Arc<Credential>; 2],
    secret: Arc<Credential>,
    keys: [(Signer, Arc<Credential>); 2],
}

impl Rotation {
    pub fn begin(room: &Room, issuer: Issuer, credentials: Arc<Credentials>) -> Self {
        let tokens = [0, 1].map(make_token);
        let keys = [0, 1].map(|number| make_key(number, &issuer.base()));
        let rotation = Self {
            directory: room.directory().to_owned(),
            issuer,
            credentials,
            number: 2,
            tokens,
            secret: make_secret(0),
            keys,
        };
        for credential in [&rotation.tokens[0], &rotation.tokens[1], &rotation.keys[0].1, &rotation.keys[1].1] {
            rotation.credentials.add(credential);
            credential.publish(|| ());
        }
        rotation.credentials.add(&rotation.secret);
        rotation.secret.publish(|| rotation.write_secret(0));
        rotation.write_tokens();
        rotation.write_keys();
        rotation
    }

    /// Replaces one after the other until it is stopped; gives how often.
    pub fn start(mut self, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
        spawn(move || {
            let mut count = 0;
            while !stop.load(Ordering::SeqCst) {
                std::thread::sleep(PAUSE);
                self.rotate();
                count += 1;
            }
            count
        })
    }

    /// The next token, secret and key replace the oldest ones. Clients know them before.
    fn rotate(&mut self) {
        let next = make_token(self.number);
        self.credentials.add(&next);
        let old = std::mem::replace(&mut self.tokens[self.number % 2], Arc::clone(&next));
        next.publish(|| old.remove(|| self.write_tokens()));

        let next = make_secret(self.number);
        self.credentials.add(&next);
        let old = std::mem::replace(&mut self.secret, Arc::clone(&next));
        next.publish(|| old.remove(|| self.write_secret(self.number)));

        let (signer, next) = make_key(self.number, &self.issuer.base());
        self.credentials.add(&next);
        let (_, old) = std::mem::replace(&mut self.keys[self.number % 2], (signer, Arc::clone(&next)));
        next.publish(|| old.remove(|| self.write_keys()));
        self.number += 1;
    }

    fn replace(&self, name: &str, text: &str) {
        let new = self.directory.join(format!("{name}.new"));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.directory.join(name)).unwrap();
    }

    /// Two tokens among a thousand.
    fn write_tokens(&self) {
        let others = (0..998).map(|number| format!("other-token-{number}\n")).collect::<Vec<_>>().concat();
        let named = |credential: &Credential| {
            let token = credential.field.strip_prefix("Bearer ").unwrap();
            format!("#hallpass: label=\"{token}\"\n{token}\n")
        };
        self.replace("tokens", &format!("{}{others}{}", named(&self.tokens[0]), named(&self.tokens[1])));
    }

    fn write_secret(&self, number: usize) {
        self.replace("secret", &secret(number));
    }

    fn write_keys(&self) {
        let keys: Vec<Value> = self.keys.iter().map(|(signer, _)| signer.set()["keys"][0].clone()).collect();
        *self.issuer.keys.lock().unwrap() = json!({ "keys": keys });
        // The gate reads everything again; one that was killed reads it when it starts.
        let pid = std::fs::read_to_string(self.directory.join("pid")).ok().and_then(|text| text.parse().ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::HUP);
        }
    }
}

fn make_token(number: usize) -> Arc<Credential> {
    let token = format!("token-{number}");
    Credential::new(format!("Bearer {token}"), Some(token), FILE)
}

fn secret(number: usize) -> String {
    format!("shared-secret-{number}")
}

fn make_secret(number: usize) -> Arc<Credential> {
    Credential::new(format!("Key {}", secret(number)), None, FILE)
}

/// A key, and a token by it.
fn make_key(number: usize, issuer: &str) -> (Signer, Arc<Credential>) {
    let signer = Signer::new(format!("key-{number}").leak());
    let name = format!("user-{number}");
    let claims = json!({"iss": issuer, "sub": name, "preferred_username": name, "exp": 4_000_000_000_i64});
    let token = signer.sign("at+jwt", &claims);
    (signer, Credential::new(format!("Bearer {token}"), Some(name), KEYS))
}
