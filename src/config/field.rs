//! How a field of a zone is read, written and shown, by its type.

use serde_json::{Value as Json, json};
use toml_edit::{Array, InlineTable, Value};

use super::reader::Reader;
use super::row::{Field, Row};
use super::value::ValueKind;
use super::{Fault, SecretLocation, SettingValue};

/// A field that a zone can't be without.
impl Field for String {
    fn kind(&self) -> ValueKind {
        ValueKind::One
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        *self = reader.value(row.key)?.ok_or_else(|| reader.missing(row.key))?;
        Ok(())
    }

    fn encode(&self, _row: &Row) -> Option<Value> {
        Some(self.as_str().into())
    }

    fn set(&mut self, _row: &Row, texts: &[&str]) -> Result<(), String> {
        if let Some(text) = texts.last() {
            *self = Self::from_text(text)?;
        }
        Ok(())
    }

    fn show(&self, _row: &Row) -> Option<Json> {
        Some(json!(self))
    }
}

impl<T: SettingValue> Field for Option<T> {
    fn kind(&self) -> ValueKind {
        T::KIND
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        *self = reader.value(row.key)?;
        Ok(())
    }

    fn encode(&self, _row: &Row) -> Option<Value> {
        self.as_ref().map(|value| value.to_text().into())
    }

    fn set(&mut self, _row: &Row, texts: &[&str]) -> Result<(), String> {
        if let Some(text) = texts.last() {
            *self = Some(T::from_text(text)?);
        }
        Ok(())
    }

    fn show(&self, _row: &Row) -> Option<Json> {
        Some(json!(self.as_ref().map(T::to_text).or(T::DEFAULT.map(str::to_owned))))
    }

    fn choices(&self) -> Vec<&'static str> {
        T::choices()
    }

    fn check(&self) -> Result<(), String> {
        self.as_ref().map_or(Ok(()), T::check)
    }
}

impl<T: SettingValue> Field for Vec<T> {
    fn kind(&self) -> ValueKind {
        ValueKind::Many
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        self.set(row, &reader.list(row.key)?).map_err(|reason| reader.wrong(row.key, reason))
    }

    fn encode(&self, _row: &Row) -> Option<Value> {
        (!self.is_empty()).then(|| self.iter().map(T::to_text).collect::<Array>().into())
    }

    fn set(&mut self, row: &Row, texts: &[&str]) -> Result<(), String> {
        let splits = row.separator == Some(' ');
        let parts = texts.iter().flat_map(|text| if splits { text.split_whitespace().collect() } else { vec![*text] });
        *self = parts.map(T::from_text).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn show(&self, _row: &Row) -> Option<Json> {
        Some(self.iter().map(T::to_text).collect())
    }

    fn check(&self) -> Result<(), String> {
        self.iter().try_for_each(T::check)
    }
}

impl Field for bool {
    fn kind(&self) -> ValueKind {
        ValueKind::Switch
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        *self = reader.flag(row.key)?;
        Ok(())
    }

    fn encode(&self, _row: &Row) -> Option<Value> {
        self.then(|| true.into())
    }

    fn set(&mut self, _row: &Row, _texts: &[&str]) -> Result<(), String> {
        *self = true;
        Ok(())
    }

    fn show(&self, _row: &Row) -> Option<Json> {
        Some(json!(self))
    }
}

/// Names and values; names may repeat.
impl Field for Vec<(String, String)> {
    fn kind(&self) -> ValueKind {
        ValueKind::Many
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        *self = reader.pairs(row.key)?;
        Ok(())
    }

    /// An inline table; names that repeat need an array of `[name, value]`.
    fn encode(&self, _row: &Row) -> Option<Value> {
        let repeats = self.iter().enumerate().any(|(at, (name, _))| self[..at].iter().any(|(other, _)| other == name));
        let pairs = self.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        (!self.is_empty()).then(|| {
            if repeats {
                pairs.map(|(name, value)| Value::from(Array::from_iter([name, value]))).collect()
            } else {
                pairs.collect::<InlineTable>().into()
            }
        })
    }

    fn set(&mut self, row: &Row, texts: &[&str]) -> Result<(), String> {
        let separator = row.separator.unwrap_or('=');
        let pair = |text: &&str| {
            let (name, value) = text.split_once(separator).ok_or_else(|| format!("must be NAME{separator}VALUE"))?;
            Ok::<_, String>((name.to_owned(), value.to_owned()))
        };
        *self = texts.iter().map(pair).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn show(&self, row: &Row) -> Option<Json> {
        let separator = row.separator.unwrap_or('=');
        Some(self.iter().map(|(name, value)| format!("{name}{separator}{value}")).collect())
    }
}

/// Two rows: the key itself says that the secret is stored, the key with `_ref` where it is read.
impl Field for SecretLocation {
    fn kind(&self) -> ValueKind {
        ValueKind::Secret
    }

    fn decode(&mut self, row: &Row, reader: &Reader<'_>) -> Result<(), Fault> {
        let Some(text) = reader.string(row.key)? else { return Ok(()) };
        let result = match row.key.strip_suffix("_ref") {
            Some(key) if *self != Self::None => Err(format!("and {key} exclude each other")),
            Some(_) => self.set(row, &[text]),
            None if text == "stored" => {
                *self = Self::Stored;
                Ok(())
            }
            None => Err(format!(
                "can only be \"stored\"; the secret itself is never in this file; {}_ref names its source",
                row.key
            )),
        };
        result.map_err(|reason| reader.wrong(row.key, reason))
    }

    fn encode(&self, row: &Row) -> Option<Value> {
        match (self, row.key.ends_with("_ref")) {
            (Self::Stored, false) => Some("stored".into()),
            (Self::Referenced(source), true) => Some(source.to_string().into()),
            _ => None,
        }
    }

    fn set(&mut self, _row: &Row, texts: &[&str]) -> Result<(), String> {
        if let Some(text) = texts.last() {
            *self = Self::Referenced(SettingValue::from_text(text)?);
        }
        Ok(())
    }

    fn show(&self, row: &Row) -> Option<Json> {
        match (self, row.key.ends_with("_ref")) {
            (Self::Referenced(source), true) => Some(json!(source.to_string())),
            (_, true) => None,
            (_, false) => Some(json!(self.as_str())),
        }
    }
}
