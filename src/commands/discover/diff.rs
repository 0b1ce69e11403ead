//! What differs between the metadata of two issuers.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::output::{Render, Text, to_cell};

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
        Text::Table { head: &["member", "first", "second"], rows: self.differences.iter().map(row).collect() }
    }

    fn negative(&self) -> bool {
        !self.differences.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Differences;
    use crate::output::Render as _;

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
