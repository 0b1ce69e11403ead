//! Whether an answer is what its JSON Schema says, as far as our own schemas go: types, required members, no unknown ones.

#![allow(dead_code, reason = "each test crate uses its part")]

use serde_json::Value;

/// What differs from the schema, each with its place.
pub fn faults(schema: &Value, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, schema, answer, "$", &mut found);
    found
}

fn look(root: &Value, schema: &Value, answer: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = name.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return match target {
            Some(target) => look(root, target, answer, place, found),
            None => found.push(format!("{place}: {name} leads nowhere")),
        };
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[word].as_array() {
            let fits = |choice: &Value| {
                let mut inner = Vec::new();
                look(root, choice, answer, place, &mut inner);
                inner.is_empty()
            };
            if !choices.iter().any(fits) {
                found.push(format!("{place}: fits none of {word}"));
            }
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind, answer)) {
        found.push(format!("{place}: {answer} is not {}", kinds.join(" or ")));
    }
    if let Value::Array(items) = answer {
        for (index, item) in items.iter().enumerate() {
            look(root, &schema["items"], item, &format!("{place}[{index}]"), found);
        }
    }
    let Value::Object(members) = answer else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            found.push(format!("{place}: {name} is missing"));
        }
    }
    let closed = schema["properties"].is_object() && schema.get("additionalProperties").is_none();
    for (name, value) in members {
        match schema["properties"].get(name) {
            Some(inner) => look(root, inner, value, &format!("{place}.{name}"), found),
            None if closed => found.push(format!("{place}: {name} is unknown")),
            None => look(root, &schema["additionalProperties"], value, &format!("{place}.{name}"), found),
        }
    }
}

fn is(kind: &str, answer: &Value) -> bool {
    match kind {
        "string" => answer.is_string(),
        "integer" => answer.is_i64() || answer.is_u64(),
        "number" => answer.is_number(),
        "boolean" => answer.is_boolean(),
        "array" => answer.is_array(),
        "object" => answer.is_object(),
        _ => kind == "null" && answer.is_null(),
    }
}

/// The name of a call's answer among those of `schema`: the words of its subcommand and, where there is one, the flag or
/// argument that makes the answer another one.
pub fn name(names: &[String], arguments: &[String]) -> Option<String> {
    let matches = hallpass::command().try_get_matches_from(arguments).ok()?;
    let (mut words, mut inner) = (Vec::new(), &matches);
    while let Some((word, next)) = inner.subcommand() {
        words.push(word);
        inner = next;
    }
    let leaf = words.join(" ");
    let mut variants: Vec<&String> = names.iter().filter(|name| made_of(name, &leaf, arguments)).collect();
    variants.sort_by_key(|name| name.len());
    variants.last().map(|name| (*name).clone())
}

fn made_of(name: &str, leaf: &str, arguments: &[String]) -> bool {
    let Some(rest) = name.strip_prefix(leaf) else { return false };
    match rest.strip_prefix(' ') {
        None => rest.is_empty(),
        Some(flag) if flag.starts_with("--") => {
            arguments.iter().any(|one| one == flag || one.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
        }
        Some(argument) => {
            let verb = leaf.split(' ').next_back().unwrap_or(leaf);
            let after = arguments.iter().skip_while(|one| *one != verb).skip(1);
            argument.chars().all(char::is_uppercase) && after.into_iter().any(|one| !one.starts_with('-'))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn judge_sees_what_does_not_fit() {
        let schema = json!({"type": "array", "items": {"$ref": "#/$defs/one"}, "$defs": {"one": {
            "type": "object", "required": ["a"],
            "properties": {"a": {"type": ["string", "null"]}, "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        }}});
        assert_eq!(super::faults(&schema, &json!([{"a": "x", "b": 1}, {"a": null}])), [] as [&str; 0]);
        for bad in
            [json!({}), json!([{}]), json!([{"a": 1}]), json!([{"a": "x", "c": 1}]), json!([{"a": "x", "b": "y"}])]
        {
            assert!(!super::faults(&schema, &bad).is_empty(), "{bad}");
        }
        let open = json!({"type": "object", "properties": {}, "additionalProperties": {"type": "integer"}});
        assert!(super::faults(&open, &json!({"x": 1})).is_empty());
        assert!(!super::faults(&open, &json!({"x": "1"})).is_empty());
        let names = ["token", "token list", "header --read", "header", "man", "man DIR"].map(str::to_owned);
        for (line, name) in [
            ("hallpass -z list token --json", "token"),
            ("hallpass token list", "token list"),
            ("hallpass header --read=- --json", "header --read"),
            ("hallpass man --json", "man"),
            ("hallpass man x --json", "man DIR"),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(super::name(&names, &words).as_deref(), Some(name), "{line}");
        }
    }
}
