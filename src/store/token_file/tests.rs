//! The text and the file, as a whole.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::line::BOM;
use super::{Command, Entry, Metadata, New, State, TokenFile, change};
use crate::edges::{Deadline, Moment};
use crate::secret::Secret;
use crate::store::Fault;

fn now() -> Moment {
    Moment::from_epoch(1_795_341_600) // 2026-11-22T10:00:00Z
}

fn entries(text: &str) -> Vec<(usize, String, Option<String>, State)> {
    let file = TokenFile::of(Secret::new(text));
    let told = |entry: super::Entry| (entry.line, entry.token.expose().to_owned(), entry.label, entry.state);
    file.entries(now()).map(told).collect()
}

fn finds(text: &str, token: &str) -> bool {
    TokenFile::of(Secret::new(text)).find(&Secret::new(token), now()).is_some()
}

#[test]
fn the_entries_of_a_file() {
    let text = "# mine\n\n#hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-11-22T10:00:01Z\nabc\r\n\
        #hallpass-off: def\n#hallpass: expires=2026-11-22T10:00:00Z\n# remark\n\nghi\nBearer x\n#hallpass: ?\njkl\nmno";
    let told =
        |line, token: &str, label: Option<&str>, state| (line, token.to_owned(), label.map(str::to_owned), state);
    assert_eq!(
        entries(text),
        [
            told(4, "abc", Some("ci"), State::Live),
            told(5, "def", None, State::Disabled),
            told(9, "ghi", None, State::Expired),
            told(10, "Bearer x", None, State::Malformed),
            told(12, "jkl", None, State::Malformed),
            told(13, "mno", None, State::Live),
        ]
    );
    let fingerprint = TokenFile::of(Secret::new(text)).entries(now()).next().unwrap().fingerprint();
    assert_eq!(fingerprint, "ba7816bf8f01"); // FIPS 180-4's SHA-256 of "abc"
    for (token, found) in [
        ("abc", true),
        ("def", false),
        ("ghi", false),
        ("Bearer x", false),
        ("jkl", false),
        ("mno", true),
        ("x", false),
    ] {
        assert_eq!(finds(text, token), found, "{token}");
    }
}

#[test]
fn only_a_whole_line_is_a_token() {
    let text = "abcdefghij\n  padded-token\t\r\n\u{feff}glued\n# comment\nhash # x\n";
    for token in ["abcdefghij", "padded-token"] {
        assert!(finds(text, token), "{token}");
    }
    for token in ["abcdefghi", "bcdefghij", "ABCDEFGHIJ", "", "#", "comment", "# comment", "hash", "hash # x", "glued"]
    {
        assert!(!finds(text, token), "{token}");
    }
    assert!(!finds("", "") && !finds("", "a") && !finds("\n", ""));
}

#[test]
fn a_byte_order_mark_is_looked_past() {
    assert!(finds("\u{feff}abc\n", "abc"));
    assert!(finds("\u{feff}abcdefghijk", "abcdefghijk"));
    assert_eq!(entries("\u{feff}#hallpass-off: abc"), [(1, "abc".to_owned(), None, State::Disabled)]);
    assert!(entries("\u{feff}").is_empty());
}

#[test]
fn a_second_copy_does_not_bring_an_expired_token_back() {
    let gone = "#hallpass: expires=2026-11-22T09:00:00Z\nabc\n";
    assert!(!finds(&format!("abc\n{gone}"), "abc") && !finds(&format!("{gone}abc\n"), "abc"));
    assert!(!finds("abc\n#hallpass: expires=soon\nabc\n", "abc"));
    assert!(!finds("#hallpass-off: abc\nabc\n", "abc") && !finds("abc\n#hallpass-off: abc\n", "abc"));
    assert!(finds("abc\n#hallpass: label=\"x\"\nabc\n", "abc"));
}

#[test]
fn the_strictest_line_is_the_state_of_a_token() {
    let gone = "#hallpass: expires=2026-11-22T09:00:00Z\na\n";
    let unread = "#hallpass: expires=soon\na\n";
    for (lines, state) in [
        (["a\n", "a\n"], State::Live),
        (["a\n", "#hallpass-off: a\n"], State::Disabled),
        (["#hallpass-off: a\n", gone], State::Expired),
        ([gone, unread], State::Malformed),
    ] {
        for text in [lines.concat(), [lines[1], "b\n", lines[0]].concat()] {
            let states: Vec<_> = entries(&text).into_iter().filter(|one| one.1 == "a").map(|one| one.3).collect();
            assert_eq!(states, [state; 2], "{text}");
            assert_eq!(finds(&text, "a"), state == State::Live, "{text}");
        }
    }
}

#[test]
fn all_metadata_above_a_token_counts() {
    let (soon, later) = ("#hallpass: expires=2026-11-22T10:00:01Z\n", "#hallpass: expires=2027-01-01T00:00:00Z\n");
    let gone = "#hallpass: label=\"x\" expires=2026-11-22T10:00:00Z\n";
    for (text, label, state) in [
        (format!("{gone}{later}a\n"), Some("x"), State::Expired),
        (format!("{later}# remark\n\n{gone}a\n"), Some("x"), State::Expired),
        (format!("{soon}{later}a\n"), None, State::Live),
        (format!("{later}#hallpass: ?\na\n"), None, State::Malformed),
        (format!("#hallpass: ?\n{later}a\n"), None, State::Malformed),
        (format!("{gone}b\n{later}a\n"), None, State::Live),
    ] {
        let (_, _, found, last) = entries(&text).pop().unwrap();
        assert_eq!((found.as_deref(), last), (label, state), "{text}");
        assert_eq!(finds(&text, "a"), state == State::Live, "{text}");
    }
    let at = Moment::from_epoch(1_795_345_200);
    assert_eq!(
        edited(&format!("{soon}\n{later}a\n"), is("a", Command::Expire(at)), None).0,
        "\n#hallpass: expires=2026-11-22T10:00:01Z\na\n"
    );
}

/// What an edit made of a text: the new one, and the tokens it touched.
fn edited(text: &str, command: impl Fn(&[Entry]) -> Command, new: Option<&New<'_>>) -> (String, Vec<String>, bool) {
    let edited = TokenFile::of(Secret::new(text)).edit(now(), command, new).unwrap();
    let touched = edited.touched.iter().map(|entry| format!("{} {}", entry.token.expose(), entry.state.name()));
    (edited.text.expose().to_owned(), touched.collect(), edited.emptied)
}

fn is(token: &'static str, command: Command) -> impl Fn(&[Entry]) -> Command {
    move |lines| if lines[0].token.expose() == token { command } else { Command::Keep }
}

fn added(text: &str, token: &str, label: Option<&str>) -> String {
    let token = Secret::new(token);
    let metadata = Metadata { label: label.map(str::to_owned), added: Some(now()), expires: None };
    edited(text, |_| Command::Keep, Some(&New { token: &token, metadata, first: false })).0
}

#[test]
fn a_token_comes_to_the_end_in_the_manner_of_the_file() {
    let meta = "#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z";
    for (text, plain, labelled) in [
        ("", "n\n".to_owned(), format!("{meta}\nn\n")),
        ("a\n", "a\nn\n".to_owned(), format!("a\n{meta}\nn\n")),
        ("a", "a\nn\n".to_owned(), format!("a\n{meta}\nn\n")),
        ("a\r\nb\r\n", "a\r\nb\r\nn\r\n".to_owned(), format!("a\r\nb\r\n{meta}\r\nn\r\n")),
        ("a\r\nb", "a\r\nb\r\nn\r\n".to_owned(), format!("a\r\nb\r\n{meta}\r\nn\r\n")),
        ("# c\n\n", "# c\n\nn\n".to_owned(), format!("# c\n\n{meta}\nn\n")),
        ("\u{feff}", "\u{feff}n\n".to_owned(), format!("\u{feff}{meta}\nn\n")),
        // Metadata that has lost its token would be read as that of the new one.
        (
            "#hallpass: expires=1\n",
            "n\n#hallpass: expires=1\n".to_owned(),
            format!("{meta}\nn\n#hallpass: expires=1\n"),
        ),
        ("a\n# c\n#hallpass: ?", "a\n# c\nn\n#hallpass: ?".to_owned(), format!("a\n# c\n{meta}\nn\n#hallpass: ?")),
    ] {
        assert_eq!(added(text, "n", None), plain, "{text:?}");
        assert_eq!(added(text, "n", Some("ci")), labelled, "{text:?}");
    }
}

#[test]
fn a_token_goes_with_its_metadata_and_nothing_else() {
    for (text, left) in [
        ("a\nb\nc\n", "a\nc\n"),
        ("b\nc", "c"),
        ("a\nb", "a\n"),
        ("b", ""),
        ("b\r\nb\r\nc", "c"),
        (" b \nc\n", "c\n"),
        ("\u{feff}b\nc\n", "\u{feff}c\n"),
        ("# of b\n#hallpass: label=\"x\"\n\n# remark\nb\nc\n", "# of b\n\n# remark\nc\n"),
        ("#hallpass: expires=1\n#hallpass: label=\"x\"\nb\nc\n", "c\n"),
        ("#hallpass-off: b\nc\n", "c\n"),
        ("a\u{b}b\u{b}c", "a\u{b}c"),
        ("#hallpass: expires=soon\nb\nc\n", "c\n"),
    ] {
        assert_eq!(edited(text, is("b", Command::Remove), None).0, left, "{text:?}");
    }
}

#[test]
fn a_token_is_switched_off_and_on_in_its_place() {
    let text = "# x\n#hallpass: label=\"ci\"\n  b\t\r\na\r\n";
    let (off, touched, emptied) = edited(text, is("b", Command::Disable), None);
    assert_eq!(off, "# x\n#hallpass: label=\"ci\"\n  #hallpass-off: b\t\r\na\r\n");
    assert_eq!((touched, emptied), (vec!["b disabled".to_owned()], false));
    let (on, touched, _) = edited(&off, is("b", Command::Enable), None);
    assert_eq!((on.as_str(), touched), (text, vec!["b live".to_owned()]));
}

#[test]
fn a_command_changes_every_line_of_a_token() {
    let text = "b\na\n#hallpass: label=\"x\"\nb\n#hallpass-off: b\n#hallpass: ?\nb\n";
    assert_eq!(edited(text, is("b", Command::Remove), None).0, "a\n");
    let off = "#hallpass-off: b\na\n#hallpass: label=\"x\"\n#hallpass-off: b\n#hallpass-off: b\n#hallpass: ?\n#hallpass-off: b\n";
    assert_eq!(edited(text, is("b", Command::Disable), None).0, off);
    assert_eq!(edited(off, is("b", Command::Enable), None).0, text.replace("#hallpass-off: ", ""));
    let at = Command::Expire(Moment::from_epoch(1_795_345_200));
    let expires = "expires=2026-11-22T11:00:00Z";
    assert_eq!(
        edited(text, is("b", at), None).0,
        format!(
            "#hallpass: {expires}\nb\na\n#hallpass: label=\"x\" {expires}\nb\n#hallpass: {expires}\n#hallpass-off: b\n\
             #hallpass: ?\nb\n"
        )
    );
}

#[test]
fn an_expiry_comes_into_the_metadata() {
    let at = Moment::from_epoch(1_795_345_200);
    for (text, left) in [
        ("b\n", "#hallpass: expires=2026-11-22T11:00:00Z\nb\n"),
        ("\u{feff}b\r\na\r\n", "\u{feff}#hallpass: expires=2026-11-22T11:00:00Z\r\nb\r\na\r\n"),
        (" #hallpass: label=x \nb", " #hallpass: label=\"x\" expires=2026-11-22T11:00:00Z \nb"),
        ("#hallpass: expires=2026-11-22T10:30:00Z\nb", "#hallpass: expires=2026-11-22T10:30:00Z\nb"),
        ("#hallpass: expires=2026-11-22T12:00:00Z\nb", "#hallpass: expires=2026-11-22T11:00:00Z\nb"),
    ] {
        assert_eq!(edited(text, is("b", Command::Expire(at)), None).0, left, "{text:?}");
    }
}

#[test]
fn a_new_token_stands_before_the_one_it_replaces() {
    let token = Secret::new("n");
    let metadata = Metadata { label: Some("x".to_owned()), added: None, expires: None };
    let new = New { token: &token, metadata, first: true };
    let text = "a\n#hallpass: label=\"x\"\nb\nc\n";
    assert_eq!(edited(text, is("b", Command::Remove), Some(&new)).0, "a\n#hallpass: label=\"x\"\nn\nc\n");
    let later = is("b", Command::Expire(Moment::from_epoch(1_795_345_200)));
    assert_eq!(
        edited(text, later, Some(&new)).0,
        "a\n#hallpass: label=\"x\"\nn\n#hallpass: label=\"x\" expires=2026-11-22T11:00:00Z\nb\nc\n"
    );
}

#[test]
fn the_last_token_that_lets_somebody_in_is_told() {
    for (text, emptied) in [
        ("b\n", true),
        ("b\na\n", false),
        ("b\n#hallpass-off: a\n", true),
        ("b\n#hallpass: expires=1\na\n", true),
        ("#hallpass-off: b\n", false),
        // Here it has expired, but toolregistry-server opens to everybody without it.
        ("#hallpass: expires=1\nb\n", true),
    ] {
        assert_eq!(edited(text, is("b", Command::Remove), None).2, emptied, "{text:?}");
    }
    assert!(edited("b\n", is("b", Command::Disable), None).2);
}

#[test]
fn what_would_not_read_back_is_not_written() {
    let edit = |text: &str, command| TokenFile::of(Secret::new(text)).edit(now(), move |_| command, None).is_none();
    assert!(edit("#hallpass-off: #x\n", Command::Enable), "it would be a comment");
    for bad in ["", "#x", "a b\n", "a\nb", "a\u{2028}b", " "] {
        let token = Secret::new(bad);
        let new = New { token: &token, metadata: Metadata::default(), first: false };
        let edited = TokenFile::of(Secret::new("a\n")).edit(now(), |_| Command::Keep, Some(&new));
        assert!(edited.is_none(), "{bad:?}");
    }
    let token = Secret::new("n");
    let metadata = Metadata { label: Some("a\"b".to_owned()), ..Metadata::default() };
    let new = New { token: &token, metadata, first: false };
    assert!(TokenFile::of(Secret::new("a\n")).edit(now(), |_| Command::Keep, Some(&new)).is_none());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let told = |text: &str| -> Vec<(Option<usize>, String)> {
        let problems = TokenFile::of(Secret::new(text)).problems(now());
        problems.into_iter().map(|one| (one.line, one.problem)).collect()
    };
    for sound in
        ["abc\n", "# x\n\nabc", "abc\r\n#hallpass: label=\"x\" expires=2026-11-22T10:00:01Z\r\nd==\r\n#hallpass-off: e"]
    {
        assert_eq!(told(sound), [], "{sound:?}");
    }
    for (text, line, word) in [
        ("", None, "lets everybody in"),
        ("# abc\n", None, "lets everybody in"),
        ("#hallpass-off: abc\n", None, "no live token"),
        ("\u{feff}abc\n", Some(1), "byte order mark"),
        ("ok\nBearer abc\n", Some(2), "without `Bearer`"),
        ("ok\nAuthorization: Bearer abc\n", Some(2), "without `Bearer`"),
        ("ok\nabc # ci\n", Some(2), "remark"),
        ("ok\nab\u{a0}c\n", Some(2), "\\u{a0}"),
        ("ok\nab\u{0}c\n", Some(2), "\\u{0}"),
        ("ok\nab\u{feff}c\n", Some(2), "\\u{feff}"),
        ("ok\nab c\n", Some(2), "space"),
        ("ok\na,b\n", Some(2), "comma"),
        ("ok\n\"ab\"\n", Some(2), "quotation"),
        ("ok\naé\n", Some(2), "RFC 6750"),
        ("ok\nabc\nok\n", Some(3), "line 1 again"),
        ("ok\nabc\n#hallpass-off: abc\n", Some(3), "line 2 again"),
        ("ok\n#hallpass: label=\"x\"\n", Some(2), "without a token"),
        ("ok\n#hallpass: label=\"x\"\n#hallpass: label=\"y\"\na\n", Some(2), "more metadata"),
        ("ok\n#hallpass: expires=soon\na\n", Some(2), "RFC 3339"),
        ("ok\n#hallpass: expires=2026-11-22T10:00:00Z\na\n", Some(3), "has expired"),
        ("ok\n# hallpass: expires=2026-11-22T10:00:00Z\na\n", Some(2), "looks like metadata"),
        ("ok\n#hallpass-off:\n", Some(2), "without a token"),
        ("ok\u{b}a\n", Some(1), "\\u{b} ends a line"),
        ("ok\ra\n", Some(1), "\\u{d} ends a line"),
    ] {
        let problems = told(text);
        assert!(problems.len() == 1 && problems[0].0 == line && problems[0].1.contains(word), "{text:?}: {problems:?}");
    }
    let long = told(&format!("ok\n{}\n", "a".repeat(16 * 1024 + 1)));
    assert!(long.len() == 1 && long[0].1.contains("16 KiB"), "{long:?}");
}

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn appended(path: &Path, more: &str, create: bool) -> Result<Vec<String>, Fault> {
    let deed = |file: &TokenFile| Ok((Some(Secret::new(format!("{}{more}", file.text.expose()))), ()));
    super::change(path, Deadline::after(Duration::from_secs(20)), create, deed).map(|changed| changed.warnings)
}

#[cfg(unix)]
#[test]
fn a_change_keeps_modes_and_links() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    let room = tempfile::tempdir().unwrap();
    let (path, link) = (room.path().join("tokens"), room.path().join("link"));
    assert!(matches!(appended(&path, "a\n", false), Err(Fault::Foreign { .. })));
    assert_eq!(appended(&path, "a\n", true).unwrap(), [] as [&str; 0]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    symlink("tokens", &link).unwrap();
    for kept in [0o644, 0o640, 0o400, 0o666] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(kept)).unwrap();
        let warned = appended(&link, "b\n", true).unwrap();
        assert_eq!((mode(&path), warned.len()), (kept, usize::from(kept != 0o400)), "{warned:?}");
    }
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(text_of(&path), "a\nb\nb\nb\nb\n");
    let names: Vec<_> = std::fs::read_dir(room.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_of_its_folder_is_refused() {
    use std::os::unix::fs::symlink;
    let room = tempfile::tempdir().unwrap();
    let (inner, outer) = (room.path().join("in"), room.path().join("out"));
    std::fs::create_dir(&inner).unwrap();
    appended(&outer, "a\n", true).unwrap();
    let link = inner.join("link");
    symlink(&outer, &link).unwrap();
    assert!(matches!(appended(&link, "b\n", true), Err(Fault::LeadsAway { .. })));
    let (file, warnings) = TokenFile::read(&link).unwrap();
    assert!(file.find(&Secret::new("a"), now()).is_some() && warnings.len() == 1, "{warnings:?}");
    let dangling = inner.join("dangling");
    symlink("nothing", &dangling).unwrap();
    assert!(matches!(appended(&dangling, "b\n", true), Err(Fault::Foreign { .. })));
    assert!(matches!(appended(&inner, "b\n", true), Err(Fault::NotFile { .. })));
    assert!(matches!(appended(&room.path().join("no/where"), "b\n", true), Err(Fault::Foreign { .. })));
    let bad = inner.join("bad");
    #[expect(clippy::disallowed_methods, reason = "it is a file of the user's")]
    std::fs::write(&bad, b"a\nb\xff\n").unwrap();
    assert!(matches!(appended(&bad, "b\n", true), Err(Fault::NotText { line: 2, .. })));
    assert!(matches!(TokenFile::seek_at(&bad, &Secret::new("a"), now()), Err(Fault::NotText { line: 2, .. })));
    assert_eq!((text_of(&outer), std::fs::read(&bad).unwrap().len()), ("a\n".to_owned(), 5));
}

#[test]
fn writers_by_two_names_lose_nothing() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("tokens");
    appended(&path, "", true).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("tokens", room.path().join("other")).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let name = if cfg!(unix) && writer % 2 == 0 { "other" } else { "tokens" };
            let path = room.path().join(name);
            scope.spawn(move || {
                for turn in 0..20 {
                    appended(&path, &format!("{writer}-{turn}\n"), false).unwrap();
                }
            });
        }
    });
    let text = text_of(&path);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 160);
}

/// Where Python's `str.splitlines` cuts.
const BREAKS: [char; 10] =
    ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// What Python's `str.strip` takes away.
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
    fn both_programs_see_the_same_tokens(text in texts()) {
        let mut ours: Vec<String> = Vec::new();
        for entry in TokenFile::of(Secret::new(text.clone())).entries(now()).filter(|one| one.line_state != State::Disabled) {
            if !ours.iter().any(|known| known == entry.token.expose()) {
                ours.push(entry.token.expose().to_owned());
            }
        }
        prop_assert_eq!(ours, unmarked(&text));
    }

    #[test]
    fn an_added_token_changes_no_byte_of_the_others(text in texts(), label in prop::option::of("[a-z]{1,3}")) {
        let new = added(&text, "new", label.as_deref());
        // It comes in one piece.
        let ahead = text.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
        prop_assert!((0..=ahead).any(|at| text.is_char_boundary(at) && new.starts_with(&text[..at]) && new.ends_with(&text[at..])));
        let mut told = unmarked(&text);
        told.push("new".to_owned());
        prop_assert_eq!(unmarked(&new), told);
        let last = TokenFile::of(Secret::new(new)).entries(now()).last().unwrap();
        prop_assert_eq!((last.token.expose(), last.label, last.state), ("new", label, State::Live));
    }

    #[test]
    fn what_was_added_goes_without_a_trace(text in texts(), label in prop::option::of("[a-z]{1,3}")) {
        let new = added(&text, "new", label.as_deref());
        let (left, ..) = edited(&new, is("new", Command::Remove), None);
        // The last line has got an end.
        prop_assert!(left.starts_with(&text) && left[text.len()..].len() <= 2, "{:?}", left);
    }

    /// What `remove`, `disable`, `rotate` and `prune` do, to whichever tokens, one after the other.
    #[test]
    fn only_enable_add_and_generate_let_a_token_in(
        text in texts(),
        commands in prop::collection::vec((0..5, "[abxy]|ab", 1_i64..20_000), 1..4),
    ) {
        let lets_in = |text: &str, token: &str, at: Moment| {
            TokenFile::of(Secret::new(text)).find(&Secret::new(token), at).is_some()
        };
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
            let Some(edited) = TokenFile::of(Secret::new(before.clone())).edit(clock, command, rotates.then_some(&new)) else { continue };
            let after = edited.text.expose().to_owned();
            for token in ["a", "b", "aa", "ab", "ba", "bb"] {
                for at in [clock, clock.plus(Duration::from_secs(10_000)), Moment::from_epoch(99_999_999_999)] {
                    prop_assert!(lets_in(&before, token, at) || !lets_in(&after, token, at), "{} {:?} {:?}", token, before, after);
                }
            }
            for line in TokenFile::of(Secret::new(before)).entries(clock) {
                let named = line.token.expose() == selected && line.token.expose() != "new";
                prop_assert!(!(named && number < 2 && lets_in(&after, &selected, clock)));
            }
            (before, clock) = (after, until);
        }
    }

    #[test]
    fn a_removed_token_takes_no_line_of_another(text in texts()) {
        let entries = |text: &str| entries(text).into_iter().map(|(_, token, label, state)| (token, label, state)).collect::<Vec<_>>();
        let Some(left) = TokenFile::of(Secret::new(text.clone())).edit(now(), is("a", Command::Remove), None) else {
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
    fn off_and_on_again_is_the_same_text(text in texts()) {
        let was: Vec<Entry> = TokenFile::of(Secret::new(text.clone())).entries(now()).collect();
        let on = |lines: &[Entry]| lines.iter().all(|line| line.line_state != State::Disabled);
        let disable = |lines: &[Entry]| if on(lines) && !lines[0].token.expose().starts_with('#') { Command::Disable } else { Command::Keep };
        let Some(off) = TokenFile::of(Secret::new(text.clone())).edit(now(), disable, None) else { return Ok(()) };
        let touched: Vec<String> = off.touched.iter().map(|entry| entry.token.expose().to_owned()).collect();
        let left = unmarked(off.text.expose());
        prop_assert!(touched.iter().all(|token| !left.contains(token)));
        let enable = |lines: &[Entry]| if touched.iter().any(|token| token == lines[0].token.expose()) { Command::Enable } else { Command::Keep };
        let (on, ..) = edited(off.text.expose(), enable, None);
        prop_assert_eq!(on, text);
        prop_assert_eq!(touched.len(), was.iter().filter(|one| touched.iter().any(|token| token == one.token.expose())).count());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_access_control_list_stays() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    const LIST: &str = "system.posix_acl_access";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    crate::store::file::write(&path, b"abc\n", crate::store::file::Durability::Volatile).unwrap();
    // Version 2; owner rw, user 33 r, group nothing, mask r, others nothing: its mode is 0640.
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in
        [(1_u16, 6_u16, u32::MAX), (2, 4, 33), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)]
    {
        list.extend([&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    }
    match setxattr(&path, LIST, &list, XattrFlags::empty()) {
        Err(rustix::io::Errno::OPNOTSUPP) => return,
        set => set.unwrap(),
    }
    let added = change(&path, Deadline::after(Duration::from_secs(5)), false, |_| -> Result<_, Fault> {
        Ok((Some(Secret::new("abc\ndef\n")), ()))
    });
    added.unwrap();
    let mut kept = vec![0; 1024];
    let length = getxattr(&path, LIST, kept.as_mut_slice()).unwrap();
    assert_eq!(&kept[..length], list);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc\ndef\n");
}
