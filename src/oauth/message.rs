//! What is sent to an authorization server and what comes back, as data.

use std::fmt;

use crate::secret::Secret;

/// A value in a request that may be a secret; only the wire and the redactor look inside.
#[derive(Debug, Clone)]
pub enum Value {
    /// Shown in traces and in `--dry-run`.
    Plain(String),
    Hidden(Secret),
}

impl Value {
    pub fn wire(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Hidden(secret) => secret.expose(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        Self::Hidden(secret)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        })
    }
}

#[derive(Debug, Clone)]
pub enum Body {
    Empty,
    /// `application/x-www-form-urlencoded`, in this order, names may repeat.
    Form(Vec<(String, Value)>),
    Json(Value),
}

/// How a request may be repeated: the rows of the retry table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Metadata, JWKS, introspect, revoke, delete client: repeating changes nothing.
    Safe,
    /// Client credentials: a repeat only makes another token, so one is allowed when no answer came or on 5xx.
    RetryOnce,
    /// Exchange, PAR: may consume its input, so never after it was sent, but 429 and 503 say it was not handled.
    Input,
    /// Register, read or update a client: a repeat after sending could duplicate or lose it; 429 and 503 are obeyed.
    Transaction,
    /// Authorization code, rotating refresh: single use; once sent, never again, whatever comes back.
    Single,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// What receives it, in words for a person who waits.
    pub receiver: &'static str,
    /// The URL as configured or discovered, never normalised.
    pub url: String,
    /// Headers besides those that every request has; names as written.
    pub headers: Vec<(String, Value)>,
    pub body: Body,
    pub replay: Replay,
    /// Whether it carries a credential: then it follows no redirect at all.
    pub credential: bool,
    pub limit: usize,
    pub visibility: Visibility,
}

/// What a trace may show of an answer, besides the secrets of this command, which it never shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Public,
    /// No body: somebody else named the place, so that it may be anything.
    Foreign,
    /// What does not look like a secret.
    Redacted,
    /// Nothing: the answer is a secret as a whole.
    Hidden,
}

pub const BODY_LIMIT: usize = 1024 * 1024;
pub const METADATA_LIMIT: usize = 256 * 1024;

impl Request {
    /// An anonymous GET of metadata or keys: no credential, at most three redirects within its origin over https.
    pub fn metadata(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            body: Body::Empty,
            credential: false,
            limit: METADATA_LIMIT,
            visibility: Visibility::Public,
            ..Self::form("metadata", url, Vec::new(), Replay::Safe)
        }
    }

    /// A POST of form parameters that carries a credential.
    pub fn form(
        receiver: &'static str,
        url: impl Into<String>,
        parameters: Vec<(String, Value)>,
        replay: Replay,
    ) -> Self {
        Self {
            method: Method::Post,
            receiver,
            url: url.into(),
            headers: vec![("Accept".to_owned(), "application/json".into())],
            body: Body::Form(parameters),
            replay,
            credential: true,
            limit: BODY_LIMIT,
            visibility: Visibility::Redacted,
        }
    }
}

/// What a server answered: always whole, never over the request's limit, never a followed redirect.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    /// Header names in lower case with their values as text; values that are not text are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The URL that answered (after the redirects of an anonymous GET).
    pub url: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
