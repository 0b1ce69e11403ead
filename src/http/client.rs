//! The client: sends a request as often as the retry table allows and hands back the whole answer.

use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;

use super::event_loop::EventLoop;
use super::fault::Fault;
use super::phase::{Phase, Progress};
use super::proxy::Proxy;
use super::record::Record;
use super::redact::{add_received, add_sent};
use super::redirect::follow_redirect;
use super::retry::{self, Outcome};
use super::round_trip::{RoundTrip, wire_request};
use super::settings::Settings;
use super::shown_exchange::show_request;
use super::target::Target;
use super::trace::Trace;
use super::transport::{Limits, Transport};
use crate::edges::{Clock, Entropy, Waiting};
use crate::oauth::fault;
use crate::oauth::message::{Replay, Request, Response};
use crate::redaction::Secrets;

/// How much later than the deadline a round trip that is stuck is given up.
const GRACE: Duration = Duration::from_millis(250);
/// The client of one command, which shares event loop, certificates and connections. Not for use inside an asynchronous task.
pub struct Client {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    trace: Trace,
    waiting: Waiting,
    secrets: Arc<Secrets>,
    record: Option<Arc<Record>>,
    limits: Limits,
    transport: Transport,
    event_loop: OnceLock<EventLoop>,
}

impl Client {
    /// A client that has done nothing yet. What it sends hidden and what servers give it is added to `secrets`.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, trace: Trace, secrets: Arc<Secrets>) -> Self {
        let (limits, transport, event_loop) = (Limits::default(), Transport::default(), OnceLock::new());
        let (waiting, record) = (Waiting::default(), None);
        Self { clock, entropy, trace, waiting, secrets, record, limits, transport, event_loop }
    }

    /// The same, adding each exchange to a record.
    #[must_use]
    pub fn with_record(mut self, record: Option<Arc<Record>>) -> Self {
        self.record = record;
        self
    }

    /// The same, showing a person for whom it waits.
    #[must_use]
    pub fn with_waiting(mut self, waiting: Waiting) -> Self {
        self.waiting = waiting;
        self
    }

    #[cfg(test)]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sends what `build` makes, again for each try that the retry table allows: each signs a new assertion or proof.
    pub fn send(&self, settings: &Settings, build: &mut dyn FnMut() -> Request) -> Result<Response, Fault> {
        let (mut tries, mut sent) = (0, 0);
        loop {
            let request = build();
            // A kept connection may have gone stale, so another try has one of its own.
            let kept = tries == 0 && matches!(request.replay, Replay::Safe | Replay::RetryOnce);
            let result = self.send_once(settings, &request, kept);
            tries += 1;
            let outcome = Outcome::of(&result);
            sent += u32::from(outcome != Outcome::NotSent);
            if !settings.retries || !retry::may_retry(request.replay, outcome, tries, sent) {
                return mark_in_doubt(result, &request);
            }
            let requested = result.as_ref().ok().and_then(|response| retry::retry_after(response, self.clock.now()));
            let left = settings.deadline.remaining().unwrap_or_default();
            let drawn = retry::draw_pause(tries, requested, &*self.entropy);
            let pause = if drawn < left { drawn } else { requested.unwrap_or(drawn) };
            if pause >= left {
                self.trace.write_step(|| format!("no time for another try in {:.1} s", pause.as_secs_f32()));
                return mark_in_doubt(result, &request);
            }
            self.trace.write_step(|| format!("try {} of {} in {:.1} s", tries + 1, retry::TRIES, pause.as_secs_f32()));
            let _shown = self.waiting.show_retry(|| describe_failure(&request, &result), pause);
            self.clock.sleep(pause);
        }
    }

    /// One try, with the redirects of an anonymous GET.
    fn send_once(&self, settings: &Settings, request: &Request, kept: bool) -> Result<Response, Fault> {
        let mut target = Target::parse(&request.url)?;
        let headers = settings.headers_of(request)?;
        add_sent(&self.secrets, request, settings.headers.iter().map(|(_, value)| value.as_str()));
        let mut hops = 0;
        loop {
            let (began, started) = (Instant::now(), self.clock.now());
            let shown = self.waiting.show(|| format!("waiting for {} ({})", host(&target.origin), request.receiver));
            let result = self.send_on_wire(settings, request, &target, &headers, kept && hops == 0);
            drop(shown);
            self.trace.write_round_trip(request, &target, &result, began.elapsed());
            if let Ok(response) = &result {
                add_received(&self.secrets, response, request.visibility);
            }
            if let Some(record) = &self.record {
                let shown = show_request(request, &target, &headers, &self.secrets);
                let times = (started, began.elapsed());
                record.add(&target.origin, &shown, &result, request.visibility, times, &self.secrets);
            }
            let response = result?;
            self.trace.write_response(&response, request.visibility, &self.secrets);
            if !(300..400).contains(&response.status) {
                return Ok(response);
            }
            target = follow_redirect(request, &target, &response, hops)?;
            hops += 1;
        }
    }

    /// One round trip.
    fn send_on_wire(
        &self,
        settings: &Settings,
        request: &Request,
        target: &Target,
        headers: &HeaderMap,
        kept: bool,
    ) -> Result<Response, Fault> {
        let proxy = Proxy::for_target(target, settings)?;
        let client = self.transport.client_for(target, proxy.as_ref(), kept, settings, self.limits)?;
        let late = |phase| Fault::Deadline { origin: target.origin.clone(), phase };
        let left = settings.deadline.remaining().ok_or_else(|| late(Phase::Connect))?;
        let event_loop = self.start_event_loop()?;
        if self.trace.shows_wire() {
            self.trace.write_request(&show_request(request, target, headers, &self.secrets));
        }
        let (wire, limit) = (wire_request(request, target, headers), request.limit);
        let progress = Progress::start(settings.before_send.clone());
        let end = tokio::time::Instant::now() + left;
        let round_trip = RoundTrip { target: target.clone(), proxy, limits: self.limits, progress, end };
        let work = async move { round_trip.run(&client, wire, limit).await };
        event_loop.run(work, left.saturating_add(GRACE)).unwrap_or_else(|| Err(late(Phase::Wait)))
    }

    fn start_event_loop(&self) -> Result<&EventLoop, Fault> {
        if let Some(event_loop) = self.event_loop.get() {
            return Ok(event_loop);
        }
        let event_loop = EventLoop::start().map_err(|e| Fault::Start { why: e.to_string() })?;
        Ok(self.event_loop.get_or_init(|| event_loop))
    }
}

/// The host of an origin, and its port if it has one of its own.
fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

/// Why there is another try, for a person who waits.
fn describe_failure(request: &Request, result: &Result<Response, Fault>) -> String {
    let origin = Target::parse(&request.url).map(|target| target.origin).unwrap_or_default();
    match result {
        Ok(response) => format!("HTTP {} from {}", response.status, host(&origin)),
        Err(fault) if fault.not_sent() => format!("no connection to {}", host(&origin)),
        Err(_) => format!("no answer from {}", host(&origin)),
    }
}

/// Whether a request ended in an outage, which the breaker counts: network, 429, 5xx.
pub fn is_outage(result: &Result<Response, Fault>) -> bool {
    match result {
        Ok(answer) => fault::is_outage(answer.status),
        Err(fault) => fault.is_outage(),
    }
}

/// Statuses of gateways that lost the server behind them (RFC 9110 §15.6.3, §15.6.5), and those that large ones use.
const GATEWAY: [RangeInclusive<u16>; 4] = [502..=502, 504..=504, 520..=527, 598..=599];

/// A request that must not be repeated is in doubt when it was sent and the server itself gave no whole answer.
fn mark_in_doubt(result: Result<Response, Fault>, request: &Request) -> Result<Response, Fault> {
    if !matches!(request.replay, Replay::Transaction | Replay::Single) {
        return result;
    }
    let fault = match result {
        Ok(answer) if GATEWAY.iter().any(|those| those.contains(&answer.status)) => {
            Fault::Gateway { origin: Target::parse(&request.url)?.origin, status: answer.status }
        }
        Ok(answer) => return Ok(answer),
        Err(fault) => fault,
    };
    let unanswered = match &fault {
        // Who points elsewhere may have done it before. A refresh token that meets a hotel's network has not.
        Fault::Redirect { origin, .. } if request.replay == Replay::Transaction => Some((origin.as_str(), Phase::Wait)),
        fault => fault.unanswered(),
    };
    Err(match unanswered {
        Some((origin, phase)) => Fault::InDoubt { origin: origin.to_owned(), phase, cause: Box::new(fault) },
        None => fault,
    })
}
