//! The English of the house: which phrases and names nothing may use.
//!
//! `tests/words/phrases.txt` and `tests/words/names.txt` have the words with their plain ones. They are looked for in
//! the sources, the tests, the manual pages and the documents.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the house writes them in small letters")]

mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use sources::{read_sources, tokens};

const PHRASES: &str = include_str!("words/phrases.txt");
const NAMES: &str = include_str!("words/names.txt");

/// A word of the lists.
struct Rule {
    words: Vec<String>,
    plain: String,
    /// Longer phrases in which it may stand.
    unless: Vec<String>,
    /// The only places where it counts; everywhere when there is none.
    places: Vec<String>,
}

#[test]
fn plain_words_alone_are_used() {
    let found = findings(&texts(Path::new(env!("CARGO_MANIFEST_DIR"))));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Every text of the house by its path.
fn texts(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for directory in ["src", "tests"] {
        found.extend(read_sources(directory).into_iter().map(|(path, text)| (format!("{directory}/{path}"), text)));
    }
    found.remove("tests/words.rs");
    for directory in ["", "docs", "man"] {
        for entry in std::fs::read_dir(root.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "md" || end == "1") {
                let name = Path::new(directory).join(path.file_name().unwrap());
                found.insert(name.to_str().unwrap().replace('\\', "/"), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn findings(texts: &BTreeMap<String, String>) -> Vec<String> {
    let (phrases, names) = (rules(PHRASES), rules(NAMES));
    let in_names =
        |path: &str, text: &str| if path.ends_with(".rs") { names_in(path, text, &names) } else { Vec::new() };
    texts.iter().flat_map(|(path, text)| [phrases_in(path, text, &phrases), in_names(path, text)].concat()).collect()
}

/// Reads `word|word -> plain | unless: phrase, phrase` and `name name -> plain | in: place place`.
fn rules(list: &str) -> Vec<Rule> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (words, rest) = line.split_once(" -> ").unwrap();
            let (plain, unless) = rest.split_once(" | unless: ").unwrap_or((rest, ""));
            let (plain, places) = plain.split_once(" | in: ").unwrap_or((plain, ""));
            let split = |text: &str, mark: char| -> Vec<String> {
                text.split(mark).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
            };
            let mark = if list.contains(" | in: ") { ' ' } else { '|' };
            Rule {
                words: split(words, mark),
                plain: plain.to_owned(),
                unless: split(unless, ','),
                places: split(places, ' '),
            }
        })
        .collect()
}

fn phrases_in(path: &str, text: &str, rules: &[Rule]) -> Vec<String> {
    let (text, lines) = running_text(path, text);
    let mut found = Vec::new();
    for rule in rules {
        let allowed: Vec<(usize, usize)> =
            rule.unless.iter().flat_map(|phrase| whole_words(&text, &phrase.to_lowercase())).collect();
        for word in &rule.words {
            for (begin, end) in whole_words(&text, &word.to_lowercase()) {
                if !allowed.iter().any(|(from, to)| *from <= begin && end <= *to) {
                    found.push(format!("{path}:{}: \"{word}\" is: {}", lines[begin], rule.plain));
                }
            }
        }
    }
    found
}

/// The text in small letters on one line, without the marks of comments, of continued strings and of roff; and the line
/// that each byte is from.
fn running_text(path: &str, text: &str) -> (String, Vec<usize>) {
    let (mut running, mut lines) = (String::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        let mut line = line.trim().to_lowercase();
        if path.ends_with(".rs") {
            line = line.trim_start_matches(['/', '!']).trim_end_matches('\\').to_string();
        } else if path.ends_with(".1") {
            line = ["\\fb", "\\fi", "\\fr"].iter().fold(line, |line, font| line.replace(font, ""));
            line = line.replace("\\-", "-").replace("\\*(aq", "'");
        }
        for word in line.replace('`', "").split_whitespace() {
            running.push_str(word);
            running.push(' ');
            lines.resize(running.len(), number + 1);
        }
    }
    (running, lines)
}

/// Where a phrase begins and ends, not as a piece of a longer word.
fn whole_words(text: &str, phrase: &str) -> Vec<(usize, usize)> {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let begins = text.match_indices(phrase).filter(|(begin, _)| {
        let end = begin + phrase.len();
        let before = part_of_word(phrase.chars().next()) && part_of_word(text[..*begin].chars().next_back());
        let behind = part_of_word(phrase.chars().next_back()) && part_of_word(text[end..].chars().next());
        !before && !behind
    });
    begins.map(|(begin, _)| (begin, begin + phrase.len())).collect()
}

fn names_in(path: &str, text: &str, rules: &[Rule]) -> Vec<String> {
    let rules: Vec<&Rule> = rules
        .iter()
        .filter(|rule| rule.places.is_empty() || rule.places.iter().any(|place| path.starts_with(place.as_str())))
        .collect();
    let tokens = tokens(path, text);
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| token.is_name) {
        let defines = i > 0 && matches!(tokens[i - 1].text.as_str(), "fn" | "mod");
        if !defines && !token.text.starts_with(|c: char| c.is_uppercase()) {
            continue;
        }
        if let Some(rule) = rules.iter().find(|rule| rule.words.contains(&token.text)) {
            found.push(format!("{path}:{}: `{}` is: {}", token.line, token.text, rule.plain));
        }
    }
    found
}

// --- the test sees what it must see -----------------------------------------------------------------------------------

#[track_caller]
fn caught(path: &str, text: &str, what: &str) {
    let found = findings(&BTreeMap::from([(path.to_owned(), text.to_owned())]));
    assert!(found.len() == 1 && found[0].contains(what), "not caught once in {path}: {text}\nfound: {found:?}");
}

#[track_caller]
fn allowed(path: &str, text: &str) {
    let found = findings(&BTreeMap::from([(path.to_owned(), text.to_owned())]));
    assert!(found.is_empty(), "{path}: {text}\nfound: {found:?}");
}

#[test]
fn every_phrase_of_list_is_caught() {
    for rule in rules(PHRASES) {
        for word in &rule.words {
            let found = phrases_in("README.md", &format!("It {word}."), &rules(PHRASES));
            assert!(found.iter().any(|fault| fault.contains(&format!("\"{word}\""))), "{word}: {found:?}");
        }
    }
}

#[test]
fn phrase_is_caught_in_messages_comments_and_pages() {
    caught("src/a.rs", "fn f() -> &'static str { \"the folder is gone\" }", "src/a.rs:1: \"folder\" is: directory");
    caught("src/a.rs", "/// It asks\n/// nobody at all.\nstruct A;", "src/a.rs:1: \"asks nobody\"");
    caught("src/a.rs", "const A: &str = \"it is done \\\n                 all the same\";", "all the same");
    caught("man/hallpass.1", "Speak for this \\fBzone\\fR", "speak for this zone");
    caught("man/hallpass.1", "As \\-\\-token\\-endpoint", "as --token-endpoint");
    caught("README.md", "The secret `rests in` the vault", "rests in");
    caught("tests/cli/a.rs", "fn f() { g(\"Begun ANEW\") }", "anew");
}

#[test]
fn longer_word_or_phrase_is_not_word() {
    allowed(
        "src/a.rs",
        "// It recommends amendments; there is none. It stands in for the other.\nstruct A { option: B }",
    );
    allowed("src/a.rs", "fn f(x: Option<u8>) -> bool { x.is_none() }");
}

#[test]
fn name_is_caught_where_it_is_looked_for() {
    caught("src/flows/a.rs", "use crate::b::Wish;", "`Wish` is: TokenOptions");
    caught("src/store/a.rs", "pub(super) fn rehearse() {}", "`rehearse` is:");
    caught("src/flows.rs", "mod leftover;", "`leftover`");
    caught("tests/room/mod.rs", "impl Room { pub fn hides(&self) {} }", "`hides`");
    allowed("src/cli/a.rs", "fn f() { let sent = once(1); }");
    allowed("src/commands/a.rs", "struct Answer { exchange: Exchange }");
}
