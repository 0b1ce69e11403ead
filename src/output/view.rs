//! What a command answers, before it is known who reads it.

use serde_json::Value;

/// The answer of a command: one JSON shape with the RFCs' member names, and one text form.
pub trait View {
    /// The machine form. Members are only ever added.
    fn json(&self) -> Value;

    /// The human form.
    fn text(&self) -> Text;

    /// Whether the answer is no (exit 1): inactive, not listed, expired, not there.
    fn negative(&self) -> bool {
        false
    }

    /// What was done all the same, should the answer not arrive, and how to come to what it holds.
    fn rescue(&self) -> Option<String> {
        None
    }
}

/// The text form of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Nothing on stdout: the deed itself is the answer.
    Nothing,
    /// One value on one line.
    Line(String),
    /// Values, one per line.
    Lines(Vec<String>),
    /// Names and values of one thing.
    Fields(Vec<(String, String)>),
    /// Many things: a table on a terminal; in a pipe, lines of tab-separated values without the head.
    Table {
        /// The names of the columns.
        head: &'static [&'static str],
        /// One row per thing, as wide as the head.
        rows: Vec<Vec<String>>,
    },
    /// A document of our own making, given out byte for byte.
    Document(String),
}
