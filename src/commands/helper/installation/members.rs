//! Members of docker's configuration, added and removed without changing the rest.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

const OBJECT: &str = "credHelpers";

/// The helper that docker's configuration names for a host.
pub fn find_helper(text: &str, host: &str) -> Result<Option<String>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let whole: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(whole.get(OBJECT).and_then(|hosts| hosts.get(host)?.as_str()).map(str::to_owned))
}

/// The text with one more host.
pub fn add_helper(text: &str, host: &str, helper: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Ok(format!("{{\n\t{}\n}}\n", object_with(host, helper)));
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let object = members.get(OBJECT).map(|raw| raw.get());
    let (at, line, is_empty) = if let Some(hosts) = object {
        let at = hosts.as_ptr() as usize - text.as_ptr() as usize;
        let known: BTreeMap<String, &RawValue> = serde_json::from_str(hosts).map_err(|error| error.to_string())?;
        (at + 1, format!("\n\t\t{}", member(host, helper)), known.is_empty())
    } else {
        let at = text.find('{').ok_or("it is not an object")?;
        (at + 1, format!("\n\t{}", object_with(host, helper)), members.is_empty())
    };
    Ok(format!("{}{line}{}{}", &text[..at], if is_empty { "" } else { "," }, &text[at..]))
}

/// The text without what [`add_helper`] added. Where docker has written the file since, it is written as docker does.
pub fn remove_helper(text: &str, host: &str, helper: &str) -> Result<String, String> {
    let whole = format!("\n\t{}", object_with(host, helper));
    let one = format!("\n\t\t{}", member(host, helper));
    if text == format!("{{{whole}\n}}\n") {
        return Ok(String::new());
    }
    for line in [whole, one] {
        for added in [format!("{line},"), line] {
            let without = text.replacen(&added, "", 1);
            if without != text && serde_json::from_str::<serde_json::Value>(&without).is_ok() {
                return Ok(without);
            }
        }
    }
    let mut whole: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(hosts) = whole.get_mut(OBJECT).and_then(|hosts| hosts.as_object_mut()) {
        hosts.shift_remove(host);
        if hosts.is_empty() {
            whole.as_object_mut().map(|members| members.shift_remove(OBJECT));
        }
    }
    let mut bytes = Vec::new();
    let tabs = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    serde::Serialize::serialize(&whole, &mut serde_json::Serializer::with_formatter(&mut bytes, tabs))
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn member(host: &str, helper: &str) -> String {
    format!("{}: {}", serde_json::Value::from(host), serde_json::Value::from(helper))
}

fn object_with(host: &str, helper: &str) -> String {
    format!("\"{OBJECT}\": {{\n\t\t{}\n\t}}", member(host, helper))
}

#[cfg(test)]
mod tests {
    use super::{add_helper, find_helper, remove_helper};

    #[test]
    fn docker_file_is_as_before_after_removal() {
        for before in [
            "",
            "{}",
            "{ }\n",
            "{\"auths\": {}}",
            "{\n\t\"auths\": {\n\t\t\"h\": {}\n\t},\n\t\"credsStore\": \"x\"\n}",
            "{\"credHelpers\":{}}",
            "{\n  \"credHelpers\": {\n    \"other\": \"y\"\n  },\n  \"a\": [1, 2]\n}\n",
            "{\"a\": \"{\\\"credHelpers\\\": {}}\", \"credHelpers\": {\"other\": \"y\"}}",
        ] {
            let after = add_helper(before, "h.example:5000", "hallpass").unwrap();
            assert_eq!(find_helper(&after, "h.example:5000").unwrap().as_deref(), Some("hallpass"), "{after}");
            assert!(before.is_empty() || find_helper(&after, "other") == find_helper(before, "other"));
            assert_eq!(remove_helper(&after, "h.example:5000", "hallpass").unwrap(), before, "{after}");
            let two = add_helper(&after, "b", "hallpass").unwrap();
            let one = remove_helper(&two, "h.example:5000", "hallpass").unwrap();
            assert_eq!(find_helper(&one, "b").unwrap().as_deref(), Some("hallpass"), "{two}\n{one}");
        }
        let rewritten = "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"a\": \"x\",\n\t\t\"h\": \"hallpass\"\n\t}\n}";
        let removed = remove_helper(rewritten, "h", "hallpass").unwrap();
        assert_eq!(removed, "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"a\": \"x\"\n\t}\n}");
        assert!(add_helper("[]", "h", "x").is_err() && find_helper("{", "h").is_err());
    }
}
