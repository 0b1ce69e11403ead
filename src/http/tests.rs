//! The client against servers that misbehave on purpose: raw sockets, one thread per connection.

mod certificates;
mod identities;
mod limits;
mod redirects;
mod retries;
mod server;
mod shown;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::transport::Limits;
use super::{Client, Fault, Settings, Trace};
use crate::edges::{Clock, Deadline, Entropy, Environment, Moment};
use crate::oauth::message::{Replay, Request, Response, Value};
use crate::secret::Secret;

/// A clock that stands still and remembers how long it was asked to wait.
#[derive(Default)]
struct StillClock(Mutex<Vec<Duration>>);

impl Clock for StillClock {
    fn now(&self) -> Moment {
        Moment::from_epoch(784_111_777)
    }

    fn sleep(&self, span: Duration) {
        self.0.lock().unwrap().push(span);
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        bytes.fill(0);
        Ok(())
    }
}

fn settings() -> Settings {
    Settings {
        deadline: Deadline::after(Duration::from_secs(20)),
        cacert: Vec::new(),
        headers: Vec::new(),
        headers_to: None,
        proxy: None,
        environment: Environment::default(),
        identity: None,
        retries: true,
        before_send: None,
    }
}

fn within(millis: u64) -> Settings {
    Settings { deadline: Deadline::after(Duration::from_millis(millis)), ..settings() }
}

/// A client with its settings, and the pauses it makes.
fn client(settings: Settings) -> (Session, Arc<StillClock>) {
    let clock = Arc::new(StillClock::default());
    let client = Client::new(clock.clone(), Arc::new(Zeros), Trace::Off, Arc::default());
    (Session { client, settings }, clock)
}

struct Session {
    client: Client,
    settings: Settings,
}

impl Session {
    fn with_limits(self, limits: Limits) -> Self {
        Self { client: self.client.with_limits(limits), ..self }
    }

    fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Fault> {
        self.client.send(&self.settings, build)
    }
}

fn impatient(idle: u64) -> Limits {
    Limits { connect: Duration::from_secs(5), idle: Duration::from_millis(idle) }
}

fn secret_form(url: &str, replay: Replay) -> Request {
    let parameters = vec![
        ("grant_type".to_owned(), Value::from("client_credentials")),
        ("client_secret".to_owned(), Secret::new("hunter2-in-form").into()),
    ];
    let mut request = Request::form("token endpoint", url, parameters, replay);
    request.headers.push(("Authorization".to_owned(), Secret::new("Basic aHVudGVyMi1pbi1oZWFkZXI=").into()));
    request
}

fn send(settings: Settings, request: &Request) -> Result<Response, Fault> {
    client(settings).0.send(&mut || request.clone())
}

/// One try, so that a fault comes at once.
fn once(request: &Request) -> Result<Response, Fault> {
    send(Settings { retries: false, ..settings() }, request)
}

fn is_bad(fault: &Fault, reason: &str) -> bool {
    matches!(fault, Fault::BadResponse { why, .. } if why.contains(reason))
}

fn is_unconnected(fault: &Fault, reason: &str) -> bool {
    matches!(fault, Fault::NoConnection { why, .. } if why.contains(reason))
}
