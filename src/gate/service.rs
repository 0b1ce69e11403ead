//! A connection of a proxy, and one question after the other on it.

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncWriteExt as _, ReadHalf, split};
use tokio::sync::watch;
use tokio::time::timeout;

use super::answer::Answer;
use super::credential::Accepted;
use super::live::Status;
use super::log::{Entry, Log};
use super::methods::Methods;
use super::metrics::Metrics;
use super::notify::Notifier;
use super::profile::Profile;
use super::query::add_requirements;
use super::replicas::{ALONE, Replicas};
use super::signing_key::SigningKey;
use crate::edges::Clock;
use crate::guard::{PathRule, ReplayWindow, Requirements};
use crate::http::server::{HEAD_TIMEOUT, IDLE_TIMEOUT, REQUEST_FIELDS, linger};
use crate::http::wire::{Decoder, Event, First, Framing, Head, ReadFault, Reader, race, request_framing};
use crate::http::{Stream, metrics};
use crate::redaction::Secrets;

/// The most bytes of a question that has a body.
const BODY_LIMIT: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub struct Options {
    pub requirements: Requirements,
    pub accepted: Accepted,
    pub profile: Profile,
    pub forward_token: bool,
    pub excluded: Vec<PathRule>,
    pub optional: Vec<PathRule>,
    pub realm: String,
    pub resource_metadata: Option<String>,
    pub token_review: bool,
    pub metrics: bool,
    pub workers: usize,
    pub max_connections: usize,
    pub drain: Duration,
}

pub struct Gate {
    pub options: Options,
    pub methods: Methods,
    /// The proofs of possession that were used.
    pub used_proofs: ReplayWindow,
    /// With whom it shares them and more, by a shared cache.
    pub replicas: Option<Arc<Replicas>>,
    /// What is kept up to date, in the order of the methods.
    pub evidences: Vec<Arc<dyn Status>>,
    pub signing_key: Option<SigningKey>,
    pub metrics: Metrics,
    pub log: Arc<Log>,
    pub clock: Arc<dyn Clock>,
    pub secrets: Arc<Secrets>,
    /// Where systemd wants to know.
    pub notifier: Option<Arc<Notifier>>,
    pub stop: watch::Receiver<u8>,
}

/// What is sent, and whether the connection is kept.
struct Response {
    answer: Answer,
    /// What is reported of a question.
    entry: Option<Entry>,
    keeps: bool,
    is_head: bool,
}

impl Response {
    fn closing(status: u16, why: &str) -> Self {
        Self { answer: Answer::text(status, format!("{why}\n")), entry: None, keeps: false, is_head: false }
    }
}

pub async fn serve_connection(gate: Arc<Gate>, stream: Stream) {
    let _open = gate.metrics.connections.enter();
    let (read, mut writer) = split(stream);
    let mut reader = Reader::new(read);
    loop {
        let mut stop = gate.stop.clone();
        {
            let message = pin!(timeout(IDLE_TIMEOUT, reader.wait_for_message()));
            let stopped = pin!(stop.wait_for(|signals| *signals > 0));
            if !matches!(race(message, stopped).await, First::One(Ok(Ok(true)))) {
                return;
            }
        }
        let began = Instant::now();
        let response = match reader.head_within(HEAD_TIMEOUT, REQUEST_FIELDS).await {
            Ok(head) => gate.respond(&head, &mut reader).await,
            Err(ReadFault::Malformed(why)) => Response::closing(400, why),
            Err(ReadFault::Late) => Response::closing(408, "timed out waiting for the head"),
            Err(ReadFault::Io(_)) => return,
        };
        if let Some(entry) = &response.entry {
            gate.log.question(entry, began.elapsed());
            gate.metrics.count_decision(entry.decision, entry.how, began.elapsed());
        }
        let keeps = response.keeps && *gate.stop.borrow() == 0;
        let bytes = response.answer.into_bytes(!keeps, response.is_head);
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
        if !keeps {
            return linger(reader, writer).await;
        }
    }
}

impl Gate {
    async fn respond(&self, head: &Head, reader: &mut Reader<ReadHalf<Stream>>) -> Response {
        let line = match head.request_line() {
            Ok(line) => line,
            Err(why) => return Response::closing(400, why),
        };
        let (path, query) = line.target.split_once('?').unwrap_or((line.target, ""));
        // The query of an API server is its own timeout.
        if self.options.token_review && path == "/tokenreview" && line.method == "POST" {
            return self.respond_to_review(head, reader).await;
        }
        let keeps = match request_framing(head) {
            Ok(Framing::Empty | Framing::Length(0)) => !line.is_http_1_0 && !head.has_element("connection", "close"),
            // The body is not read.
            Ok(_) => false,
            Err(_) if is_doubly_framed(head) => false,
            Err(why) => return Response::closing(400, why),
        };
        let (answer, entry) = match path {
            "/-/healthy" => (Answer::text(200, "ok\n"), None),
            "/-/ready" => (self.readiness(), None),
            "/-/metrics" if self.options.metrics => {
                let text = self.metrics.render(&self.evidences, self.methods.decisions.len());
                (Answer { content_type: metrics::CONTENT_TYPE, ..Answer::text(200, text) }, None)
            }
            "/auth" => {
                if query.is_empty() {
                    some(self.decide(head, line.method, "", &self.options.requirements).await)
                } else if let Some(requirements) = add_requirements(&self.options.requirements, query) {
                    some(self.decide(head, line.method, "", &requirements).await)
                } else {
                    self.log.fault("a question has an unknown or unusable requirement in its query");
                    (Answer::text(500, "an unknown or unusable requirement in the query of /auth\n"), None)
                }
            }
            _ if path.starts_with("/auth/") => {
                some(self.decide(head, line.method, &line.target[5..], &self.options.requirements).await)
            }
            _ => (Answer::text(404, "there is nothing at this path; ask /auth\n"), None),
        };
        Response { answer, entry, keeps, is_head: line.method == "HEAD" }
    }

    /// Answers a Kubernetes webhook, whose question is in its body.
    async fn respond_to_review(&self, head: &Head, reader: &mut Reader<ReadHalf<Stream>>) -> Response {
        let framing = match request_framing(head) {
            Ok(framing) => framing,
            Err(why) => return Response::closing(400, why),
        };
        match timeout(HEAD_TIMEOUT, read_body(reader, framing)).await {
            Ok(Ok(body)) => {
                let (answer, entry) = self.review(&body).await;
                Response { answer, entry: Some(entry), keeps: !head.has_element("connection", "close"), is_head: false }
            }
            Ok(Err(why)) => Response::closing(400, why),
            Err(_) => Response::closing(408, "timed out waiting for the body"),
        }
    }

    /// Whether everything that proves a credential was read, be it a while ago, and whether other replicas know what this one
    /// does.
    fn readiness(&self) -> Answer {
        let (mut text, mut status) = (String::new(), 200);
        for one in &self.evidences {
            if let Some((trouble, serves)) = one.trouble() {
                let state = if serves { "the last good one serves" } else { "missing" };
                let _ = writeln!(text, "{}: {state}: {}", one.name(), self.secrets.redact(&trouble));
                status = if serves { status } else { 503 };
            }
        }
        let ready = if status == 200 { "ready" } else { "not ready" };
        let sharing = self.replicas.as_ref().map_or_else(|| ALONE.to_owned(), |replicas| replicas.state());
        Answer::text(status, format!("{ready}\nshared_cache: {}\n{text}", self.secrets.redact(&sharing)))
    }
}

fn some((answer, entry): (Answer, Entry)) -> (Answer, Option<Entry>) {
    (answer, Some(entry))
}

/// A whole body, which must not be large.
async fn read_body(reader: &mut Reader<ReadHalf<Stream>>, framing: Framing) -> Result<Vec<u8>, &'static str> {
    let (mut decoder, mut body) = (Decoder::new(framing), Vec::new());
    loop {
        let (taken, is_over) = match decoder.decode(reader.buffered())? {
            (taken, Event::End(_)) => (taken, true),
            (taken, Event::Data(data)) => {
                body.extend_from_slice(data);
                (taken, false)
            }
            (taken, Event::NeedMore) => {
                reader.consume(taken);
                if reader.fill().await.ok().is_none_or(|count| count == 0) {
                    return Err("the body is not whole");
                }
                (0, false)
            }
        };
        reader.consume(taken);
        if is_over {
            return Ok(body);
        }
        if body.len() > BODY_LIMIT {
            return Err("the body is too large");
        }
    }
}

/// A length beside a plain Transfer-Encoding: this server reads no body, so it may answer once, and closes.
fn is_doubly_framed(head: &Head) -> bool {
    let one = |name| head.all(name).count() == 1;
    one("host") && one("content-length") && one("transfer-encoding") && head.has_element("transfer-encoding", "chunked")
}
