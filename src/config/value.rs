//! The types of settings: how a value is read from a string and written as one.

use std::path::PathBuf;

use super::{Backend, HostPattern};
use crate::jose::Algorithm;
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::source::Source;

/// What a field takes from its flag or variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A flag without a value.
    Switch,
    One,
    Path,
    Many,
    /// A source; the secret is read from it once and kept, or at every use.
    Secret,
}

pub trait SettingValue: Sized {
    const KIND: ValueKind = ValueKind::One;

    /// What a setting of this type is when it is not set.
    const DEFAULT: Option<&'static str> = None;

    /// Reads it. The error says what is allowed and does not repeat the string, which may be a secret in the wrong place.
    fn from_text(text: &str) -> Result<Self, String>;

    /// The string that reads back as this value.
    fn to_text(&self) -> String;

    /// Refuses a value that could not be read again.
    fn check(&self) -> Result<(), String> {
        Self::from_text(&self.to_text()).map(drop)
    }

    /// The strings that can be read, where they are few.
    fn choices() -> Vec<&'static str> {
        Vec::new()
    }
}

impl SettingValue for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl SettingValue for PathBuf {
    const KIND: ValueKind = ValueKind::Path;

    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(Self::from)
    }

    fn to_text(&self) -> String {
        self.to_string_lossy().into_owned()
    }

    fn check(&self) -> Result<(), String> {
        match self.to_str() {
            None | Some("") => Err("must be a path in UTF-8".to_owned()),
            Some(_) => Ok(()),
        }
    }
}

impl SettingValue for Source {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|reason| format!("is not usable: {reason}"))
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl SettingValue for HostPattern {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "must be a host such as h, h:8443 or *.h".to_owned())
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

/// An enum with `ALL` and `name` is one of its names.
macro_rules! one_of_its_names {
    ($($kind:ty: $default:expr),*) => {$(
        impl SettingValue for $kind {
            const DEFAULT: Option<&'static str> = $default;

            fn from_text(text: &str) -> Result<Self, String> {
                let found = Self::ALL.into_iter().find(|one| one.name() == text);
                found.ok_or_else(|| format!("must be one of {}", Self::ALL.map(Self::name).join(", ")))
            }

            fn to_text(&self) -> String {
                self.name().to_owned()
            }

            fn choices() -> Vec<&'static str> {
                Self::ALL.map(Self::name).to_vec()
            }
        }
    )*};
}

one_of_its_names!(Algorithm: None, Method: None, Backend: None);

impl SettingValue for Grant {
    const DEFAULT: Option<&'static str> = Some(Self::ClientCredentials.name());

    fn from_text(text: &str) -> Result<Self, String> {
        let names = || format!("must be one of {}, or the URI of another grant", Self::ALL.map(Self::name).join(", "));
        Self::parse(text).ok_or_else(names)
    }

    fn to_text(&self) -> String {
        self.name().to_owned()
    }

    fn choices() -> Vec<&'static str> {
        Self::ALL.map(Self::name).to_vec()
    }
}
