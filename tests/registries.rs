//! Each kind of thing is listed once: a second list of the same names would be one more place to forget.
//!
//! CONTRIBUTING.md says which places a new one needs; the ceilings here are those numbers.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::{Token, is_test, read_sources, tokens};

type Files = BTreeMap<String, Vec<Token>>;

fn read_files() -> Files {
    let files = read_sources("src").into_iter().filter(|(path, _)| !is_test(path));
    files.map(|(path, text)| (path.clone(), tokens(&path, &text))).collect()
}

/// The variants of an enum.
fn variants(tokens: &[Token], name: &str) -> BTreeSet<String> {
    let start = tokens.windows(3).position(|next| next[0].text == "enum" && next[1].text == name).unwrap() + 2;
    let (mut depth, mut found) = (0, BTreeSet::new());
    for pair in tokens[start..].windows(2) {
        match pair[0].text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            text if depth == 1 && pair[0].is_name && matches!(pair[1].text.as_str(), "," | "(" | "{" | "}") => {
                found.insert(text.to_owned());
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// The strings that follow this name and one sign, as in `plain("text", …)`.
fn strings_after(tokens: &[Token], name: &str) -> BTreeSet<String> {
    let after = tokens.iter().enumerate().filter(|(_, token)| token.text == name);
    let strings = after.filter_map(|(i, _)| tokens[i + 1..].iter().take(4).find(|next| next.text.starts_with('"')));
    strings.map(|token| token.text.trim_matches('"').to_owned()).collect()
}

/// The files that have more than half of these words, each as `PREFIX::word`, or as a string where there is no prefix.
fn files_that_list<'a>(files: &'a Files, words: &BTreeSet<String>, prefix: Option<&str>) -> Vec<&'a str> {
    assert!(words.len() > 3, "the registry was not found: {words:?}");
    let lists = |tokens: &[Token]| {
        let found: BTreeSet<&str> = match prefix {
            Some(prefix) => {
                let paths = tokens.windows(3).filter(|next| next[0].text == prefix && next[1].text == "::");
                paths.map(|next| next[2].text.as_str()).collect()
            }
            None => tokens.iter().map(|token| token.text.trim_matches('"')).collect(),
        };
        words.iter().filter(|word| found.contains(word.as_str())).count() * 2 > words.len()
    };
    files.iter().filter(|(_, tokens)| lists(tokens)).map(|(path, _)| path.as_str()).collect()
}

#[test]
fn setting_is_in_two_places() {
    let files = read_files();
    let table = &files["config/table.rs"];
    let rows = table.windows(4).filter(|next| next[0].text == "row" && next[2].text == "(" && next[3].is_name);
    let keys = rows.map(|next| next[3].text.clone()).collect();
    assert_eq!(files_that_list(&files, &keys, None), ["config/table.rs", "config/zone.rs"]);
}

#[test]
fn subcommand_is_one_line_of_registry() {
    let files = read_files();
    let strings: Files = files.into_iter().map(|(path, tokens)| (path, only_strings(tokens))).collect();
    let names = strings_after_entries(&strings["cli.rs"]);
    assert_eq!(files_that_list(&strings, &names, None), ["cli.rs"]);
}

#[test]
fn format_is_one_row() {
    let files = read_files();
    let [plain, shell] = ["plain", "shell"].map(|make| strings_after(&files["output/format.rs"], make));
    let names = plain.union(&shell).cloned().collect();
    let strings: Files = files.into_iter().map(|(path, tokens)| (path, only_strings(tokens))).collect();
    assert_eq!(files_that_list(&strings, &names, None), ["output/format.rs"]);
}

/// The places within the sources; those in the tests come on top.
#[test]
fn grant_method_and_source_are_listed_where_contributing_says() {
    let files = read_files();
    for (file, name, most) in
        [("oauth/grant.rs", "Grant", 5), ("oauth/client_auth.rs", "Method", 3), ("source.rs", "Source", 2)]
    {
        let variants = variants(&files[file], name);
        let listed = files_that_list(&files, &variants, Some(name)).into_iter();
        // The sandbox is one place: it answers for what the client side knows.
        let mut places: BTreeSet<_> =
            listed.map(|path| if path.starts_with("sandbox/") { "sandbox" } else { path }).collect();
        places.insert(file);
        assert!(places.len() <= most, "{name} is listed in {places:?}; at most {most} places");
    }
}

fn only_strings(tokens: Vec<Token>) -> Vec<Token> {
    tokens.into_iter().filter(|token| token.text.starts_with('"')).collect()
}

fn strings_after_entries(strings: &[Token]) -> BTreeSet<String> {
    let names =
        hallpass::command().get_subcommands().map(|command| command.get_name().to_owned()).collect::<BTreeSet<_>>();
    let listed: BTreeSet<String> = strings.iter().map(|token| token.text.trim_matches('"').to_owned()).collect();
    names.intersection(&listed).cloned().collect()
}

#[test]
fn second_list_is_noticed() {
    let code = "enum Grant { A, B(u8), C { x: u8 }, D } fn f(g: Grant) { (Grant::A, Grant::B, Grant::C) }";
    let files =
        Files::from([("a.rs".to_owned(), tokens("a.rs", code)), ("b.rs".to_owned(), tokens("b.rs", "Grant::A"))]);
    let variants = variants(&files["a.rs"], "Grant");
    assert_eq!(variants.iter().map(String::as_str).collect::<Vec<_>>(), ["A", "B", "C", "D"]);
    assert_eq!(files_that_list(&files, &variants, Some("Grant")), ["a.rs"]);
}
