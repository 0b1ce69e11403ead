//! What holds for every token file.

use std::time::Duration;

use proptest::prelude::*;

use super::{added, edited, entries, is, look_up, now};
use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::token_file::line::BOM;
use crate::store::token_file::{Command, Entry, Lookup, Metadata, New, State, TokenFile};

/// Where Python's `str.splitlines` cuts.
const BREAKS: [char; 10] =
    ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// What Python's `str.strip` removes.
const SPACES: [char; 29] = [
    '\u{9}', '\u{a}', '\u{b}', '\u{c}', '\u{d}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', '\u{20}', '\u{85}', '\u{a0}',
    '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}',
    '\u{2008}', '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
];

/// Python's `[line.strip() for line in text.splitlines()]` without blanks, comments and repetitions, character by
/// character and with nothing of the program in it.
fn python(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for line in text.split(BREAKS) {
        let token = line.trim_matches(SPACES);
        if !token.is_empty() && !token.starts_with('#') && !tokens.iter().any(|known| known == token) {
            tokens.push(token.to_owned());
        }
    }
    tokens
}

/// Texts of everything that a token file may hold, and of what it should not.
fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "[ab]{1,2}",
        2 => "#hallpass-off: ?[ab]{1,2}",
        3 => "#hallpass:( label=\"[xy]\")?( added=1)?( expires=(1|9999999999|z))?",
        2 => "[ \t\u{a0}\u{1f}\u{3000}]{0,2}([ab]|# [ab]|\u{feff}|Bearer a|é)?[ \t\u{85}]?",
        1 => r"\PC{0,6}",
    ];
    let end =
        prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just("\u{b}"), 1 => Just("\u{2028}")];
    let lines = proptest::collection::vec((line, end), 0..10);
    (prop::option::weighted(0.1, Just("\u{feff}")), lines, prop::option::of("[ab]{1,2}")).prop_map(
        |(bom, lines, last)| {
            let lines: String = lines.into_iter().map(|(line, end)| line + end).collect();
            [bom.unwrap_or_default(), &lines, &last.unwrap_or_default()].concat()
        },
    )
}

/// All lines but those of the token `a` and of metadata, whole, one behind the other.
fn others(text: &str) -> String {
    // A lone carriage return may meet a line feed when what stood between them goes.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let owned = |line: &str| {
        let line = line.trim_matches(SPACES);
        let token = line.strip_prefix("#hallpass-off:").unwrap_or(line).trim_matches(SPACES);
        line.starts_with("#hallpass:") || token == "a"
    };
    text.split_inclusive(BREAKS).filter(|line| !owned(line)).collect::<String>().replace('\r', "")
}

/// What toolregistry-server would load if it knew of the byte order mark.
fn unmarked(text: &str) -> Vec<String> {
    python(text.strip_prefix('\u{feff}').unwrap_or(text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn both_programs_see_same_tokens(text in texts()) {
        let mut ours: Vec<String> = Vec::new();
        for entry in TokenFile::from_text(Secret::new(text.clone())).entries(now()).filter(|one| one.line_state != State::Disabled) {
            if !ours.iter().any(|known| known == entry.token.expose()) {
                ours.push(entry.token.expose().to_owned());
            }
        }
        prop_assert_eq!(ours, unmarked(&text));
    }

    #[test]
    fn added_token_changes_no_byte_of_others(text in texts(), label in prop::option::of("[a-z]{1,3}")) {
        let new = added(&text, "new", label.as_deref());
        // It comes in one piece.
        let ahead = text.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
        prop_assert!((0..=ahead).any(|at| text.is_char_boundary(at) && new.starts_with(&text[..at]) && new.ends_with(&text[at..])));
        let mut expected = unmarked(&text);
        expected.push("new".to_owned());
        prop_assert_eq!(unmarked(&new), expected);
        let last = TokenFile::from_text(Secret::new(new)).entries(now()).last().unwrap();
        prop_assert_eq!((last.token.expose(), last.label, last.state), ("new", label, State::Live));
    }

    #[test]
    fn what_was_added_goes_without_trace(text in texts(), label in prop::option::of("[a-z]{1,3}")) {
        let new = added(&text, "new", label.as_deref());
        let (left, ..) = edited(&new, is("new", Command::Remove), None);
        // The last line has got an end.
        prop_assert!(left.starts_with(&text) && left[text.len()..].len() <= 2, "{:?}", left);
    }

    /// What `remove`, `disable`, `rotate` and `prune` do, to whichever tokens, one after the other.
    #[test]
    fn only_enable_add_and_generate_let_token_in(
        text in texts(),
        commands in prop::collection::vec((0..5, "[abxy]|ab", 1_i64..20_000), 1..4),
    ) {
        let lets_in = |text: &str, token: &str, at: Moment| matches!(look_up(text, token, at), Lookup::Live(_));
        let fresh = Secret::new("new");
        let mut before = text;
        let mut clock = now();
        for (number, selected, after) in commands {
            let selects = |lines: &[Entry]| {
                lines.iter().any(|line| line.token.expose() == selected || line.label.as_ref() == Some(&selected))
            };
            let live = |lines: &[Entry]| lines.iter().all(|line| line.state == State::Live);
            let expired = |lines: &[Entry]| lines.iter().any(|line| line.line_state == State::Expired);
            let until = clock.plus(Duration::from_secs(after.unsigned_abs()));
            let command = |lines: &[Entry]| match number {
                0 if selects(lines) => Command::Remove,
                1 if selects(lines) => Command::Disable,
                2 if selects(lines) && live(lines) => Command::Remove,
                3 if selects(lines) && live(lines) => Command::Expire(until),
                4 if expired(lines) => Command::Remove,
                _ => Command::Keep,
            };
            let metadata = Metadata { label: Some(selected.clone()), added: None, expires: None };
            let new = New { token: &fresh, metadata, first: true };
            let rotates = number == 2 || number == 3;
            let Some(edited) = TokenFile::from_text(Secret::new(before.clone())).edit(clock, command, rotates.then_some(&new)) else { continue };
            let after = edited.text.expose().to_owned();
            for token in ["a", "b", "aa", "ab", "ba", "bb"] {
                for at in [clock, clock.plus(Duration::from_secs(10_000)), Moment::from_epoch(99_999_999_999)] {
                    prop_assert!(lets_in(&before, token, at) || !lets_in(&after, token, at), "{} {:?} {:?}", token, before, after);
                }
            }
            for line in TokenFile::from_text(Secret::new(before)).entries(clock) {
                let named = line.token.expose() == selected && line.token.expose() != "new";
                prop_assert!(!(named && number < 2 && lets_in(&after, &selected, clock)));
            }
            (before, clock) = (after, until);
        }
    }

    #[test]
    fn removed_token_takes_no_line_of_another(text in texts()) {
        let entries = |text: &str| entries(text).into_iter().map(|(_, token, label, state)| (token, label, state)).collect::<Vec<_>>();
        let Some(left) = TokenFile::from_text(Secret::new(text.clone())).edit(now(), is("a", Command::Remove), None) else {
            // What was no byte order mark would become one at the beginning of the file.
            prop_assert!(text.contains(BOM));
            return Ok(());
        };
        let left = left.text.expose();
        let mut kept = entries(&text);
        kept.retain(|(token, ..)| token != "a");
        prop_assert_eq!(entries(left), kept);
        // All other bytes are still there, in their order.
        prop_assert_eq!(others(left), others(&text));
    }

    #[test]
    fn off_and_on_again_is_same_text(text in texts()) {
        let was: Vec<Entry> = TokenFile::from_text(Secret::new(text.clone())).entries(now()).collect();
        let on = |lines: &[Entry]| lines.iter().all(|line| line.line_state != State::Disabled);
        let disable = |lines: &[Entry]| if on(lines) && !lines[0].token.expose().starts_with('#') { Command::Disable } else { Command::Keep };
        let Some(off) = TokenFile::from_text(Secret::new(text.clone())).edit(now(), disable, None) else { return Ok(()) };
        let touched: Vec<String> = off.touched.iter().map(|entry| entry.token.expose().to_owned()).collect();
        let left = unmarked(off.text.expose());
        prop_assert!(touched.iter().all(|token| !left.contains(token)));
        let enable = |lines: &[Entry]| if touched.iter().any(|token| token == lines[0].token.expose()) { Command::Enable } else { Command::Keep };
        let (on, ..) = edited(off.text.expose(), enable, None);
        prop_assert_eq!(on, text);
        prop_assert_eq!(touched.len(), was.iter().filter(|one| touched.iter().any(|token| token == one.token.expose())).count());
    }
}
