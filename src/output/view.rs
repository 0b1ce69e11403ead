//! What a command answers, before it is known who reads it.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::cell::Cell;
use super::color::Style;
use super::layout::Screen;
use super::table::{Table, draw_fields};
use crate::secret::Secret;
use crate::text::{escape_control, sanitize};

/// An answer: its members are its JSON, with the RFCs' names and only ever added to; this is how a person reads it.
pub trait Render: Json {
    fn text(&self) -> Text;

    /// Whether the answer is no (exit 1): inactive, not listed, expired, not there.
    fn negative(&self) -> bool {
        false
    }

    /// Whether it is a document of somebody else, which gets no warnings of ours.
    fn is_foreign(&self) -> bool {
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
    /// The same, with another form for a terminal.
    Shown {
        screen: Table,
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

    /// A table for a pipe whose columns are these members of the rows' JSON, and another one for a terminal.
    pub fn shown(head: &'static [&'static str], rows: &[impl Serialize], screen: Table) -> Self {
        match Self::table(head, rows) {
            Self::Table { rows, .. } => Self::Shown { screen, rows },
            other => other,
        }
    }

    /// The members of one thing, by the names of its JSON.
    pub fn members(view: &impl Serialize) -> Self {
        let value = serde_json::to_value(view).unwrap_or_default();
        Self::Fields(
            value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), to_cell(value))).collect(),
        )
    }

    /// The text for a terminal, or for a pipe or a file.
    pub fn render(&self, screen: Option<Screen>) -> String {
        let cell = |value: &String| escape_control(value);
        match (self, screen) {
            (Self::Nothing, _) => String::new(),
            (Self::Line(line), _) => {
                // `yes: why` or `no: why`.
                let line = escape_control(line);
                let (word, why) = line.split_at(line.find(": ").unwrap_or_default());
                let word = Style::of_word(word).paint(word, screen.is_some_and(|screen| screen.color));
                format!("{word}{why}\n")
            }
            (Self::Lines(lines), _) => lines.iter().map(|line| escape_control(line) + "\n").collect(),
            (Self::Fields(fields), Some(screen)) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| (name.as_str(), Cell::from(sanitize(value)))).collect();
                draw_fields(&fields, screen, false)
            }
            (Self::Fields(fields), None) => {
                fields.iter().map(|(name, value)| [name, "\t", &escape_control(value), "\n"].concat()).collect()
            }
            (Self::Table { rows, .. } | Self::Shown { rows, .. }, Some(_)) if rows.is_empty() => String::new(),
            (Self::Table { head, rows }, Some(screen)) => {
                let cell = |text: &String| Cell::from(text).style(Style::of_word(text));
                let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
                Table { head, rows, ..Table::default() }.draw(screen)
            }
            (Self::Shown { screen: table, .. }, Some(screen)) => table.draw(screen),
            (Self::Table { rows, .. } | Self::Shown { rows, .. }, None) => {
                rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join("\t") + "\n").collect()
            }
            (Self::Document(document), _) => document.clone(),
        }
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

#[cfg(test)]
mod tests {
    use super::{Screen, Text};

    fn table() -> Text {
        Text::Table { head: &["name", "what"], rows: vec![vec!["a".to_owned(), "x\ty\u{1b}".to_owned()]] }
    }

    #[test]
    fn pipe_gets_tabs_and_no_head() {
        assert_eq!(table().render(None), "a\tx\\u{9}y\\u{1b}\n");
    }

    #[test]
    fn terminal_gets_table() {
        assert_eq!(table().render(Some(Screen::default())), "NAME  WHAT\na     x\\u{9}y\\u{1b}\n");
    }

    #[test]
    fn yes_and_no_are_coloured_on_terminal_alone() {
        let screen = Screen { color: true, columns: None };
        let line = |line: &str, screen| Text::Line(line.to_owned()).render(screen);
        assert_eq!(line("yes: line 2", Some(screen)), "\u{1b}[32myes\u{1b}[0m: line 2\n");
        assert_eq!(line("no: expired", Some(screen)), "\u{1b}[31mno\u{1b}[0m: expired\n");
        assert_eq!(line("no: expired", None), "no: expired\n");
        assert_eq!(line("\u{1b}[2J: x", Some(screen)), "\\u{1b}[2J: x\n");
        let rows = vec![vec!["1".to_owned(), "live".to_owned()]];
        let table = Text::Table { head: &["line", "state"], rows };
        assert!(table.render(Some(screen)).ends_with("1     \u{1b}[32mlive\u{1b}[0m\n"));
        assert_eq!(table.render(None), "1\tlive\n");
    }

    #[test]
    fn value_that_would_command_runner_is_defused() {
        assert_eq!(Text::Line("::stop-commands::x".to_owned()).render(None), "\\u{3a}:stop-commands::x\n");
    }
}
