//! One line for each request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::text::sanitize;

/// Receives each line, on the server's thread; it must not block for long.
pub type Log = Arc<dyn Fn(&Line) + Send + Sync>;

#[derive(Debug, Clone, Default)]
pub struct Note {
    pub client_id: Option<String>,
    /// The requested grant; `unknown` when it is not served.
    pub grant: Option<&'static str>,
    pub error: Option<&'static str>,
}

/// What the log shows of a request: no secret, no query, no body.
#[derive(Debug, Clone)]
pub struct Line {
    pub method: String,
    pub path: String,
    pub note: Note,
    /// The status sent; `None` when the connection ended without a response.
    pub status: Option<u16>,
    pub fault: Option<&'static str>,
    pub elapsed: Duration,
}

impl fmt::Display for Line {
    /// `POST /sandbox/token 200 3ms client=sandbox-1f2e grant=client_credentials`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        write!(f, "{} {} {status} {}ms", sanitize(&self.method), sanitize(&self.path), self.elapsed.as_millis())?;
        let Note { client_id, grant, error } = &self.note;
        let client = client_id.as_deref();
        for (name, value) in [("client", client), ("grant", *grant), ("error", *error), ("fault", self.fault)] {
            if let Some(value) = value {
                write!(f, " {name}={}", sanitize(value))?;
            }
        }
        Ok(())
    }
}
