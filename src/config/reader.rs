//! Reads TOML and names the place of what is wrong in it.

use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value};

use super::{Fault, SettingValue};
use crate::text::{sanitize, similar::find_similar};

/// Parses a file; the result still knows where everything is.
pub fn parse(text: &str, path: &Path) -> Result<Document<String>, Fault> {
    Document::parse(text.to_owned()).map_err(|error| {
        let (line, column) = locate(text, error.span().map_or(0, |span| span.start));
        // The whole display of the error repeats the line, which may hold a secret.
        Fault::Invalid { path: path.to_owned(), line, column, reason: sanitize(error.message()) }
    })
}

/// Line and column (in characters), both from 1, of a byte offset.
pub fn locate(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].trim_start_matches('\u{feff}').chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

/// One table of a document, read key by key.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    pub table: &'a dyn TableLike,
    /// The tables that it is in and its own name, from the outermost; empty for the root.
    names: [&'a str; 2],
    header: Option<&'a Item>,
}

impl<'a> Reader<'a> {
    pub fn root(document: &'a Document<String>, path: &'a Path) -> Self {
        Self { path, text: document.raw(), table: document.as_table(), names: [""; 2], header: None }
    }

    /// The table at a key; `None` when the key is absent.
    pub fn table(&self, key: &str) -> Result<Option<Self>, Fault> {
        let Some((key, item)) = self.table.get_key_value(key) else { return Ok(None) };
        let table = item.as_table_like().ok_or_else(|| self.wrong(key, "must be a table"))?;
        let names = if self.names[0].is_empty() { [key.get(), ""] } else { [self.names[0], key.get()] };
        Ok(Some(Self { table, names, header: Some(item), ..*self }))
    }

    /// A string that is not empty.
    pub fn string(&self, key: &str) -> Result<Option<&'a str>, Fault> {
        self.table.get(key).map(|item| self.item_string(key, item)).transpose()
    }

    /// A value of a setting's type.
    pub fn value<T: SettingValue>(&self, key: &str) -> Result<Option<T>, Fault> {
        self.string(key)?.map(|text| T::from_text(text).map_err(|reason| self.wrong(key, reason))).transpose()
    }

    /// `true` or `false`; `false` when the key is absent.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(false) };
        item.as_bool().ok_or_else(|| self.wrong(key, "must be true or false"))
    }

    /// Several strings: an array, or one string alone.
    pub fn list(&self, key: &str) -> Result<Vec<&'a str>, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(Vec::new()) };
        if item.is_str() {
            return Ok(vec![self.item_string(key, item)?]);
        }
        let strings = item.as_array().and_then(|array| array.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        strings
            .filter(|strings| !strings.contains(&""))
            .ok_or_else(|| self.wrong(key, "must be an array of strings that are not empty"))
    }

    /// Names and values: a table, or an array of `[name, value]` where names may repeat.
    pub fn pairs(&self, key: &str) -> Result<Vec<(String, String)>, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(Vec::new()) };
        let pair = |value: &Value| match value.as_array()?.iter().collect::<Vec<_>>()[..] {
            [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
            _ => None,
        };
        let pairs: Option<Vec<_>> = if let Some(table) = item.as_table_like() {
            table.iter().map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned()))).collect()
        } else {
            item.as_array().and_then(|array| array.iter().map(pair).collect())
        };
        pairs.ok_or_else(|| self.wrong(key, "must be a table of strings, or an array of [name, value]"))
    }

    /// A fault at the value of a key, or at the table when the key is absent.
    pub fn wrong(&self, key: &str, reason: impl Into<String>) -> Fault {
        let entry = self.table.get_key_value(key);
        let span = entry.and_then(|(key, item)| item.span().or_else(|| key.span()));
        let span = span.or_else(|| self.header.and_then(Item::span));
        let (line, column) = self.locate(span);
        let reason = format!("{} {}", self.full_name(key), reason.into());
        Fault::Invalid { path: self.path.to_owned(), line, column, reason }
    }

    /// A fault of a key that must be there, or of the one that may be it, misspelt.
    pub fn missing(&self, key: &str) -> Fault {
        match self.table.iter().find(|(typed, _)| !find_similar(typed, [key]).is_empty()) {
            Some((typed, _)) => self.wrong(typed, format!("is not a setting; did you mean {key}?")),
            None => self.wrong(key, "is missing"),
        }
    }

    /// A warning about a key, with file and line.
    pub fn warning(&self, key: &str, what: &str) -> String {
        let entry = self.table.get_key_value(key);
        let (line, _) = self.locate(entry.and_then(|(key, item)| key.span().or_else(|| item.span())));
        format!("{}:{line}: {} {what}", self.path.display(), self.full_name(key))
    }

    /// Warnings about the keys that are not known.
    pub fn unknown_keys(&self, known: &[&str]) -> impl Iterator<Item = String> {
        let unknown = self.table.iter().map(|(key, _)| key).filter(|key| !known.contains(key));
        unknown.map(|key| {
            let guess = find_similar(key, known.iter().copied());
            let guess = guess.first().map(|meant| format!("; did you mean {meant}?"));
            self.warning(key, &format!("is not a setting and is ignored{}", guess.unwrap_or_default()))
        })
    }

    fn locate(&self, span: Option<Range<usize>>) -> (usize, usize) {
        locate(self.text, span.map_or(0, |span| span.start))
    }

    /// The key with the tables that it is in, as `zones.ci.scope`.
    fn full_name(&self, key: &str) -> String {
        let names = self.names.into_iter().chain([key]).filter(|name| !name.is_empty());
        sanitize(&names.collect::<Vec<_>>().join("."))
    }

    fn item_string(&self, key: &str, item: &'a Item) -> Result<&'a str, Fault> {
        let text = item.as_str().ok_or_else(|| self.wrong(key, "must be a string"))?;
        if text.is_empty() { Err(self.wrong(key, "must not be empty")) } else { Ok(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn lines_and_columns_begin_at_one() {
        assert_eq!(locate("", 0), (1, 1));
        assert_eq!(locate("a = 1\r\nü = 2\n", 7), (2, 1));
        assert_eq!(locate("a = 1\r\nü = 2\n", 12), (2, 5));
        assert_eq!(locate("\u{feff}a = 1", 3), (1, 1));
        assert_eq!(locate("a\n", 99), (2, 1));
    }
}
