//! One setting of a zone: its key, its field, and how it is given.

use serde_json::Value as Json;
use toml_edit::Value;

use super::reader::Reader;
use super::value::ValueKind;
use super::{Fault, Zone};
use crate::source::Source;

/// A field of a zone. What does not follow from its type is in the row.
pub trait Field {
    fn kind(&self) -> ValueKind;

    /// Reads it from a table of the file.
    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault>;

    /// Its value in the file; `None` when it is not set.
    fn encode(&self, row: &Row) -> Option<Value>;

    /// Sets it to the values of a flag or variable. The error does not repeat them.
    fn set(&mut self, row: &Row, texts: &[&str]) -> Result<(), String>;

    /// Its value for `zone show`; `None` when it has no line there.
    fn show(&self, row: &Row) -> Option<Json>;

    /// All values that it can have, where they are few.
    fn choices(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Refuses what could be written but not be read again.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

pub struct Row {
    /// The key in the file, in `zone show` and in errors.
    pub key: &'static str,
    /// Its flag; `None` where another flag or command sets it.
    pub flag: Option<Flag>,
    /// The variable that sets it in the zone of the environment.
    pub variable: Option<Variable>,
    /// The name in the metadata of the endpoint that it overrides.
    pub endpoint: Option<&'static str>,
    /// What separates values, or a name from its value, in one string.
    pub separator: Option<char>,
    pub can_unset: bool,
    pub get: fn(&Zone) -> &dyn Field,
    pub get_mut: fn(&mut Zone) -> &mut dyn Field,
    /// Whether it differs from its default.
    pub is_set: fn(&Zone) -> bool,
    /// Sets it to its default.
    pub unset: fn(&mut Zone),
}

pub struct Flag {
    /// Its name without `--`.
    pub name: &'static str,
    /// Other spellings, which the help does not show.
    pub aliases: &'static [&'static str],
    pub value_name: &'static str,
    pub help: &'static str,
    /// What it refuses that the file may hold.
    pub check: fn(&str) -> Result<(), String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// It chooses the zone or how its client proves itself; read whenever the zone is.
    Choice(&'static str),
    /// What is requested by default; read whenever the zone is.
    Request(&'static str),
    /// Read when the client proves itself: a token from the cache needs no proof.
    Proof(&'static str),
    /// It holds the secret, or another one names its file; neither is read before the secret is used.
    Secret {
        value: &'static str,
        /// The variable with the file's path.
        file: &'static str,
    },
}

impl Variable {
    pub fn name(self) -> &'static str {
        match self {
            Self::Choice(name) | Self::Request(name) | Self::Proof(name) | Self::Secret { value: name, .. } => name,
        }
    }
}

impl Row {
    pub(super) const fn flag(self, name: &'static str, value_name: &'static str, help: &'static str) -> Self {
        Self { flag: Some(Flag { name, aliases: &[], value_name, help, check: |_| Ok(()) }), ..self }
    }

    pub(super) const fn reference(self, name: &'static str, help: &'static str) -> Self {
        self.flag(name, "SOURCE", help).check(check_reference)
    }

    pub(super) const fn source(self, name: &'static str, help: &'static str) -> Self {
        self.flag(name, "SOURCE", help).check(|text| text.parse::<Source>().map(drop))
    }

    pub(super) const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        match self.flag {
            Some(flag) => Self { flag: Some(Flag { aliases, ..flag }), ..self },
            None => self,
        }
    }

    pub(super) const fn check(self, check: fn(&str) -> Result<(), String>) -> Self {
        match self.flag {
            Some(flag) => Self { flag: Some(Flag { check, ..flag }), ..self },
            None => self,
        }
    }

    /// Overrides the endpoint that has this key in the metadata, unless it has another name there.
    pub(super) const fn endpoint(self, flag: &'static str, help: &'static str) -> Self {
        Self { endpoint: Some(self.key), ..self }.flag(flag, "URL", help)
    }

    pub(super) const fn metadata_name(self, name: &'static str) -> Self {
        Self { endpoint: Some(name), ..self }
    }

    pub(super) const fn variable(self, variable: Variable) -> Self {
        Self { variable: Some(variable), ..self }
    }

    pub(super) const fn separator(self, separator: char) -> Self {
        Self { separator: Some(separator), ..self }
    }

    pub(super) const fn fixed(self) -> Self {
        Self { can_unset: false, ..self }
    }

    /// Checks one value of its flag. The error does not repeat the value.
    pub fn check_value(&self, text: &str) -> Result<(), String> {
        self.flag.as_ref().map_or(Ok(()), |flag| (flag.check)(text))?;
        (self.get_mut)(&mut Zone::default()).set(self, &[text]).map_err(|reason| format!("{} {reason}", self.key))
    }
}

/// A reference is read again and again: stdin and descriptors are gone after the first time.
fn check_reference(text: &str) -> Result<(), String> {
    match text.parse()? {
        Source::Stdin | Source::Descriptor(_) | Source::Vault(_) => Err("a reference is read at every use: it takes \
             file:PATH, env:NAME, cmd:COMMAND or the identity of a workload"
            .to_owned()),
        _ => Ok(()),
    }
}
