//! The house keeps its storeys: who may use whom, which crate lives in which room, how long a file may be.
//!
//! The law stands in the lists below. [`faults`] is a plain function of sources, so that planted ones prove that it
//! sees what it must see.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The storeys, the lowest first. A room uses only rooms of lower storeys; rooms on one storey do not know each other.
const STOREYS: &[&[&str]] = &[
    &["secret", "text"],
    &["redaction"],
    &["oauth", "jose", "identity", "edges"],
    &["source"],
    &["http", "store", "config"],
    &["error"],
    &["output"],
    &["context"],
    &["flows", "guard"],
    &["gate", "doctor", "sandbox"],
    &["commands"],
    &["cli"],
    &["main", "lib"],
];

/// Crates with a border: who may name them.
const BORDERS: &[(&[&str], &[&str])] = &[
    (&["reqwest", "rustls", "rustls_native_certs", "tokio_rustls"], &["http"]),
    (&["rcgen", "flate2"], &["sandbox"]),
    (&["x509_cert"], &["sandbox", "http"]),
    (&["keyring", "keyring_core", "secret_service", "chacha20poly1305", "argon2"], &["store"]),
    (&["toml_edit", "directories"], &["config"]),
    (&["jsonwebtoken", "aws_lc_rs"], &["jose"]),
    (&["hyper", "hyper_util"], &["sandbox", "http"]),
    (&["clap", "clap_complete", "clap_complete_nushell", "clap_mangen"], &["cli", "commands", "lib"]),
    (&["comfy_table"], &["output"]),
    (&["dialoguer"], &["edges"]),
];

/// Names that say nothing about what is inside. (`commands/helper` speaks of credential helpers, a protocol's word.)
const FORBIDDEN_NAMES: &[&str] = &["util", "utils", "common", "helpers", "manager", "misc", "mod"];

/// The longest a file may be before its tests, in lines.
const LONGEST: usize = 400;

/// The longest the median file may be before its tests, in lines.
const LONGEST_MEDIAN: usize = 120;

#[test]
fn the_house_is_in_order() {
    let sources = sources();
    assert!(sources.len() > 10, "the sources were not found");
    let found: Vec<String> =
        sources.iter().flat_map(|(path, text)| faults(path, text)).chain(median_fault(&sources)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Everything wrong with one file. `path` is relative to `src/`, with `/`.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    if path.split('/').any(|part| FORBIDDEN_NAMES.contains(&part.trim_end_matches(".rs"))) {
        found.push(format!("{path}: `{stem}` is a name that says nothing"));
    }
    let room = room_of(path);
    let Some(storey) = storey_of(room) else {
        found.push(format!("{path}: the room `{room}` stands on no storey; add it to STOREYS or move the file"));
        return found;
    };
    if is_test(path) {
        return found;
    }
    let code = before_tests(text);
    let lines = code.lines().count();
    if lines > LONGEST {
        found.push(format!("{path}: {lines} lines before its tests, at most {LONGEST}"));
    }

    let tokens = tokens(code);
    for used in rooms_used(path, &tokens) {
        match storey_of(&used) {
            _ if used == room => {}
            Some(theirs) if theirs < storey => {}
            Some(theirs) if theirs == storey && !matches!(room, "main" | "lib") => {
                found.push(format!("{path}: `{room}` uses `{used}`, which is on the same storey"));
            }
            Some(_) if matches!(room, "main" | "lib") => {}
            Some(_) => found.push(format!("{path}: `{room}` uses `{used}`, which is on a higher storey")),
            // A name re-exported by lib.rs, so by the roof.
            None if room == "lib" || room == "main" => {}
            None => found.push(format!("{path}: `crate::{used}` is lent by lib.rs; name the room itself")),
        }
    }
    for named in crates_named(&tokens) {
        if let Some((_, rooms)) = BORDERS.iter().find(|(crates, _)| crates.contains(&named.as_str()))
            && !rooms.contains(&room)
        {
            found.push(format!("{path}: `{named}` may only be named in {}", rooms.join(", ")));
        }
    }
    found
}

/// The first part of the path: `http/client.rs` and `http.rs` are both `http`.
fn room_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn storey_of(room: &str) -> Option<usize> {
    STOREYS.iter().position(|storey| storey.contains(&room))
}

/// Whether a whole file is a room's tests: `http/tests.rs`, `http/tests/retries.rs`.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The text up to the first `#[cfg(test)]` that begins a module at the margin.
fn before_tests(text: &str) -> &str {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut offset = 0;
    for (number, line) in lines.iter().enumerate() {
        let item = lines[number..].iter().find(|line| !line.starts_with("#["));
        let is_module = item.is_some_and(|item| item.starts_with("mod ") && item.trim_end().ends_with('{'));
        if line.starts_with("#[cfg(test)]") && is_module {
            return &text[..offset];
        }
        offset += line.len();
    }
    text
}

/// Identifiers, `::` and single signs; comments, texts and characters are left out.
fn tokens(code: &str) -> Vec<String> {
    let chars: Vec<char> = code.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                while i < chars.len() {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => depth += 1,
                        ('*', '/') => depth -= 1,
                        _ => {
                            i += 1;
                            continue;
                        }
                    }
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                }
            }
            'r' | 'b' | 'c' if raw_text(&chars, i).is_some() => i = raw_text(&chars, i).unwrap_or(i + 1),
            '"' => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            // A character, or a lifetime.
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            c if c.is_alphanumeric() || c == '_' => {
                let begin = i;
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                found.push(chars[begin..i].iter().collect());
            }
            ':' if at(i + 1) == ':' => {
                found.push("::".to_owned());
                i += 2;
            }
            c if c.is_whitespace() => i += 1,
            c => {
                found.push(c.to_string());
                i += 1;
            }
        }
    }
    found
}

/// The end of the raw text (`r"…"`, `br#"…"#`) that begins here, if one does.
fn raw_text(chars: &[char], begin: usize) -> Option<usize> {
    if begin > 0 && chars.get(begin - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let mut i = begin;
    while matches!(chars.get(i), Some('b' | 'c')) && i < begin + 1 {
        i += 1;
    }
    if chars.get(i) != Some(&'r') {
        return None;
    }
    i += 1;
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    i += hashes;
    if chars.get(i) != Some(&'"') {
        return None;
    }
    i += 1;
    while i < chars.len() {
        if chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    Some(chars.len())
}

/// The rooms that a file names, by `crate::` or by climbing out of its own room with `super::`.
fn rooms_used(path: &str, tokens: &[String]) -> BTreeSet<String> {
    // `src/http/client.rs` is `crate::http::client`: two `super` lead to the root of the crate.
    let depth = path.trim_end_matches(".rs").split('/').filter(|part| !matches!(*part, "lib" | "main")).count();
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        if i > 0 && tokens[i - 1] == "::" {
            continue;
        }
        let (mut next, mut climbing) = (i + 1, false);
        match token.as_str() {
            "crate" => {}
            "super" => {
                let mut climbed = 1;
                while tokens.get(next).is_some_and(|t| t == "::") && tokens.get(next + 1).is_some_and(|t| t == "super")
                {
                    climbed += 1;
                    next += 2;
                }
                if climbed < depth {
                    continue;
                }
                climbing = true;
            }
            _ => continue,
        }
        if tokens.get(next).is_some_and(|t| t == "::") {
            // From inside an inline module `super` climbs less far than counted: then it meets no room's name.
            let met = first_segments(&tokens[next + 1..]).into_iter();
            found.extend(met.filter(|name| !climbing || storey_of(name).is_some()));
        }
    }
    found
}

/// The first segment of a path, or of each path of a `{…}` group.
fn first_segments(tokens: &[String]) -> Vec<String> {
    let Some(first) = tokens.first() else { return Vec::new() };
    if first != "{" {
        return vec![first.clone()];
    }
    let (mut depth, mut expect, mut found) = (0, false, Vec::new());
    for token in tokens {
        match token.as_str() {
            "{" => {
                depth += 1;
                expect = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => expect = depth == 1,
            _ if expect => {
                found.push(token.clone());
                expect = false;
            }
            _ => {}
        }
    }
    found
}

/// The bordered crates that a file names at the beginning of a path. A module of the same name is not the crate.
fn crates_named(tokens: &[String]) -> BTreeSet<String> {
    let before = |i: usize| i.checked_sub(1).and_then(|i| tokens.get(i)).map_or("", String::as_str);
    let modules: BTreeSet<&str> =
        (1..tokens.len()).filter(|i| before(*i) == "mod").map(|i| tokens[i].as_str()).collect();
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let path_begins = before(i) != "::" || !i.checked_sub(2).is_some_and(|i| is_name(&tokens[i]));
        let names_it = tokens.get(i + 1).is_some_and(|next| next == "::")
            || matches!(before(i), "use" | "extern" | "crate") && !modules.contains(token.as_str());
        if path_begins && names_it && !modules.contains(token.as_str()) {
            found.insert(token.clone());
        }
        // use {reqwest, …}
        if token == "use" && tokens.get(i + 1).is_some_and(|next| next == "{") {
            found.extend(first_segments(&tokens[i + 1..]));
        }
    }
    found
}

/// Whether a `::` after this token continues a path, rather than beginning one (`use ::reqwest`).
fn is_name(token: &str) -> bool {
    const KEYWORDS: &[&str] =
        &["use", "as", "dyn", "impl", "return", "in", "mut", "for", "where", "else", "match", "if"];
    token == ">" || !KEYWORDS.contains(&token) && token.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn median_fault(sources: &BTreeMap<String, String>) -> Option<String> {
    let code = sources.iter().filter(|(path, _)| !is_test(path));
    let mut lengths: Vec<usize> = code.map(|(_, text)| before_tests(text).lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    (median > LONGEST_MEDIAN).then(|| format!("the median file has {median} lines, at most {LONGEST_MEDIAN}"))
}

fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

// --- the law sees what it must see ------------------------------------------------------------------------------------

#[track_caller]
fn caught(path: &str, text: &str, what: &str) {
    let found = faults(path, text);
    assert!(found.iter().any(|fault| fault.contains(what)), "not caught in {path}: {text}\nfound: {found:?}");
}

#[track_caller]
fn allowed(path: &str, text: &str) {
    assert_eq!(faults(path, text), Vec::<String>::new(), "{path}: {text}");
}

#[test]
fn an_upward_import_is_caught_in_every_spelling() {
    caught("http/client.rs", "use crate::context::Context;", "higher storey");
    caught("http.rs", "use crate :: error;", "higher storey");
    caught("oauth/token.rs", "use crate::{secret::Secret, http::{Client, Fault}};", "uses `http`");
    caught("oauth/token.rs", "fn f() { crate::error::judge() }", "uses `error`");
    caught("oauth/token.rs", "use super::super::output::Ui;", "uses `output`");
    caught("oauth.rs", "use super::output::Ui;", "uses `output`");
    caught("commands/zone/add.rs", "use super::super::super::cli;", "uses `cli`");
    caught("text.rs", "/* c */ use /* d */ crate::edges;", "uses `edges`");
    caught("secret.rs", "impl From<crate::store::Fault> for X {}", "uses `store`");
}

#[test]
fn a_sideways_import_is_caught() {
    caught("http/client.rs", "use crate::store::File;", "same storey");
    caught("config/zone.rs", "use crate::http;", "same storey");
    caught("oauth/token.rs", "use crate::edges::Moment;", "same storey");
    caught("secret.rs", "use crate::text::sanitize;", "same storey");
    caught("gate/server.rs", "use crate::doctor::probe;", "same storey");
    caught("flows/obtain.rs", "use crate::guard;", "same storey");
}

#[test]
fn what_the_roof_lends_is_caught_below() {
    caught("http/client.rs", "use crate::Secret;", "lent by lib.rs");
    allowed("main.rs", "fn main() { hallpass::main() }");
}

#[test]
fn a_downward_import_is_allowed() {
    allowed("http/client.rs", "use crate::oauth::message::Message; use crate::{edges::Clock, secret::Secret, text};");
    allowed("http/client.rs", "use crate::http::Fault; use super::retry; use super::super::edges::Clock;");
    allowed("gate/server.rs", "use crate::{flows::obtain, guard};");
    allowed("lib.rs", "mod cli; pub use edges::Edges; use crate::cli::run;");
    allowed("oauth/token.rs", "mod inner { use super::super::message; }");
}

#[test]
fn a_crate_outside_its_room_is_caught() {
    for (crates, rooms) in BORDERS {
        for name in *crates {
            caught("identity/claims.rs", &format!("use {name}::X;"), "may only be named in");
            caught("identity/claims.rs", &format!("fn f() {{ {name}::x() }}"), "may only be named in");
            caught("identity/claims.rs", &format!("use ::{name}::X;"), "may only be named in");
            caught("identity/claims.rs", &format!("use {name} as other;"), "may only be named in");
            caught("identity/claims.rs", &format!("use {{serde, {name}}};"), "may only be named in");
            caught("identity/claims.rs", &format!("extern crate {name};"), "may only be named in");
            caught("identity/claims.rs", &format!("type T = Vec<{name}::X>;"), "may only be named in");
            for room in *rooms {
                allowed(&format!("{room}/noun.rs"), &format!("use {name}::X;"));
            }
        }
    }
}

#[test]
fn a_module_or_a_field_of_that_name_is_not_the_crate() {
    allowed("edges.rs", "mod keyring; pub use keyring::{Keyring, KeyringFault};");
    allowed("edges/other.rs", "use super::keyring::Keyring; fn f(e: &E) { e.keyring.probe(); let keyring = 1; }");
    allowed("commands/doctor.rs", "use crate::edges::keyring::Keyring;");
}

#[test]
fn texts_comments_and_tests_do_not_count() {
    allowed(
        "secret.rs",
        "//! As crate::http does.\n/* crate::http */ const A: &str = \"crate::http\\\" reqwest::get\";",
    );
    allowed(
        "secret.rs",
        "const A: &str = r#\"crate::http \" reqwest::get\"#; const B: char = '\"'; const C: u8 = b'\\'';",
    );
    allowed("secret.rs", "fn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests {\n    use crate::http;\n}\n");
    allowed("secret.rs", "#[cfg(test)]\n#[cfg(unix)]\nmod tests {\n    use crate::http;\n}\n");
    allowed("http/tests/retries.rs", "use hyper::server; use crate::error;");
    caught("http/retries.rs", "#[cfg(test)]\nmod tests;\nuse crate::error;", "uses `error`");
    caught("secret.rs", "const A: char = '\"'; use crate::http;", "uses `http`");
    caught("secret.rs", "const A: &str = r\"\\\"; use crate::http;", "uses `http`");
}

#[test]
fn a_conditional_item_does_not_hide_the_rest() {
    caught("secret.rs", "#[cfg(test)]\nuse std::fmt;\nuse crate::http;\n", "uses `http`");
}

#[test]
fn long_files_bad_names_and_unknown_rooms_are_caught() {
    caught("http/client.rs", &"\n".repeat(LONGEST + 1), "lines before its tests");
    allowed("http/client.rs", &"\n".repeat(LONGEST));
    allowed("http/client.rs", &format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(500)));
    for name in FORBIDDEN_NAMES {
        caught(&format!("http/{name}.rs"), "", "says nothing");
        caught(&format!("http/{name}/client.rs"), "", "says nothing");
    }
    allowed("commands/helper/git.rs", "");
    caught("attic/box.rs", "", "stands on no storey");
    let short = BTreeMap::from([("a".to_owned(), "\n".repeat(120)), ("b".to_owned(), "\n".repeat(300))]);
    assert!(median_fault(&short).is_some());
    let short = BTreeMap::from([("a".to_owned(), "\n".repeat(120))]);
    assert!(median_fault(&short).is_none());
}
