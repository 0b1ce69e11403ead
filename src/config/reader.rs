//! Reads TOML and says where something is wrong.

use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value};

use super::{Fault, SettingValue};
use crate::text::sanitize;

/// Parses a text; the result still knows where everything stands.
pub fn parse(text: &str, path: &Path) -> Result<Document<String>, Fault> {
    Document::parse(text.to_owned()).map_err(|error| {
        let (line, column) = locate(text, error.span().map_or(0, |span| span.start));
        // The whole display of the error repeats the line, which may hold a secret.
        let reason = sanitize(error.message());
        Fault::Syntax { path: path.to_owned(), line, column, reason }
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
pub struct Reader<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub table: &'a dyn TableLike,
    /// The table's name, as `zones.ci`; empty for the root.
    pub name: &'a str,
    pub span: Option<Range<usize>>,
}

impl<'a> Reader<'a> {
    /// A text that is not empty.
    pub fn string(&self, key: &str) -> Result<Option<&'a str>, Fault> {
        self.table.get(key).map(|item| self.item_string(key, item)).transpose()
    }

    /// As [`Reader::string`], as an owned text.
    pub fn owned(&self, key: &str) -> Result<Option<String>, Fault> {
        Ok(self.string(key)?.map(str::to_owned))
    }

    /// A value of a setting's type.
    pub fn value<T: SettingValue>(&self, key: &str) -> Result<Option<T>, Fault> {
        let text = self.string(key)?;
        text.map(|text| T::from_text(text).map_err(|reason| self.wrong(key, reason))).transpose()
    }

    /// `true` or `false`; `false` when the key is absent.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(false) };
        item.as_bool().ok_or_else(|| self.wrong(key, "must be true or false"))
    }

    /// Several texts: an array, or one text alone.
    pub fn list(&self, key: &str) -> Result<Vec<String>, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(Vec::new()) };
        if item.is_str() {
            return Ok(vec![self.item_string(key, item)?.to_owned()]);
        }
        let array = item.as_array().ok_or_else(|| self.wrong(key, "must be an array of texts"))?;
        let texts = array.iter().map(|value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned));
        texts.collect::<Option<_>>().ok_or_else(|| self.wrong(key, "must be an array of texts that are not empty"))
    }

    /// Names and values: a table, or an array of `[name, value]` where names may repeat.
    pub fn pairs(&self, key: &str) -> Result<Vec<(String, String)>, Fault> {
        let Some(item) = self.table.get(key) else { return Ok(Vec::new()) };
        let pair = |value: &Value| match value.as_array()?.iter().collect::<Vec<_>>()[..] {
            [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
            _ => None,
        };
        let pairs = if let Some(table) = item.as_table_like() {
            table.iter().map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned()))).collect()
        } else {
            item.as_array().and_then(|array| array.iter().map(pair).collect())
        };
        let pairs: Option<Vec<_>> = pairs;
        pairs.ok_or_else(|| self.wrong(key, "must be a table of texts, or an array of [name, value]"))
    }

    /// A fault at the value of a key, or at the table when the key is absent.
    pub fn wrong(&self, key: &str, reason: impl Into<String>) -> Fault {
        let (line, column) = locate(self.text, self.place(key).map_or(0, |span| span.start));
        let key = if self.name.is_empty() { sanitize(key) } else { sanitize(&format!("{}.{key}", self.name)) };
        Fault::Value { path: self.path.to_owned(), line, column, key, reason: reason.into() }
    }

    fn place(&self, key: &str) -> Option<Range<usize>> {
        let key = self.table.get_key_value(key);
        key.and_then(|(key, item)| item.span().or_else(|| key.span())).or_else(|| self.span.clone())
    }

    fn item_string(&self, key: &str, item: &'a Item) -> Result<&'a str, Fault> {
        let text = item.as_str().ok_or_else(|| self.wrong(key, "must be a text"))?;
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
