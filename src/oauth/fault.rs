//! What can be wrong with an exchange, as facts. No variant holds a credential or repeats a bad value.

use std::fmt;

use super::message::Response;
use crate::text::{mark_foreign, sanitize};

/// A failed exchange. `what` names the answer in words ("the token answer"); foreign text is sanitized already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{what} is not JSON (HTTP {status} from {url}, {shape}{})", tail(.excerpt.as_deref()))]
    NotJson { what: &'static str, status: u16, url: String, shape: String, excerpt: Option<String> },
    #[error("{what} is malformed: {reason}")]
    Malformed { what: &'static str, reason: String },
    #[error("{what} has no member {member}")]
    MissingMember { what: &'static str, member: &'static str },
    #[error("the server sent an unusable {member}: {reason}")]
    BadToken { member: &'static str, reason: &'static str },
    /// The server refused with an error of the protocol (RFC 6749 §5.2, RFC 6750 §3).
    #[error(transparent)]
    Refused(ErrorResponse),
    /// The authorization endpoint sent the browser back with an error (RFC 6749 §4.1.2.1).
    #[error("the authorization was refused: {error}{}", tail(.description.as_deref()))]
    NotAuthorized { error: String, description: Option<String>, uri: Option<String> },
    #[error("{what}: HTTP {status} from {url}{}", tail(.excerpt.as_deref()))]
    Status { what: &'static str, status: u16, url: String, excerpt: Option<String>, retry_after: Option<String> },
    /// A signed object that is whole but must not be believed. Of its values the reason names issuer and audience at most.
    #[error("{what} is not to be trusted: {reason}")]
    NotTrusted { what: &'static str, reason: String },
    /// The metadata belongs to another issuer (RFC 8414 §3.3).
    #[error("the metadata at {url} names the issuer {found}, not {expected} (they differ in {})", .differs.join(" and "))]
    IssuerMismatch {
        expected: String,
        found: String,
        url: String,
        /// The parts that differ, in words; at least one.
        differs: Vec<String>,
    },
    /// The metadata belongs to another protected resource (RFC 9728 §3.3).
    #[error(
        "the metadata at {url} is for the resource {found}, not {expected} (they differ in {})", .differs.join(" and ")
    )]
    WrongResource { expected: String, found: String, url: String, differs: Vec<String> },
    /// An issuer that cannot be one (RFC 8414 §2).
    #[error("{issuer} cannot be an issuer: {reason}")]
    NotAnIssuer { issuer: String, reason: &'static str },
    /// The feature is named up to its colon, if that is a word and not what may be a secret in the wrong place.
    #[error("there is no {}; known are {known}", .name.as_ref().map_or_else(|| "such feature".to_owned(), |name| format!("feature '{name}'")))]
    UnknownFeature { name: Option<String>, known: &'static str },
    #[error("the value cannot be sent in an Authorization field: {reason}")]
    NotFieldValue { reason: &'static str },
    /// A whole header line where only its value was expected.
    #[error("this is a whole Authorization line, not the field's value")]
    WholeLine,
}

impl Fault {
    pub fn malformed(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed { what, reason: reason.into() }
    }

    pub fn unknown_feature(feature: &str, known: &'static str) -> Self {
        let name = feature.split(':').next().unwrap_or_default();
        let is_word = (1..=24).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        Self::UnknownFeature { name: is_word.then(|| name.to_owned()), known }
    }

    pub fn not_json(what: &'static str, answer: &Response, excerpt: Option<String>) -> Self {
        Self::NotJson { what, status: answer.status, url: bare_url(&answer.url), shape: describe_body(answer), excerpt }
    }

    /// The same without any text of the answer, of which only the kind is left: for a place that somebody else named.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        match &mut self {
            Self::NotJson { excerpt, .. } | Self::Status { excerpt, .. } => *excerpt = None,
            Self::IssuerMismatch { found, .. } | Self::WrongResource { found, .. } if !found.contains("://") => {
                "something else".clone_into(found);
            }
            Self::Refused(ErrorResponse { status, url, .. }) => {
                let (status, url) = (*status, url.to_string());
                return Self::Status { what: "the metadata request", status, url, excerpt: None, retry_after: None };
            }
            _ => {}
        }
        self
    }

    /// The same with marks around the server's words.
    #[must_use]
    pub fn mark_words(mut self) -> Self {
        let words = match &mut self {
            Self::NotJson { excerpt, .. } | Self::Status { excerpt, .. } => [None, excerpt.as_mut()],
            Self::Refused(ErrorResponse { error, description, .. })
            | Self::NotAuthorized { error, description, .. } => [Some(error), description.as_mut()],
            Self::IssuerMismatch { found, .. } | Self::WrongResource { found, .. } => [Some(found), None],
            _ => [None, None],
        };
        words.into_iter().flatten().for_each(|text| *text = mark_foreign(text));
        self
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(response) => Some(response.status),
            Self::Status { status, .. } | Self::NotJson { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the status says that the server could not serve now: 429 or 5xx. It outranks the body's error code.
    pub fn is_outage(&self) -> bool {
        self.status().is_some_and(is_outage)
    }

    pub fn retry_after(&self) -> Option<&str> {
        match self {
            Self::Refused(response) => response.retry_after.as_deref(),
            Self::Status { retry_after, .. } => retry_after.as_deref(),
            _ => None,
        }
    }
}

/// Whether a status says that the server could not serve now. There is no class of status above 5xx (RFC 9110 §15).
pub fn is_outage(status: u16) -> bool {
    matches!(status, 429 | 500..=599)
}

/// A refusal in the words of the protocol. Its texts are sanitized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The status code; 200 where a server hides an error in a success.
    pub status: u16,
    /// The URL that answered, without its query.
    pub url: Box<str>,
    pub error: String,
    pub description: Option<String>,
    pub uri: Option<String>,
    pub retry_after: Option<String>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, url, error, description, .. } = self;
        let verb = if (500..600).contains(status) { "failed" } else { "refused" };
        write!(f, "the server {verb}: {error}{} (HTTP {status} from {url})", tail(description.as_deref()))
    }
}

impl std::error::Error for ErrorResponse {}

/// What a body that is not JSON is instead.
pub fn describe_body(answer: &Response) -> String {
    let page = if is_html(answer) { ", an HTML page" } else { "" };
    format!("{}{page}", content_type(answer))
}

pub fn content_type(answer: &Response) -> String {
    answer.header("content-type").map_or_else(|| "no content type".to_owned(), |text| truncate(&sanitize(text), 80))
}

pub fn is_html(answer: &Response) -> bool {
    answer.body.trim_ascii_start().first() == Some(&b'<') || content_type(answer).contains("html")
}

/// The first 120 characters of a body, sanitized, with everything hidden that is long enough to be a token.
pub fn excerpt(body: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let words: Vec<String> = start.split_whitespace().map(hide_long_runs).collect();
    let shown = truncate(&sanitize(&words.join(" ")), 120);
    (!shown.is_empty()).then_some(shown)
}

/// Replaces runs of 20 and more characters that a token may consist of.
fn hide_long_runs(word: &str) -> String {
    let other = |c: char| !c.is_ascii_alphanumeric() && !"-._~+/=%".contains(c);
    let hide = |piece: &str| {
        let run = piece.trim_end_matches(other);
        if run.len() < 20 { piece.to_owned() } else { format!("[…]{}", &piece[run.len()..]) }
    };
    word.split_inclusive(other).map(hide).collect()
}

/// At most `most` characters, with an ellipsis where something was cut off.
pub fn truncate(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((offset, _)) => format!("{}…", &text[..offset]),
        None => text.to_owned(),
    }
}

/// A URL without its query and fragment, sanitized.
pub fn bare_url(url: &str) -> String {
    sanitize(url.split(['?', '#']).next().unwrap_or_default())
}

fn tail(text: Option<&str>) -> String {
    text.map(|text| format!(": {text}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{bare_url, excerpt};

    #[test]
    fn excerpt_is_short_and_hides_what_may_be_token() {
        let body = b"<p>oops\r\n\t token=eyJhbGciOiJIUzI1NiJ9.e30.abc, retry</p>";
        assert_eq!(excerpt(body).unwrap(), "<p>oops […], retry</p>");
        assert_eq!(excerpt(b"client 'abcdefghijklmnopqrstuvwxyz' gone").unwrap(), "client '[…]' gone");
        assert_eq!(excerpt(&b"word ".repeat(500)).unwrap().chars().count(), 121);
        assert_eq!(excerpt(b" \n"), None);
        assert_eq!(excerpt(b"\x1b[2J\xff").unwrap(), "\\u{1b}[2J\u{fffd}");
    }

    #[test]
    fn url_is_shown_without_its_query() {
        assert_eq!(bare_url("https://a.example/x?code=1#y"), "https://a.example/x");
    }
}
