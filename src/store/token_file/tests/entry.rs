//! What is read from a token file.

use super::{edited, entries, finds, is, now};
use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::token_file::{Command, State, TokenFile};

#[test]
fn entries_of_file() {
    let text = "# mine\n\n#hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-11-22T10:00:01Z\nabc\r\n\
        #hallpass-off: def\n#hallpass: expires=2026-11-22T10:00:00Z\n# remark\n\nghi\nBearer x\n#hallpass: ?\njkl\nmno";
    let entry =
        |line, token: &str, label: Option<&str>, state| (line, token.to_owned(), label.map(str::to_owned), state);
    assert_eq!(
        entries(text),
        [
            entry(4, "abc", Some("ci"), State::Live),
            entry(5, "def", None, State::Disabled),
            entry(9, "ghi", None, State::Expired),
            entry(10, "Bearer x", None, State::Malformed),
            entry(12, "jkl", None, State::Malformed),
            entry(13, "mno", None, State::Live),
        ]
    );
    let fingerprint = TokenFile::from_text(Secret::new(text)).entries(now()).next().unwrap().fingerprint();
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
fn only_whole_line_is_token() {
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
fn byte_order_mark_is_looked_past() {
    assert!(finds("\u{feff}abc\n", "abc"));
    assert!(finds("\u{feff}abcdefghijk", "abcdefghijk"));
    assert_eq!(entries("\u{feff}#hallpass-off: abc"), [(1, "abc".to_owned(), None, State::Disabled)]);
    assert!(entries("\u{feff}").is_empty());
}

#[test]
fn second_copy_does_not_bring_expired_token_back() {
    let gone = "#hallpass: expires=2026-11-22T09:00:00Z\nabc\n";
    assert!(!finds(&format!("abc\n{gone}"), "abc") && !finds(&format!("{gone}abc\n"), "abc"));
    assert!(!finds("abc\n#hallpass: expires=soon\nabc\n", "abc"));
    assert!(!finds("#hallpass-off: abc\nabc\n", "abc") && !finds("abc\n#hallpass-off: abc\n", "abc"));
    assert!(finds("abc\n#hallpass: label=\"x\"\nabc\n", "abc"));
}

#[test]
fn strictest_line_is_state_of_token() {
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
fn all_metadata_above_token_counts() {
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
