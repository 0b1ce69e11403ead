//! What one check found.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Event, Kind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// It works, but will not always, or not for everybody.
    Warn,
    Fail,
    /// It can't be judged because of another one.
    Skip,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// One check and what it found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// Which check.
    pub id: &'static str,
    /// `ok`, `warn`, `fail` or `skip`.
    pub state: State,
    /// What is so, in a line.
    pub what: String,
    /// The evidence: request, status, error, the values that differ. Never a secret.
    pub because: Option<String>,
    /// A command, or a setting by its name in the admin console; null for ok.
    pub fix: Option<String>,
}

/// What a check says, before it is known by which id.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub state: State,
    pub what: String,
    pub because: Option<String>,
    pub fix: Option<String>,
    /// What the server wrote about it.
    event: Option<Event>,
    /// Whether it fails because nothing answered.
    pub(super) is_unanswered: bool,
    /// The check that fails, where this one can't be judged because of it.
    pub(super) cause: Option<&'static str>,
}

impl Verdict {
    fn new(state: State, what: impl Into<String>) -> Self {
        Self { state, what: what.into(), because: None, fix: None, event: None, is_unanswered: false, cause: None }
    }

    pub fn ok(what: impl Into<String>) -> Self {
        Self::new(State::Ok, what)
    }

    pub fn warn(what: impl Into<String>) -> Self {
        Self::new(State::Warn, what)
    }

    pub fn fail(what: impl Into<String>) -> Self {
        Self::new(State::Fail, what)
    }

    pub fn skip(what: impl Into<String>) -> Self {
        Self::new(State::Skip, what)
    }

    /// It can't be judged, because of another check.
    pub fn skip_for(cause: &'static str) -> Self {
        Self { cause: Some(cause), ..Self::skip(format!("not judged because of {cause}")) }
    }

    /// The failure that another command would report.
    pub fn of_error(error: &Error) -> Self {
        let fix = error.hints.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let (event, is_unanswered) = (error.event.as_deref().cloned(), error.kind == Kind::Network);
        Self { event, is_unanswered, ..Self::fail(&error.message) }.because_of(error.causes.join("; ")).fixed_by(fix)
    }

    /// The same with the event that the server wrote about it.
    #[must_use]
    pub fn with_event(self, event: Option<Event>) -> Self {
        Self { event: event.or(self.event), ..self }
    }

    /// The same with its evidence; an empty one changes nothing.
    #[must_use]
    pub fn because_of(mut self, evidence: impl Into<String>) -> Self {
        self.because = Some(evidence.into()).filter(|text| !text.is_empty()).or(self.because);
        self
    }

    /// The same with what to do; an empty one changes nothing.
    #[must_use]
    pub fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into()).filter(|text| !text.is_empty()).or(self.fix);
        self
    }

    /// The same with what to do, where nothing else is known.
    #[must_use]
    pub fn or_fixed_by(self, fix: impl Into<String>) -> Self {
        if self.fix.is_some() { self } else { self.fixed_by(fix) }
    }

    /// The same in other words.
    #[must_use]
    pub fn renamed(mut self, what: impl Into<String>) -> Self {
        self.what = what.into();
        self
    }

    pub(super) fn under(self, id: &'static str) -> Finding {
        let Self { state, what, because, fix, event, .. } = self;
        let event = event.map(|event| format!("Keycloak: Events > User events, or its log: {event}"));
        let fix = Some([fix, event].into_iter().flatten().collect::<Vec<_>>().join("; ")).filter(|fix| !fix.is_empty());
        Finding { id, state, what, because, fix }
    }
}
