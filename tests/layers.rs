//! The house keeps its storeys: who may use whom, which crate lives in which room, how long a file may be.
//!
//! The law is in the lists below. [`faults`] is a plain function of sources, so that planted ones prove that it
//! sees what it must see.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/functions.rs"]
mod functions;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use circles::circles;
use sources::{Token, UsedPath, before_tests, is_test, paths, read_sources, tokens};

/// The storeys, the lowest first. A room uses only rooms of lower storeys; rooms on one storey do not know each other.
const STOREYS: &[&[&str]] = &[
    &["secret", "text", "hex"],
    &["redaction"],
    &["oauth", "jose", "identity", "edges"],
    &["source"],
    &["http", "store", "config"],
    &["shared_cache"],
    &["error"],
    &["output"],
    &["context"],
    &["flows", "guard"],
    &["gate", "proxy", "doctor", "sandbox"],
    &["commands"],
    &["cli"],
    &["main", "lib"],
];

/// Crates with a border: who may name them.
const BORDERS: &[(&[&str], &[&str])] = &[
    (&["reqwest", "rustls", "rustls_native_certs", "tokio_rustls"], &["http"]),
    (&["rcgen", "flate2"], &["sandbox"]),
    (&["x509_cert"], &["sandbox", "http", "jose"]),
    (&["keyring", "keyring_core", "secret_service", "chacha20poly1305", "argon2"], &["store"]),
    (&["toml_edit", "directories"], &["config"]),
    (&["jsonwebtoken", "aws_lc_rs"], &["jose"]),
    (&["redis"], &["shared_cache"]),
    (&["hyper", "hyper_util"], &["sandbox", "http"]),
    (&["clap", "clap_complete", "clap_complete_nushell", "clap_mangen"], &["cli", "commands", "lib"]),
    (&["comfy_table", "unicode_width"], &["output"]),
    (&["dialoguer"], &["edges"]),
];

/// Names that say nothing about what is inside. (`commands/helper` speaks of credential helpers, a protocol's word.)
const FORBIDDEN_NAMES: &[&str] = &["util", "utils", "common", "helpers", "manager", "misc", "mod"];

/// The longest a file may be before its tests, in lines.
const LONGEST: usize = 400;

/// The longest the median file may be before its tests, in lines.
const LONGEST_MEDIAN: usize = 120;

/// The longest a function may be, in lines.
const LONGEST_FUNCTION: usize = 80;

/// How many of a hundred functions may have a name of one word; see [`functions::one_word_names`].
const MOST_ONE_WORD_NAMES: usize = 40;

#[test]
fn house_is_in_order() {
    let sources = read_sources("src");
    assert!(sources.len() > 10, "the sources were not found");
    let found: Vec<String> =
        sources.iter().flat_map(|(path, text)| faults(path, text)).chain(median_fault(&sources)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn there_are_no_circles_and_no_long_functions() {
    let found = circles_and_long_functions(&read_sources("src"));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn at_most_half_of_functions_have_one_word_names() {
    let (one_word, all) = functions::one_word_names(&read_sources("src"));
    let share = (one_word * 100).div_ceil(all);
    println!("{one_word} of {all} functions have a name of one word: {share} %");
    assert!(
        share <= MOST_ONE_WORD_NAMES,
        "{one_word} of {all} functions have a name of one word: {share} %, at most {MOST_ONE_WORD_NAMES} %"
    );
}

fn circles_and_long_functions(sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for circle in circles(sources) {
        let size = circle.len();
        let lines = circle.iter().map(|(file, uses)| (file, uses.join(", ")));
        found.extend(lines.map(|(file, uses)| format!("{file}: in a circle of {size} files, of which it uses {uses}")));
    }
    for (path, text) in sources {
        let long = functions::functions(path, text).into_iter().filter(|f| f.lines > LONGEST_FUNCTION);
        found.extend(
            long.map(|f| format!("{path}:{}: `{}` has {} lines, at most {LONGEST_FUNCTION}", f.line, f.name, f.lines)),
        );
    }
    found
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

    let tokens = tokens(path, code);
    let paths = paths(path, &tokens);
    for used in rooms_used(&paths) {
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
    for named in crates_named(&tokens, &paths) {
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

/// The rooms that a file names, by `crate::` or by climbing out of its own room with `super::`.
fn rooms_used(paths: &[UsedPath]) -> BTreeSet<String> {
    paths.iter().filter_map(|used| absolute(used)?.into_iter().next()).collect()
}

/// The path from the root of the crate; nothing when it begins with a crate or a name in scope.
fn absolute(used: &UsedPath) -> Option<Vec<String>> {
    let mut module = used.module.clone();
    let mut rest = used.segments.as_slice();
    let mut climbs = false;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "crate" => module.clear(),
            "super" => drop(module.pop()?),
            "self" => {}
            _ => break,
        }
        (climbs, rest) = (true, others);
    }
    climbs.then(|| [module.as_slice(), rest].concat())
}

/// The crates that a file names at the beginning of a path. A module of the same name is not the crate.
fn crates_named(tokens: &[Token], paths: &[UsedPath]) -> BTreeSet<String> {
    let is_module = |name: &String| tokens.windows(2).any(|pair| pair[0].text == "mod" && pair[1].text == *name);
    let begins_path = |used: &&UsedPath| used.segments.len() > 1 || used.binding.is_some();
    paths.iter().filter(begins_path).map(|used| used.segments[0].clone()).filter(|name| !is_module(name)).collect()
}

fn median_fault(sources: &BTreeMap<String, String>) -> Option<String> {
    let code = sources.iter().filter(|(path, _)| !is_test(path));
    let mut lengths: Vec<usize> = code.map(|(_, text)| before_tests(text).lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    (median > LONGEST_MEDIAN).then(|| format!("the median file has {median} lines, at most {LONGEST_MEDIAN}"))
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
fn upward_import_is_caught_in_every_spelling() {
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
fn sideways_import_is_caught() {
    caught("http/client.rs", "use crate::store::File;", "same storey");
    caught("config/zone.rs", "use crate::http;", "same storey");
    caught("oauth/token.rs", "use crate::edges::Moment;", "same storey");
    caught("secret.rs", "use crate::text::sanitize;", "same storey");
    caught("gate/server.rs", "use crate::doctor::probe;", "same storey");
    caught("flows/obtain.rs", "use crate::guard;", "same storey");
}

#[test]
fn what_roof_lends_is_caught_below() {
    caught("http/client.rs", "use crate::Secret;", "lent by lib.rs");
    allowed("main.rs", "fn main() { hallpass::main() }");
}

#[test]
fn downward_import_is_allowed() {
    allowed("http/client.rs", "use crate::oauth::message::Message; use crate::{edges::Clock, secret::Secret, text};");
    allowed("http/client.rs", "use crate::http::Fault; use super::retry; use super::super::edges::Clock;");
    allowed("gate/server.rs", "use crate::{flows::obtain, guard};");
    allowed("lib.rs", "mod cli; pub use edges::Edges; use crate::cli::run;");
    allowed("oauth/token.rs", "mod inner { use super::super::message; }");
}

#[test]
fn crate_outside_its_room_is_caught() {
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
fn module_or_field_of_that_name_is_not_crate() {
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
fn conditional_item_does_not_hide_rest() {
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

#[test]
fn circle_and_long_function_are_found() {
    let long = format!("fn seed() {{\n{}}}\n", "f();\n".repeat(LONGEST_FUNCTION - 1));
    let sources: BTreeMap<String, String> = [
        ("http.rs", "mod a; mod b;"),
        ("http/a.rs", "use super::b::B; pub struct A;"),
        ("http/b.rs", "use super::a::A; pub struct B;"),
        ("c.rs", &long),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect();
    let found = circles_and_long_functions(&sources);
    assert_eq!(
        found,
        [
            "http/a.rs: in a circle of 2 files, of which it uses http/b.rs",
            "http/b.rs: in a circle of 2 files, of which it uses http/a.rs",
            "c.rs:1: `seed` has 81 lines, at most 80"
        ]
    );
}
