//! Strings among claims; what is null or of another type counts as absent.

use std::collections::HashSet;
use std::hash::Hash;

use serde_json::{Map, Value};

pub fn find_text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The items in their order, each once, in linear time: an answer may name 100,000 roles.
pub fn remove_repeated<T: Hash + Eq + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

pub fn list_texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
