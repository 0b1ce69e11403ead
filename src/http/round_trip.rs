//! One request over the wire and its whole response, within all limits.

use std::sync::Arc;

use reqwest::Client;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::diagnosis::diagnose;
use super::fault::Fault;
use super::phase::{Phase, Progress};
use super::proxy::Proxy;
use super::target::Target;
use super::transport::Limits;
use crate::oauth::message::{Body, Method, Request, Response};
use crate::text::sanitize;

const HEADERS: usize = 64 * 1024;
/// How often the runtime looks at its connections before a request leaves.
const TURNS: u8 = 3;

pub struct RoundTrip {
    pub target: Target,
    pub proxy: Option<Proxy>,
    pub limits: Limits,
    pub progress: Arc<Progress>,
    pub end: Instant,
}

impl RoundTrip {
    /// Sends the request and reads the response, of at most `limit` bytes, to its end. A redirect is a response here.
    pub async fn run(&self, client: &Client, wire: reqwest::Request, limit: usize) -> Result<Response, Fault> {
        // Kept connections that the server has just closed see it first.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        let mut response = match self.wait(Arc::clone(&self.progress).watch(client.execute(wire))).await {
            Err(Fault::ProxyRefused { proxy, origin, status: None }) => {
                return Err(Fault::ProxyRefused { proxy, origin, status: self.ask_proxy_status().await });
            }
            result => result?,
        };
        let mut body = Vec::with_capacity(self.check_head(&response, limit)?);
        loop {
            self.progress.enter_phase(Phase::Body);
            let Some(chunk) = self.wait(response.chunk()).await? else { break };
            if body.len() + chunk.len() > limit {
                return Err(self.bad_response(Phase::Body, format!("it is longer than {limit} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        let headers = response.headers().iter();
        let headers = headers
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        Ok(Response { status: response.status().as_u16(), headers, body, url: self.target.url.to_string() })
    }

    async fn ask_proxy_status(&self) -> Option<u16> {
        let end = self.end.min(Instant::now() + self.limits.connect);
        timeout_at(end, self.proxy.as_ref()?.ask_status(&self.target)).await.ok().flatten()
    }

    /// Waits for the head or for a piece of the body: until the end, and while the server is not silent for too long.
    async fn wait<T>(&self, step: impl Future<Output = reqwest::Result<T>>) -> Result<T, Fault> {
        let mut step = std::pin::pin!(step);
        let idle = self.limits.idle;
        loop {
            // A connection that is still being made has a limit of its own.
            let silent_at = match self.progress.now() {
                (Phase::Connect, _) => Instant::now() + idle,
                (_, since) => since + idle,
            };
            if let Ok(result) = timeout_at(self.end.min(silent_at), step.as_mut()).await {
                let phase = self.progress.now().0;
                return result.map_err(|e| diagnose(&e, phase, &self.target, self.proxy.as_ref(), self.limits.connect));
            }
            let ((phase, since), origin) = (self.progress.now(), self.target.origin.clone());
            if Instant::now() >= self.end {
                return Err(Fault::Deadline { origin, phase });
            }
            if phase != Phase::Connect && Instant::now() >= since + idle {
                return Err(Fault::Silent { origin, phase, after: idle });
            }
        }
    }

    /// Checks what comes before the body; with its length, as far as that is known.
    fn check_head(&self, response: &reqwest::Response, limit: usize) -> Result<usize, Fault> {
        if response.status().as_u16() < 200 {
            return Err(self.bad_response(Phase::Body, format!("it is not proper HTTP ({})", response.status())));
        }
        let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size > HEADERS {
            return Err(self.bad_response(Phase::Wait, "its headers are too large".to_owned()));
        }
        for value in response.headers().get_all(CONTENT_ENCODING) {
            let encoding = String::from_utf8_lossy(value.as_bytes());
            // Some servers put the character set here; what they send is not encoded.
            let is_plain =
                ["", "identity", "utf-8", "utf8"].iter().any(|name| encoding.trim().eq_ignore_ascii_case(name));
            if !is_plain {
                let why = format!("it is encoded as {}, which was not asked for", sanitize(&encoding));
                return Err(self.bad_response(Phase::Body, why));
            }
        }
        match usize::try_from(response.content_length().unwrap_or(0)) {
            Ok(expected) if expected <= limit => Ok(expected),
            _ => Err(self.bad_response(Phase::Body, format!("it is longer than {limit} bytes"))),
        }
    }

    fn bad_response(&self, phase: Phase, why: String) -> Fault {
        Fault::BadResponse { origin: self.target.origin.clone(), phase, why }
    }
}

pub fn wire_request(request: &Request, target: &Target, headers: &HeaderMap) -> reqwest::Request {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut wire = reqwest::Request::new(method, target.url.clone());
    *wire.headers_mut() = headers.clone();
    *wire.body_mut() = encode_body(&request.body);
    wire
}

/// The bytes of a body; ours are wiped when they are dropped, the copies of the libraries below are not.
fn encode_body(body: &Body) -> Option<reqwest::Body> {
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
    Some(reqwest::Body::from(hyper::body::Bytes::from_owner(Wiped(text))))
}

struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
