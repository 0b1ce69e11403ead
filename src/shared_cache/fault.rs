//! What goes wrong with the engine. Nothing of it ends a command.

use std::time::Duration;

use crate::text::{mark_foreign, sanitize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    NoConnection(String),
    #[error("it gave no answer within {0} s")]
    Late(String),
    #[error("no time is left to wait for it")]
    Spent,
    #[error("it refused: {0}")]
    Refused(String),
    #[error("it does not speak the protocol of Redis")]
    Protocol,
    #[error("it did not answer {seconds} s ago ({why}), and is asked again {left} s from now")]
    Remembered { why: String, seconds: u64, left: u64 },
    /// Somebody changed, moved or replayed an entry.
    #[error("{0}")]
    Forged(&'static str),
}

impl Fault {
    /// Whether it is one of the engine and not of one entry, and not known already.
    pub fn is_outage(&self) -> bool {
        !matches!(self, Self::Forged(_) | Self::Remembered { .. } | Self::Spent)
    }
}

/// An answer that was waited for less long than this says nothing of the engine.
const FAIR: Duration = Duration::from_millis(200);

impl Fault {
    /// No answer came within this time.
    pub(super) fn late(limit: Duration) -> Self {
        if limit < FAIR { Self::Spent } else { Self::Late(format!("{:.1}", limit.as_secs_f32())) }
    }

    /// A message of the engine, without what could disturb a terminal.
    pub(super) fn refused(message: &str) -> Self {
        // Redis adds the hash of a script and where in it something happened.
        let message = sanitize(message.split(" script: ").next().unwrap_or_default());
        if message.contains("WRONGTYPE") {
            return Self::Forged("an entry of it has another type");
        }
        Self::Refused(mark_foreign(&message.chars().take(200).collect::<String>()))
    }
}
