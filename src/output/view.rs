//! What a command answers, before it is known who reads it.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::secret::Secret;

/// An answer: its members are its JSON, with the RFCs' names and only ever added to; this is how a person reads it.
pub trait Render: Json {
    fn text(&self) -> Text;

    /// Whether the answer is no (exit 1): inactive, not listed, expired, not there.
    fn negative(&self) -> bool {
        false
    }

    /// What was done even if the answer can't be printed, and how to read what it holds.
    fn rescue(&self) -> Option<String> {
        None
    }
}

pub trait Json {
    fn json(&self) -> Value;
}

impl<T: Serialize> Json for T {
    fn json(&self) -> Value {
        // Our views have only string keys, so this always succeeds.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The text form of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Nothing on stdout: the exit code is the answer.
    Nothing,
    Line(String),
    Lines(Vec<String>),
    /// Names and values of one thing.
    Fields(Vec<(String, String)>),
    /// Many things: a table on a terminal; in a pipe, lines of tab-separated values without the head.
    Table {
        head: &'static [&'static str],
        /// One row per thing, as wide as the head.
        rows: Vec<Vec<String>>,
    },
    /// A document of our own making, printed byte for byte.
    Document(String),
}

impl Text {
    /// A table whose columns are these members of the rows' JSON.
    pub fn table(head: &'static [&'static str], rows: &[impl Serialize]) -> Self {
        let row = |row| {
            let members = serde_json::to_value(row).unwrap_or_default();
            head.iter().map(|name| to_named_cell(name, &members[*name])).collect()
        };
        Self::Table { head, rows: rows.iter().map(row).collect() }
    }

    /// The members of one thing, by the names of its JSON.
    pub fn members(view: &impl Serialize) -> Self {
        let value = serde_json::to_value(view).unwrap_or_default();
        Self::Fields(
            value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), to_cell(value))).collect(),
        )
    }

    /// As a pipe gets it.
    pub fn in_file(&self) -> String {
        super::ui::rendered(self, false, None)
    }
}

/// A value without quotes.
pub fn to_cell(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A cell of a table: nothing for null, a list in one line, and the column's name for what is true.
fn to_named_cell(name: &str, value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => name.to_owned(),
        Value::Array(items) => items.iter().map(to_cell).collect::<Vec<_>>().join(" "),
        other => to_cell(other),
    }
}

#[derive(JsonSchema)]
#[schemars(inline)]
pub struct Printed(#[schemars(with = "String")] pub Secret);

impl Serialize for Printed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}
