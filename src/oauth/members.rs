//! The members of a JSON object, read by their type. Null counts as absent.

use serde_json::{Map, Value};

use super::bearer::Grammar;
use super::fault::Fault;
use super::message::Response;
use super::{error, json};
use crate::secret::Secret;
use crate::text::sanitize;

/// The members of a document that has a name in messages ("the metadata").
#[derive(Debug, Clone)]
pub struct Members {
    pub what: &'static str,
    pub map: Map<String, Value>,
}

impl Members {
    /// Reads a document without secrets: if it is not JSON, its beginning may be shown. `key` is the member that it must
    /// have; an `error` in its place is a refusal.
    pub fn read_public(what: &'static str, answer: &Response, key: &'static str) -> Result<Self, Fault> {
        if answer.status != 200 {
            return Err(error::read(what, answer));
        }
        let members = Self { what, map: json::body(what, answer, true)? };
        match members.get(key) {
            None if members.get("error").is_some() => Err(error::read(what, answer)),
            None => Err(Fault::MissingMember { what, member: key }),
            Some(_) => Ok(members),
        }
    }

    /// Reads an answer that may hold credentials: 200 or 201, and without an `error`, unless `key` stands beside it.
    pub fn read_private(what: &'static str, answer: &Response, key: Option<&str>) -> Result<Self, Fault> {
        if !matches!(answer.status, 200 | 201) {
            return Err(error::read(what, answer));
        }
        let members = Self { what, map: json::body(what, answer, false)? };
        if members.get("error").is_some() && !key.is_some_and(|key| members.map.contains_key(key)) {
            return Err(error::read(what, answer));
        }
        Ok(members)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub fn string(&self, name: &str) -> Result<Option<&str>, Fault> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| self.malformed(name, "is not a string"))).transpose()
    }

    /// Takes a string out, so that no copy of a secret stays behind.
    pub fn take_string(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.map.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.malformed(name, "is not a string")),
        }
    }

    pub fn take_secret(&mut self, name: &'static str, grammar: Grammar) -> Result<Option<Secret>, Fault> {
        self.take_string(name)?.map(|text| grammar.read(name, text)).transpose()
    }

    pub fn take_required(&mut self, name: &'static str) -> Result<String, Fault> {
        self.take_string(name)?.ok_or(Fault::MissingMember { what: self.what, member: name })
    }

    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let strings =
            value.as_array().and_then(|list| list.iter().map(|item| Some(item.as_str()?.to_owned())).collect());
        strings.map(Some).ok_or_else(|| self.malformed(name, "is not a list of strings"))
    }

    /// The fault of a member that has the wrong type or form.
    pub fn malformed(&self, name: &str, reason: &str) -> Fault {
        Fault::malformed(self.what, format!("{} {reason}", sanitize(name)))
    }
}
