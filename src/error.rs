//! The only file that judges failures: kind, exit code, whether a retry can help, and the command to type.
//!
//! Rooms below know facts (`http::Fault`, `store::Fault` …); `error/from_fault.rs` turns facts into an [`Error`].

pub mod bearer;
pub mod breaker;
pub mod client;
pub mod client_metadata;
pub mod confirmation;
pub mod curl;
pub mod destination;
pub mod environment;
mod event;
pub mod examination;
mod finding;
mod from_fault;
pub mod gate;
pub mod guard;
pub mod helper;
mod hint;
pub mod internal;
pub mod issuer;
pub mod metadata;
pub mod new_zone;
mod output;
pub mod program;
pub mod prompt;
pub mod proxy;
pub mod refusal;
pub mod registration;
pub mod sandbox;
pub mod session;
pub mod shared_cache;
pub mod sign_in;
pub mod signature;
pub mod source;
pub mod token;
pub mod token_request;
pub mod usage;
pub mod vault;
pub mod zone;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::redaction::Secrets;

pub use event::Event;
pub use finding::Finding;
pub use hint::Hint;

/// The class of a failure, as in the JSON error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The call was wrong.
    Usage,
    /// Zone, endpoint, missing secret, untrusted CA.
    Config,
    /// No whole answer came.
    Network,
    /// A bad status without an OAuth error.
    Http,
    /// An OAuth error, or an answer that breaks the protocol.
    Protocol,
    /// A token exchange was refused (RFC 8693 §2.2.2).
    TokenExchange,
    /// The client or the person was refused.
    Authentication,
    /// Vault, keyring, file, disk.
    Storage,
    /// Refused for safety.
    Unsafe,
    /// A person said no.
    Cancelled,
    /// Our bug.
    Internal,
}

/// The JSON line of an error on stderr.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The error.
    error: Body,
}

/// The members of an error.
#[derive(Debug, Serialize, JsonSchema)]
struct Body {
    /// The class of the failure.
    kind: Kind,
    /// The server's `error` code (RFC 6749 §5.2), if it sent one.
    oauth_error: Option<String>,
    /// What failed and why.
    message: String,
    /// What to do.
    hint: Option<String>,
    /// Whether the same command may succeed later.
    retriable: bool,
    /// The exit code.
    exit: u8,
    /// The warnings of the command, if it had any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Exit codes (DESIGN: the table is a promise from the first release).
pub mod exit {
    pub const NO: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const CONFIG: u8 = 3;
    /// A person must sign in.
    pub const SIGN_IN: u8 = 4;
    pub const REFUSED: u8 = 5;
    pub const RETRY: u8 = 6;
    pub const STORAGE: u8 = 7;
    pub const UNSAFE: u8 = 8;
    pub const INTERNAL: u8 = 70;
    /// Of `curl` and `exec`: the other program was not started.
    pub const NOT_STARTED: u8 = 125;
    pub const NOT_RUNNABLE: u8 = 126;
    pub const NOT_FOUND: u8 = 127;
    /// ^C, as SIGINT would.
    pub const INTERRUPTED: u8 = 130;
    /// A closed pipe, as SIGPIPE would.
    pub const PIPE: u8 = 141;
}

/// A judged failure. Holds no secret; foreign text in it is sanitized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    pub kind: Kind,
    pub exit: u8,
    /// What failed, one sentence without a full stop.
    pub message: String,
    /// Why, from the nearest to the farthest.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What to do, each a command to type or a setting to change.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// The server's `error` code (RFC 6749 §5.2), if it sent one.
    #[serde(default)]
    pub code: Option<Box<str>>,
    /// Nothing is left to say: the request was shown (`--dry-run`), or nobody reads stdout.
    #[serde(default)]
    pub silent: bool,
    /// A request that must not be repeated was sent, and nobody knows what came of it.
    #[serde(default)]
    pub in_doubt: bool,
    /// The check of `hallpass doctor` that explains it, where one does.
    #[serde(default)]
    pub finding: Option<Finding>,
    /// What a Keycloak wrote about it, where it did.
    #[serde(skip)]
    pub event: Option<Box<Event>>,
    /// The zone whose server or client it is about, where one is meant.
    #[serde(default)]
    #[expect(clippy::box_collection, reason = "an error is returned by value, and stays small")]
    pub zone: Option<Box<String>>,
}

impl Error {
    /// A failure of this kind with this exit code.
    pub fn new(kind: Kind, exit: u8, message: impl Into<String>) -> Self {
        Self {
            kind,
            exit,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            code: None,
            silent: false,
            in_doubt: false,
            finding: None,
            event: None,
            zone: None,
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, exit::USAGE, message)
    }

    /// Whether every caller with the same request would meet it now: no other credential, header or assertion helps.
    pub fn is_shared_by_callers(&self) -> bool {
        match self.kind {
            Kind::Network => true,
            Kind::Http | Kind::Protocol | Kind::TokenExchange => {
                const OF_THE_REQUEST: [&str; 3] = ["invalid_scope", "invalid_target", "unsupported_grant_type"];
                self.exit != exit::REFUSED || self.code.as_deref().is_some_and(|code| OF_THE_REQUEST.contains(&code))
            }
            _ => false,
        }
    }

    /// The configuration is wrong or incomplete.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, exit::CONFIG, message)
    }

    /// Something can't be stored or read.
    pub fn storage(message: impl Into<String>) -> Self {
        Self::new(Kind::Storage, exit::STORAGE, message)
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsafe, exit::UNSAFE, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, exit::INTERNAL, message)
    }

    /// A person must sign in to this zone; the hint is the command.
    pub fn sign_in(zone: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Authentication, exit::SIGN_IN, message).hint(Hint::login(zone))
    }

    /// `--dry-run` where no request would be sent: neither is the deed done nor a secret shown.
    pub fn nothing_sent() -> Self {
        Self::usage("this sends no request, so there is nothing for --dry-run to show")
    }

    /// `--dry-run` showed the request in place of sending it, so that nothing can follow.
    pub fn not_sent() -> Self {
        Self { silent: true, ..Self::new(Kind::Cancelled, exit::USAGE, "the request was not sent (--dry-run)") }
    }

    /// The write of the answer failed: a closed pipe is quiet, anything else is storage.
    pub fn writing(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self { silent: true, ..Self::new(Kind::Cancelled, exit::PIPE, "") };
        }
        Self::storage("the answer could not be written to stdout").because(error.to_string())
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, explained by this check of `hallpass doctor`.
    #[must_use]
    pub fn finding(mut self, finding: Finding) -> Self {
        self.finding = Some(finding);
        self
    }

    /// The same, about this zone; the nearest one counts.
    #[must_use]
    pub fn at_zone(mut self, zone: &str) -> Self {
        self.zone.get_or_insert_with(|| Box::new(zone.to_owned()));
        self
    }

    /// Says that a request was sent that must not be repeated, and that nobody knows what came of it: 8, never 6.
    #[must_use]
    pub fn doubtful(self) -> Self {
        Self { exit: exit::UNSAFE, in_doubt: true, ..self }
    }

    /// The same without the secrets of this command: a server may repeat them in what it says.
    #[must_use]
    pub fn redact(mut self, secrets: &Secrets) -> Self {
        self.causes.iter_mut().chain([&mut self.message]).for_each(|text| *text = secrets.redact(text));
        self.code.iter_mut().for_each(|code| *code = secrets.redact_foreign(code).into());
        self.hints.iter_mut().for_each(|hint| hint.map_text(|text| secrets.redact(text)));
        self
    }

    /// Whether the same command may succeed later; 6 is the only such code.
    pub fn retriable(&self) -> bool {
        self.exit == exit::RETRY
    }

    /// What failed and why, in one sentence.
    pub fn chain(&self) -> String {
        std::iter::once(&self.message).chain(&self.causes).cloned().collect::<Vec<_>>().join(": ")
    }

    /// The one line of `--json`: `{"error":{"kind","oauth_error","message","hint","retriable","exit"}}`.
    pub fn json(&self) -> Value {
        let error = Body {
            kind: self.kind,
            oauth_error: self.code.as_deref().map(str::to_owned),
            message: self.chain(),
            hint: (!self.hints.is_empty())
                .then(|| self.hints.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
            retriable: self.retriable(),
            exit: self.exit,
            warnings: Vec::new(),
        };
        serde_json::to_value(Shape { error }).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::redaction::Secrets;

    #[test]
    fn json_line_has_promised_members() {
        let error = Error::config("no zone is named").because("x").hint("hallpass zone list");
        assert_eq!(
            error.json().to_string(),
            r#"{"error":{"kind":"config","oauth_error":null,"message":"no zone is named: x","hint":"hallpass zone list","retriable":false,"exit":3}}"#
        );
    }

    #[test]
    fn secret_that_server_repeats_is_not_shown() {
        let secrets = Secrets::default();
        secrets.add("hunter2-horse");
        let mut error = Error::config("a hunter2-horse").because("b hunter2-ho…").hint("c hunter2-horse");
        error.code = Some("hunter2-horse".into());
        let shown = error.redact(&secrets).json().to_string();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(shown.matches("[redacted]").count(), 4);
    }

    #[test]
    fn closed_pipe_is_quiet_and_full_disk_is_not() {
        let pipe = Error::writing(&std::io::ErrorKind::BrokenPipe.into());
        assert_eq!((pipe.exit, pipe.silent), (141, true));
        let disk = Error::writing(&std::io::ErrorKind::StorageFull.into());
        assert_eq!((disk.exit, disk.silent), (7, false));
    }
}
