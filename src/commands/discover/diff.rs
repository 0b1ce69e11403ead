//! What differs between the metadata of two issuers.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::shape;
use crate::output::{Text, View};

/// The JSON answer of `discover --diff`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The two issuers.
    issuers: [String; 2],
    /// The members that differ.
    differences: Vec<Difference>,
}

/// A member that differs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Difference {
    /// The member.
    name: String,
    /// Its value at the first issuer and at the second; null where it is absent.
    values: [Option<Value>; 2],
}

/// The members that differ. Lists are compared as sets: servers shuffle them.
pub struct Answer {
    issuers: [String; 2],
    members: Vec<(String, Option<Value>, Option<Value>)>,
}

impl Answer {
    /// Compares two documents.
    pub fn of(issuer: &str, one: &Map<String, Value>, issuer2: &str, other: &Map<String, Value>) -> Self {
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let members = names
            .into_iter()
            .filter(|name| !same(one.get(*name), other.get(*name)))
            .map(|name| (name.clone(), one.get(name).cloned(), other.get(name).cloned()))
            .collect();
        Self { issuers: [issuer.to_owned(), issuer2.to_owned()], members }
    }
}

fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            texts(one) == texts(other)
        }
        (one, other) => one == other,
    }
}

impl View for Answer {
    fn json(&self) -> Value {
        let difference = |(name, one, other): &(String, Option<Value>, Option<Value>)| Difference {
            name: name.clone(),
            values: [one.clone(), other.clone()],
        };
        let differences = self.members.iter().map(difference).collect();
        shape(&Shape { issuers: self.issuers.clone(), differences })
    }

    fn text(&self) -> Text {
        let cell = |value: &Option<Value>| match value {
            None => "(absent)".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let rows = self.members.iter().map(|(name, one, other)| vec![name.clone(), cell(one), cell(other)]).collect();
        Text::Table { head: &["member", "first", "second"], rows }
    }

    fn negative(&self) -> bool {
        !self.members.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Answer;
    use crate::output::View;

    #[test]
    fn shuffled_lists_are_the_same_and_a_missing_member_differs() {
        let one = json!({"a": ["x", "y"], "b": "1"});
        let other = json!({"a": ["y", "x"]});
        let answer = Answer::of("i", one.as_object().unwrap(), "j", other.as_object().unwrap());
        assert_eq!(answer.json()["differences"], json!([{"name": "b", "values": ["1", null]}]));
        assert!(answer.negative());
    }
}
