//! The English of the house: which phrases and names nothing may use.
//!
//! `tests/words/phrases.txt` and `tests/words/names.txt` have the words with their plain ones. They are looked for in
//! the sources, the tests, the manual pages and the documents at the top.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the house writes them in small letters")]

mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use sources::{read_sources, tokens};

const PHRASES: &str = include_str!("words/phrases.txt");
const NAMES: &str = include_str!("words/names.txt");

/// How many each room may still have, one a line: `src/flows 12`. A room that is not listed may have none, and one that
/// has become clean must go; `HALLPASS_BLESS=1 cargo test --test words` lowers and removes, and never raises.
const CEILINGS: &str = "tests/words/ceilings.txt";

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = findings(&texts(root));
    for finding in found.values().flatten() {
        println!("{finding}");
    }
    let path = root.join(CEILINGS);
    let mut ceilings = ceilings(&std::fs::read_to_string(&path).unwrap_or_default());
    if std::env::var_os("HALLPASS_BLESS").is_some() {
        for (room, most) in &mut ceilings {
            *most = (*most).min(found.get(room).map_or(0, Vec::len));
        }
        ceilings.retain(|_, most| *most > 0);
        let lines = ceilings.iter().flat_map(|(room, most)| [room.clone(), format!(" {most}\n")]);
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    }
    let faults = faults(&found, &ceilings);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every text of the house by its path.
fn texts(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for directory in ["src", "tests"] {
        found.extend(read_sources(directory).into_iter().map(|(path, text)| (format!("{directory}/{path}"), text)));
    }
    found.remove("tests/words.rs");
    for directory in ["", "man"] {
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

/// What is wrong, by room.
fn findings(texts: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let (phrases, names) = (rules(PHRASES), rules(NAMES));
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in texts {
        let mut here = phrases_in(path, text, &phrases);
        if path.ends_with(".rs") {
            here.extend(names_in(path, text, &names));
        }
        if !here.is_empty() {
            found.entry(room_of(path)).or_default().extend(here);
        }
    }
    found
}

/// `src/flows` of `src/flows/client.rs`, `man` of a manual page, a document by its name.
fn room_of(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        [top @ ("src" | "tests"), room, ..] => format!("{top}/{}", room.trim_end_matches(".rs")),
        [first, ..] => first.to_owned(),
        [] => String::new(),
    }
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

fn ceilings(list: &str) -> BTreeMap<String, usize> {
    list.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(room, most)| (room.to_owned(), most.parse().unwrap()))
        .collect()
}

fn faults(found: &BTreeMap<String, Vec<String>>, ceilings: &BTreeMap<String, usize>) -> Vec<String> {
    let mut faults = Vec::new();
    for (room, here) in found {
        let most = ceilings.get(room).copied().unwrap_or(0);
        if here.len() > most {
            // Of a room that is not clean yet nobody can tell which are new.
            faults.extend(here.iter().filter(|_| most == 0).cloned());
            faults.push(format!("{room}: {} forbidden words, at most {most}; --nocapture lists them", here.len()));
        }
    }
    for room in ceilings.keys().filter(|room| !found.contains_key(*room)) {
        faults.push(format!("{CEILINGS}: {room} is clean: HALLPASS_BLESS=1 cargo test --test words removes it"));
    }
    faults
}

// --- the test sees what it must see -----------------------------------------------------------------------------------

#[track_caller]
fn caught(path: &str, text: &str, what: &str) {
    let found = findings(&BTreeMap::from([(path.to_owned(), text.to_owned())]));
    let found: Vec<String> = found.into_values().flatten().collect();
    assert!(found.len() == 1 && found[0].contains(what), "not caught once in {path}: {text}\nfound: {found:?}");
}

#[track_caller]
fn allowed(path: &str, text: &str) {
    let found = findings(&BTreeMap::from([(path.to_owned(), text.to_owned())]));
    assert!(found.is_empty(), "{path}: {text}\nfound: {found:?}");
}

#[test]
fn every_phrase_of_the_list_is_caught() {
    for rule in rules(PHRASES) {
        for word in &rule.words {
            let found = phrases_in("README.md", &format!("It {word}."), &rules(PHRASES));
            assert!(found.iter().any(|fault| fault.contains(&format!("\"{word}\""))), "{word}: {found:?}");
        }
    }
}

#[test]
fn a_phrase_is_caught_in_messages_comments_and_pages() {
    caught("src/a.rs", "fn f() -> &'static str { \"the folder is gone\" }", "src/a.rs:1: \"folder\" is: directory");
    caught("src/a.rs", "/// It asks\n/// nobody at all.\nstruct A;", "src/a.rs:1: \"asks nobody\"");
    caught("src/a.rs", "const A: &str = \"it is done \\\n                 all the same\";", "all the same");
    caught("man/hallpass.1", "Speak for this \\fBzone\\fR", "speak for this zone");
    caught("man/hallpass.1", "As \\-\\-token\\-endpoint", "as --token-endpoint");
    caught("README.md", "The secret `rests in` the vault", "rests in");
    caught("tests/cli/a.rs", "fn f() { g(\"Begun ANEW\") }", "anew");
}

#[test]
fn a_longer_word_or_phrase_is_not_the_word() {
    allowed(
        "src/a.rs",
        "// It recommends amendments; there is none. It stands in for the other.\nstruct A { option: B }",
    );
    allowed("src/a.rs", "fn f(x: Option<u8>) -> bool { x.is_none() }");
}

#[test]
fn a_name_is_caught_where_it_is_looked_for() {
    caught("src/flows/a.rs", "use crate::b::Wish;", "`Wish` is: TokenOptions");
    caught("src/store/a.rs", "pub(super) fn rehearse() {}", "`rehearse` is:");
    caught("src/flows.rs", "mod leftover;", "`leftover`");
    caught("tests/room/mod.rs", "impl Room { pub fn hides(&self) {} }", "`hides`");
    allowed("src/cli/a.rs", "fn f() { let sent = once(1); }");
    allowed("src/commands/a.rs", "struct Answer { exchange: Exchange }");
}

#[test]
fn a_ceiling_holds_and_goes_when_it_is_reached() {
    let found = BTreeMap::from([("src/a".to_owned(), vec!["x".to_owned(), "y".to_owned()])]);
    assert_eq!(faults(&found, &ceilings("src/a 2\n")), Vec::<String>::new());
    assert!(faults(&found, &ceilings("src/a 1\n"))[0].starts_with("src/a: 2 forbidden words, at most 1"));
    assert_eq!(faults(&found, &ceilings(""))[..2], ["x", "y"]);
    assert!(faults(&found, &ceilings("src/a 2\nsrc/b 1\n"))[0].contains("src/b is clean"));
}
