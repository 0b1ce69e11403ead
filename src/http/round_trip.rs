//! One request over the wire and its whole response, within all limits.

use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use reqwest::{Body as WireBody, Client, Response as WireResponse};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::diagnosis::diagnose;
use super::fault::Fault;
use super::phase::{BeforeSend, Phase, Progress};
use super::proxy::Proxy;
use super::target::Target;
use super::transport::Limits;
use crate::oauth::message::{Body, Method, Request, Response};
use crate::text::sanitize;

/// The most bytes of an answer's headers.
const HEADERS: usize = 64 * 1024;
/// How often the runtime looks at its connections before a request leaves.
const TURNS: u8 = 3;

/// What it takes to send a request besides the request itself.
pub struct RoundTrip {
    pub target: Target,
    pub proxy: Option<Proxy>,
    pub limits: Limits,
    pub before_send: Option<BeforeSend>,
}

impl RoundTrip {
    /// Sends the request and reads the response to its end, while there is time left. A redirect is a response here.
    pub async fn send_on_wire(
        &self,
        client: &Client,
        request: &Request,
        headers: HeaderMap,
        left: Duration,
    ) -> Result<Response, Fault> {
        let end = Instant::now() + left;
        // The tasks of kept connections did not run since the last request: let them see which the server has closed.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut wire = reqwest::Request::new(method, self.target.url.clone());
        *wire.headers_mut() = headers;
        *wire.body_mut() = encode_body(&request.body);
        let response = self.wait_for_head(client, wire, end).await?;
        self.read_body(response, request.limit, end).await
    }

    async fn wait_for_head(
        &self,
        client: &Client,
        wire: reqwest::Request,
        end: Instant,
    ) -> Result<WireResponse, Fault> {
        let progress = Progress::start(self.before_send.clone());
        let mut sending = std::pin::pin!(progress.clone().watch(client.execute(wire)));
        loop {
            let until = end.min(Instant::now() + self.limits.idle);
            // A connection that is still being made has a limit of its own.
            let until = match progress.now() {
                (Phase::Connect, _) => until,
                (_, since) => until.min(since + self.limits.idle),
            };
            if let Ok(result) = timeout_at(until, sending.as_mut()).await {
                return result.map_err(|e| self.diagnose_error(&e, progress.now().0));
            }
            let (phase, since) = progress.now();
            if Instant::now() >= end {
                return Err(self.deadline_fault(phase));
            }
            if phase != Phase::Connect && Instant::now() >= since + self.limits.idle {
                return Err(self.silence_fault(phase));
            }
        }
    }

    /// Reads the body, chunk by chunk.
    async fn read_body(&self, mut response: WireResponse, limit: usize, end: Instant) -> Result<Response, Fault> {
        let origin = || self.target.origin.clone();
        let status = response.status().as_u16();
        if status < 200 {
            return Err(Fault::Malformed { origin: origin(), why: format!("status {status}") });
        }
        let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size > HEADERS {
            return Err(Fault::HeadersTooLarge { origin: origin() });
        }
        for value in response.headers().get_all(CONTENT_ENCODING) {
            let encoding = String::from_utf8_lossy(value.as_bytes());
            if !encoding.trim().is_empty() && !encoding.trim().eq_ignore_ascii_case("identity") {
                return Err(Fault::Encoded { origin: origin(), encoding: sanitize(&encoding) });
            }
        }
        let too_large = || Fault::TooLarge { origin: origin(), limit };
        let expected = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if expected > limit {
            return Err(too_large());
        }
        let headers = response.headers().iter();
        let headers = headers
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::with_capacity(expected);
        loop {
            let until = end.min(Instant::now() + self.limits.idle);
            let Ok(chunk) = timeout_at(until, response.chunk()).await else {
                return Err(if Instant::now() >= end {
                    self.deadline_fault(Phase::Body)
                } else {
                    self.silence_fault(Phase::Body)
                });
            };
            let Some(chunk) = chunk.map_err(|e| self.diagnose_error(&e, Phase::Body))? else { break };
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body, url: self.target.url.to_string() })
    }

    fn diagnose_error(&self, error: &reqwest::Error, phase: Phase) -> Fault {
        diagnose(error, phase, &self.target, self.proxy.as_ref(), self.limits.connect)
    }

    fn deadline_fault(&self, phase: Phase) -> Fault {
        Fault::Deadline { origin: self.target.origin.clone(), phase }
    }

    fn silence_fault(&self, phase: Phase) -> Fault {
        Fault::Silent { origin: self.target.origin.clone(), phase, after: self.limits.idle }
    }
}

/// The bytes of a body; ours are wiped when they are dropped, the copies of the libraries below are not.
fn encode_body(body: &Body) -> Option<WireBody> {
    let text = match body {
        Body::Empty => return None,
        Body::Json(value) => Zeroizing::new(value.wire().to_owned()),
        Body::Form(pairs) => {
            // Room for the longest encoding, so that growing leaves no copy behind.
            let room = pairs.iter().map(|(name, value)| 3 * (name.len() + value.wire().len()) + 2).sum();
            let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(room));
            for (name, value) in pairs {
                form.append_pair(name, value.wire());
            }
            Zeroizing::new(form.finish())
        }
    };
    Some(WireBody::from(hyper::body::Bytes::from_owner(Wiped(text))))
}

struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
