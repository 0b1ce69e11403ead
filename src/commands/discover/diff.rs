//! What differs between the metadata of two issuers.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::output::{Cell, Render, Style, Table, Text, to_cell};

/// The members that differ. Lists are compared as sets: servers shuffle them.
#[derive(Serialize, JsonSchema)]
pub struct Differences {
    /// The two issuers.
    issuers: [String; 2],
    /// The members that differ.
    differences: Vec<Difference>,
}

/// A member that differs.
#[derive(Serialize, JsonSchema)]
pub struct Difference {
    /// The member.
    name: String,
    /// Its value at the first issuer and at the second; null where it is absent.
    values: [Option<Value>; 2],
}

impl Differences {
    pub fn between(issuer: &str, one: &Map<String, Value>, issuer2: &str, other: &Map<String, Value>) -> Self {
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let differences = names
            .into_iter()
            .map(|name| Difference { name: name.clone(), values: [one.get(name).cloned(), other.get(name).cloned()] })
            .filter(|Difference { values: [one, other], .. }| !equal_as_sets(one.as_ref(), other.as_ref()))
            .collect();
        Self { issuers: [issuer.to_owned(), issuer2.to_owned()], differences }
    }

    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Difference {
    /// What a person compares: the members of an object one by one, of two lists and of two URLs only what differs.
    fn screen_rows(&self) -> Vec<Vec<Cell>> {
        let [one, other] = [&self.values[0], &self.values[1]].map(Option::as_ref);
        if let (Some(Value::Object(one)), Some(Value::Object(other))) = (one, other) {
            let inner = Differences::between("", one, "", other).differences.into_iter();
            let inner = inner.map(|inner| Self { name: format!("{}.{}", self.name, inner.name), ..inner });
            return inner.flat_map(|inner| inner.screen_rows()).collect();
        }
        let [first, second] = match (one, other) {
            (Some(Value::Array(one)), Some(Value::Array(other))) => [only_in(one, other), only_in(other, one)],
            (Some(Value::String(one)), Some(Value::String(other))) => without_common_segments(one, other),
            _ => [one, other].map(|value| match value {
                None => "(absent)".to_owned(),
                Some(Value::Array(items)) => items.iter().map(to_cell).collect::<Vec<_>>().join(" "),
                Some(value) => to_cell(value),
            }),
        };
        vec![vec![Cell::from(&self.name).style(Style::Name), first.into(), second.into()]]
    }
}

/// The items of a list that another one lacks.
fn only_in(list: &[Value], other: &[Value]) -> String {
    let items: Vec<String> = list.iter().filter(|item| !other.contains(item)).map(to_cell).collect();
    if items.is_empty() { "(nothing else)".to_owned() } else { items.join(" ") }
}

/// Two URLs with `…` for the segments at the start and at the end that they have in common.
fn without_common_segments(one: &str, other: &str) -> [String; 2] {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    let shorter = ours.len().min(theirs.len());
    let same_start = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count().min(shorter - 1);
    let same_end = ours.iter().rev().zip(theirs.iter().rev()).take_while(|(one, other)| one == other).count();
    let same_end = same_end.min(shorter - 1 - same_start);
    [ours, theirs].map(|segments| {
        let [start, end] = [same_start, same_end].map(|count| if count > 2 { (count, "…") } else { (0, "") });
        let kept = segments[start.0..segments.len() - end.0].join("/");
        [start.1, if start.0 > 0 { "/" } else { "" }, &kept, if end.0 > 0 { "/" } else { "" }, end.1].concat()
    })
}

fn equal_as_sets(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            texts(one) == texts(other)
        }
        (one, other) => one == other,
    }
}

impl Render for Differences {
    fn text(&self) -> Text {
        let cell = |value: &Option<Value>| value.as_ref().map_or_else(|| "(absent)".to_owned(), to_cell);
        let row = |Difference { name, values: [one, other] }: &Difference| vec![name.clone(), cell(one), cell(other)];
        let rows = self.differences.iter().map(row).collect();
        let screen = self.differences.iter().flat_map(Difference::screen_rows).collect();
        Text::Shown { screen: Table { head: &["member", "first", "second"], rows: screen, ..Table::default() }, rows }
    }

    fn negative(&self) -> bool {
        !self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Differences, without_common_segments};
    use crate::output::Render as _;

    #[test]
    fn common_segments_of_urls_are_left_out() {
        let base = "https://sso.example/realms";
        for (one, other, shown) in [
            (format!("{base}/a/protocol/oidc/token"), format!("{base}/b/protocol/oidc/token"), ["…/a/…", "…/b/…"]),
            (format!("{base}/a"), format!("{base}/b"), ["…/a", "…/b"]),
            ("https://x/t".to_owned(), "https://y/t".to_owned(), ["https://x/t", "https://y/t"]),
            (String::new(), "a/b/c/d".to_owned(), ["", "a/b/c/d"]),
        ] {
            assert_eq!(without_common_segments(&one, &other), shown, "{one} {other}");
        }
    }

    #[test]
    fn shuffled_lists_are_same_and_missing_member_differs() {
        let one = json!({"a": ["x", "y"], "b": "1"});
        let other = json!({"a": ["y", "x"]});
        let answer = Differences::between("i", one.as_object().unwrap(), "j", other.as_object().unwrap());
        assert_eq!(
            serde_json::to_value(&answer).unwrap()["differences"],
            json!([{"name": "b", "values": ["1", null]}])
        );
        assert!(answer.negative());
    }
}
