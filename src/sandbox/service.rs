//! One request over HTTP: read within limits, answered, logged.

use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::endpoint::request::Request;
use super::endpoint::response::Response;
use super::fault::{Delivery, FailureMode, FaultPlan};
use super::log::{Line, Log, Note};
use super::model::OAuthError;
use super::route;
use super::scripted_body::ScriptedBody;
use super::state::State;
use crate::http::Presented;

/// The longest wait for a request's head, and for its body.
pub const TIMEOUT: Duration = Duration::from_secs(10);
pub const BODY_LIMIT: usize = 64 * 1024;

pub struct Connection {
    pub secure: bool,
    pub certificate: Option<Presented>,
    /// How it ends, when there is no response.
    pub end: OnceLock<FailureMode>,
}

pub struct Service {
    pub state: State,
    pub faults: FaultPlan,
    pub latency: Duration,
    pub log: Log,
}

/// A line that is logged when it is dropped: also when the client leaves before the response.
struct Entry<'a> {
    line: Line,
    started: Instant,
    log: &'a Log,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.line.elapsed = self.started.elapsed();
        (self.log)(&self.line);
    }
}

impl Service {
    pub async fn respond(
        &self,
        request: hyper::Request<Incoming>,
        connection: &Connection,
    ) -> io::Result<hyper::Response<ScriptedBody>> {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let line = Line { method, path, note: Note::default(), status: None, fault: None, elapsed: Duration::ZERO };
        let mut entry = Entry { line, started: Instant::now(), log: &self.log };
        let delivery = match read(request, connection).await {
            Err(error) => {
                entry.line.note.error = Some(error.error);
                Delivery::from(Response::from(error))
            }
            Ok(mut request) => {
                let (response, target) = route::respond(&self.state, &mut request);
                entry.line.note = request.note;
                match self.faults.next(target) {
                    None => Delivery::from(response),
                    Some(fault) => {
                        entry.line.fault = Some(fault.kind.name);
                        fault.apply(response)
                    }
                }
            }
        };
        tokio::time::sleep(self.latency).await;
        match delivery.mode {
            FailureMode::Silence => std::future::pending().await,
            FailureMode::Reset | FailureMode::NotHttp => {
                let _ = connection.end.set(delivery.mode);
                Err(io::Error::other("requested by --fault"))
            }
            mode => {
                entry.line.status = Some(delivery.response.status);
                let mut response = hyper::Response::builder().status(delivery.response.status);
                for (name, value) in delivery.response.headers {
                    response = response.header(name, value);
                }
                response.body(ScriptedBody::new(delivery.response.body, mode)).map_err(io::Error::other)
            }
        }
    }
}

async fn read(request: hyper::Request<Incoming>, connection: &Connection) -> Result<Request, OAuthError> {
    let (head, body) = request.into_parts();
    let body = match timeout(TIMEOUT, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(OAuthError::invalid_request("the body is larger than 64 KiB").with_status(413));
        }
        Ok(Err(_)) => return Err(OAuthError::invalid_request("the body is broken")),
        Err(_) => return Err(OAuthError::invalid_request("timed out waiting for the body").with_status(408)),
    };
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
        secure: connection.secure,
        certificate: connection.certificate.clone(),
        note: Note::default(),
    })
}
