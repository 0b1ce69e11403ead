//! What to do about a failure, as data: the command for a zone is known apart from the sentence around it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::{EPHEMERAL, Row};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// `hallpass zone edit ZONE FLAGS`, or the variable of the flag where the zone is that of the environment.
    EditZone {
        zone: String,
        flags: String,
        purpose: String,
    },
    /// `hallpass login -z ZONE FLAGS`.
    Login {
        zone: String,
        flags: String,
        purpose: String,
    },
    Text(String),
}

impl Hint {
    /// Changes settings of this zone; `flags` are those of `zone edit`.
    pub fn edit(zone: &str, flags: impl Into<String>) -> Self {
        Self::EditZone { zone: zone.to_owned(), flags: flags.into(), purpose: String::new() }
    }

    pub fn login(zone: &str) -> Self {
        Self::Login { zone: zone.to_owned(), flags: String::new(), purpose: String::new() }
    }

    /// The same with what it is for before it: `sign in again: hallpass login -z ci`.
    #[must_use]
    pub fn purpose(mut self, text: &str) -> Self {
        if let Self::EditZone { purpose, .. } | Self::Login { purpose, .. } = &mut self {
            text.clone_into(purpose);
        }
        self
    }

    /// The same with further flags of `login`.
    #[must_use]
    pub fn with_flags(mut self, more: &str) -> Self {
        if let Self::EditZone { flags, .. } | Self::Login { flags, .. } = &mut self {
            more.clone_into(flags);
        }
        self
    }

    /// The text in place of this hint's own words, in which secrets may be hidden.
    pub(super) fn map_text(&mut self, change: impl Fn(&str) -> String) {
        match self {
            Self::Text(text) => *text = change(text),
            Self::EditZone { flags, purpose, .. } | Self::Login { flags, purpose, .. } => {
                *flags = change(flags);
                *purpose = change(purpose);
            }
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (zone, flags, purpose, command) = match self {
            Self::Text(text) => return f.write_str(text),
            Self::EditZone { zone, flags, purpose } => (zone, flags, purpose, "zone edit"),
            Self::Login { zone, flags, purpose } => (zone, flags, purpose, "login -z"),
        };
        if !purpose.is_empty() {
            write!(f, "{purpose}: ")?;
        }
        if let (Self::EditZone { .. }, EPHEMERAL) = (self, zone.as_str()) {
            return match variable(flags) {
                Some((name, value)) if value.is_empty() || value == value.to_uppercase() => write!(f, "set {name}"),
                Some((name, value)) => write!(f, "set {name}={value}"),
                None => write!(f, "hallpass zone add NAME {flags}"),
            };
        }
        write!(f, "hallpass {command} {zone}")?;
        if flags.is_empty() { Ok(()) } else { write!(f, " {flags}") }
    }
}

/// The variable of the zone of the environment that has the meaning of this flag, and the flag's value.
fn variable(flags: &str) -> Option<(&'static str, &str)> {
    let (flag, value) = flags.strip_prefix("--")?.split_once(' ').unwrap_or((flags.strip_prefix("--")?, ""));
    let name = if flag == "issuer" { "HALLPASS_ISSUER" } else { Row::by_flag(flag)?.variable?.name() };
    Some((name, value))
}

impl<T: Into<String>> From<T> for Hint {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Hint;

    #[test]
    fn hint_names_command_or_variable() {
        let shown = |hint: Hint| hint.to_string();
        assert_eq!(shown(Hint::edit("ci", "--auth none")), "hallpass zone edit ci --auth none");
        assert_eq!(shown(Hint::edit("env", "--auth none").purpose("try it")), "try it: set HALLPASS_AUTH=none");
        assert_eq!(shown(Hint::edit("env", "--client-secret-ref SOURCE")), "set HALLPASS_CLIENT_SECRET");
        assert_eq!(shown(Hint::edit("env", "--issuer https://h")), "set HALLPASS_ISSUER=https://h");
        assert_eq!(shown(Hint::edit("env", "--dpop")), "hallpass zone add NAME --dpop");
        assert_eq!(shown(Hint::login("ci").purpose("sign in again")), "sign in again: hallpass login -z ci");
    }
}
