//! What `-v` and `-vv` show of requests and responses, one line at a time, already redacted and sanitized.

use std::sync::Arc;
use std::time::Duration;

use super::fault::Fault;
use super::shown_exchange::{ShownRequest, show_response};
use super::target::Target;
use crate::oauth::message::{Request, Response, Visibility};
use crate::redaction::{Secrets, redact_opaque};

/// Takes a line without its newline.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone, Default)]
pub enum Trace {
    #[default]
    Off,
    /// One line per try, and why there is another.
    Steps(Sink),
    Wire(Sink),
}

impl Trace {
    /// A line about a step; the text is only made when it is wanted.
    pub fn write_step(&self, line: impl FnOnce() -> String) {
        if let Self::Steps(sink) | Self::Wire(sink) = self {
            sink(&line());
        }
    }

    pub fn write_round_trip(
        &self,
        request: &Request,
        target: &Target,
        result: &Result<Response, Fault>,
        took: Duration,
    ) {
        self.write_step(|| {
            let shown = target.without_query();
            let url = if request.visibility == Visibility::Public { shown } else { redact_opaque(&shown) };
            let (method, took) = (request.method, took.as_millis());
            match result {
                Ok(response) => format!("{method} {url} → {} in {took} ms", response.status),
                Err(fault) => format!("{method} {url} → failed in {took} ms: {fault}"),
            }
        });
    }

    /// A request as it goes over the wire: lines that begin with `>`.
    pub fn write_request(&self, request: &ShownRequest) {
        let Self::Wire(sink) = self else { return };
        sink(&format!("> {} {} HTTP/1.1", request.method, request.path));
        request.headers.iter().for_each(|(name, value)| sink(&format!("> {name}: {value}")));
        request.body.iter().for_each(|body| sink(&format!("> {body}")));
    }

    /// A response as it came: lines that begin with `<`.
    pub fn write_response(&self, response: &Response, visibility: Visibility, secrets: &Secrets) {
        let Self::Wire(sink) = self else { return };
        let shown = show_response(response, visibility, secrets);
        sink(&format!("< HTTP/1.1 {}", shown.status));
        shown.headers.iter().for_each(|(name, value)| sink(&format!("< {name}: {value}")));
        if !shown.body.is_empty() {
            sink(&format!("< {}", shown.body));
        }
    }

    /// Whether requests and responses are shown whole.
    pub fn shows_wire(&self) -> bool {
        matches!(self, Self::Wire(_))
    }
}
