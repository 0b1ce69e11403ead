//! One line for each request.

use std::fmt;
use std::time::Duration;

use crate::text::sanitize;

/// What may be told of a request: nothing that a client sent as a secret, no query, no body.
#[derive(Debug, Clone)]
pub struct Line {
    /// The method, as sent.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The client, when it authenticated.
    pub client_id: Option<String>,
    /// The grant asked for; `unknown` when OAuth has none of that name.
    pub grant: Option<&'static str>,
    /// The status sent; none when the connection ended without an answer.
    pub status: Option<u16>,
    /// The OAuth error of the answer.
    pub error: Option<&'static str>,
    /// The name of the fault that struck.
    pub fault: Option<&'static str>,
    /// From the first byte of the request to the answer.
    pub elapsed: Duration,
}

impl fmt::Display for Line {
    /// `POST /sandbox/token 200 3ms client=sandbox-1f2e grant=client_credentials`; foreign text is sanitized.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", sanitize(&self.method), sanitize(&self.path))?;
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("-")?,
        }
        write!(f, " {}ms", self.elapsed.as_millis())?;
        let client = self.client_id.as_deref();
        for (name, value) in [("client", client), ("grant", self.grant), ("error", self.error), ("fault", self.fault)] {
            if let Some(value) = value {
                write!(f, " {name}={}", sanitize(value))?;
            }
        }
        Ok(())
    }
}
