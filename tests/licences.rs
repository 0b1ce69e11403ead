//! Every dependency has a licence that `deny.toml` allows, and none is banned there. `cargo deny` checks the same and
//! more; this part needs nothing but cargo.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What `deny.toml` says.
struct Law {
    allowed: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
    banned: BTreeSet<String>,
}

impl Law {
    fn read() -> Self {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
        let law: toml_edit::DocumentMut = text.parse().unwrap();
        let names = |value: &toml_edit::Value| -> BTreeSet<String> {
            value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let tables = |value: &toml_edit::Item| -> Vec<toml_edit::InlineTable> {
            value.as_array().unwrap().iter().map(|table| table.as_inline_table().unwrap().clone()).collect()
        };
        let text = |table: &toml_edit::InlineTable, key: &str| table.get(key).unwrap().as_str().unwrap().to_owned();
        Self {
            allowed: names(law["licenses"]["allow"].as_value().unwrap()),
            exceptions: tables(&law["licenses"]["exceptions"])
                .iter()
                .map(|table| (text(table, "name"), names(table.get("allow").unwrap())))
                .collect(),
            banned: tables(&law["bans"]["deny"]).iter().map(|table| text(table, "crate")).collect(),
        }
    }

    fn allows(&self, name: &str, licence: &str) -> bool {
        let more = self.exceptions.get(name);
        let words = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut at = 0;
        let good =
            either(&words, &mut at, &|id| self.allowed.contains(id) || more.is_some_and(|more| more.contains(id)));
        good && at == words.len()
    }
}

/// `a OR b`: OR binds weaker than AND (SPDX annex D).
fn either(words: &[&str], at: &mut usize, good: &dyn Fn(&str) -> bool) -> bool {
    let mut result = both(words, at, good);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= both(words, at, good);
    }
    result
}

fn both(words: &[&str], at: &mut usize, good: &dyn Fn(&str) -> bool) -> bool {
    let mut result = one(words, at, good);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, good);
    }
    result
}

fn one(words: &[&str], at: &mut usize, good: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let result = either(words, at, good);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return result && closed;
    }
    // An exception only ever grants more, but it makes another licence of it: only its alternatives count.
    if words.get(*at) == Some(&"WITH") {
        *at += 2;
        return false;
    }
    good(word)
}

#[test]
fn every_dependency_has_allowed_licence_and_none_is_banned() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--locked", "--format-version", "1"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let answer = cargo.output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let metadata: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "the dependencies were not found");
    let law = Law::read();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        if !law.allows(name, licence) {
            wrong.push(format!("{name}: {licence}"));
        }
        if law.banned.contains(name) {
            wrong.push(format!("{name} is banned"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn law_is_read_as_it_is_written() {
    let law = Law::read();
    for good in
        ["MIT", "MIT OR GPL-3.0", "GPL-3.0 OR MIT", "Apache-2.0/GPL-2.0", "(MIT OR X) AND (ISC OR Y)", "X AND Y OR MIT"]
    {
        assert!(law.allows("any", good), "{good}");
    }
    for bad in [
        "none",
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT",
        "MIT)",
        "MIT MIT",
        "MPL-2.0",
        "GPL-2.0 WITH MIT",
        "(MIT OR X) AND Y",
    ] {
        assert!(!law.allows("any", bad), "{bad}");
    }
    assert!(law.allows("option-ext", "MPL-2.0"));
    assert!(law.banned.contains("openssl-sys"));
}
