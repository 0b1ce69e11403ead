//! Writes a zone into its table of the file, and leaves alone what did not change.

use toml_edit::{Array, Item, RawString, TableLike, Value};

use super::Zone;
use super::table::SETTINGS;

/// Writes the zone into its table: keys whose meaning did not change keep their line, the others their comments.
pub fn write(table: &mut dyn TableLike, old: Option<&Zone>, new: &Zone) {
    for row in &SETTINGS {
        let (key, value) = (row.key, |zone| (row.get)(zone).encode(row));
        let wanted = value(new);
        let present = table.contains_key(key);
        let before = old.filter(|_| present).and_then(value);
        if present && is_same(before.as_ref(), wanted.as_ref()) {
            continue;
        }
        match wanted {
            Some(wanted) => put(table, key, wanted),
            None if present => drop(drop_key(table, key)),
            None => {}
        }
    }
}

fn is_same(a: Option<&Value>, b: Option<&Value>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.to_string() == b.to_string())
}

/// Sets a key; a line that is there keeps its place and the comment behind it.
pub fn put(table: &mut dyn TableLike, key: &str, mut wanted: Value) {
    match table.get_mut(key) {
        Some(Item::Value(present)) => {
            if let (Some(array), Some(texts)) = (present.as_array_mut(), wanted.as_array())
                && merge_lines(array, texts)
            {
                return;
            }
            *wanted.decor_mut() = present.decor().clone();
            *present = wanted;
        }
        Some(other) => *other = Item::Value(wanted),
        None => drop(table.insert(key, Item::Value(wanted))),
    }
}

/// Changes an array of one string per line by removing and appending lines, so that the comments of the others stay;
/// gives whether that was possible.
fn merge_lines(array: &mut Array, wanted: &Array) -> bool {
    let (Some(lines), Some(want)) = (Line::of(array), read_strings(wanted)) else { return false };
    let mut kept: Vec<Line> = lines.into_iter().filter(|line| want.contains(&line.text)).collect();
    let have: Vec<_> = kept.iter().map(|line| line.text.clone()).collect();
    let Some(indent) = kept.last().and_then(|line| line.above.rfind('\n').map(|at| line.above[at..].to_owned())) else {
        return false;
    };
    if !want.starts_with(&have) {
        return false;
    }
    kept.extend(want[have.len()..].iter().map(|text| Line {
        above: indent.clone(),
        text: text.clone(),
        behind: String::new(),
    }));
    let opening = decor_text(array.get(0).and_then(|first| first.decor().prefix()));
    let mut behind = opening.split_once('\n').map_or(String::new(), |(line, _)| line.to_owned());
    let closing = array.trailing().as_str().and_then(|text| text.find('\n').map(|at| text[at..].to_owned()));
    array.clear();
    for line in kept {
        array.push_formatted(Value::from(line.text).decorated(format!("{behind}{}", line.above), ""));
        behind = line.behind;
    }
    array.set_trailing(format!("{behind}{}", closing.unwrap_or_else(|| "\n".to_owned())));
    array.set_trailing_comma(true);
    true
}

/// An element of an array that is on a line of its own.
struct Line {
    /// From the end of the line before: comments and the indentation.
    above: String,
    text: String,
    /// Behind the comma, to the end of the line.
    behind: String,
}

impl Line {
    /// The elements; `None` when two share a line, or the last one has no comma.
    fn of(array: &Array) -> Option<Vec<Self>> {
        let mut starts: Vec<_> = array.iter().map(|value| decor_text(value.decor().prefix())).collect();
        starts.push(array.trailing().as_str().unwrap_or_default().to_owned());
        let plain =
            array.trailing_comma() && array.iter().all(|value| decor_text(value.decor().suffix()).trim().is_empty());
        let split: Option<Vec<_>> =
            starts.iter().filter(|_| plain).map(|start| start.find('\n').map(|at| start.split_at(at))).collect();
        let split = split.filter(|split| split.len() == array.len() + 1)?;
        let lines = read_strings(array)?.into_iter().zip(split.windows(2));
        Some(
            lines
                .map(|(text, pair)| Self { above: pair[0].1.to_owned(), text, behind: pair[1].0.to_owned() })
                .collect(),
        )
    }
}

fn read_strings(array: &Array) -> Option<Vec<String>> {
    array.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

/// Whitespace and comments as they are in the file.
pub fn decor_text(text: Option<&RawString>) -> String {
    text.and_then(RawString::as_str).unwrap_or_default().to_owned()
}

/// Removes a key and its line. The comments above it move to the next key; they are returned when there is none.
pub fn drop_key(table: &mut dyn TableLike, key: &str) -> Option<String> {
    let keys: Vec<(String, bool)> = table.iter().map(|(key, item)| (key.to_owned(), item.is_value())).collect();
    let above = decor_text(table.key(key).and_then(|key| key.leaf_decor().prefix()));
    let next = keys.iter().skip_while(|(name, _)| name != key).skip(1).find(|(_, value)| *value);
    table.remove(key);
    if !above.contains('#') {
        return None;
    }
    let Some(mut next) = next.and_then(|(next, _)| table.key_mut(next)) else { return Some(above) };
    let own = decor_text(next.leaf_decor().prefix());
    next.leaf_decor_mut().set_prefix(format!("{above}{own}"));
    None
}
