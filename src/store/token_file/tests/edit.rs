//! How a command changes a token file.

use super::{added, edited, is, now};
use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::token_file::{Command, Metadata, New, TokenFile};

#[test]
fn token_comes_to_end_in_manner_of_file() {
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
fn token_goes_with_its_metadata_and_nothing_else() {
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
fn token_is_switched_off_and_on_in_its_place() {
    let text = "# x\n#hallpass: label=\"ci\"\n  b\t\r\na\r\n";
    let (off, touched, emptied) = edited(text, is("b", Command::Disable), None);
    assert_eq!(off, "# x\n#hallpass: label=\"ci\"\n  #hallpass-off: b\t\r\na\r\n");
    assert_eq!((touched, emptied), (vec!["b disabled".to_owned()], false));
    let (on, touched, _) = edited(&off, is("b", Command::Enable), None);
    assert_eq!((on.as_str(), touched), (text, vec!["b live".to_owned()]));
}

#[test]
fn command_changes_every_line_of_token() {
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
fn expiry_comes_into_metadata() {
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
fn new_token_stands_before_one_it_replaces() {
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
fn last_token_that_lets_somebody_in_is_told() {
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
    let edit =
        |text: &str, command| TokenFile::from_text(Secret::new(text)).edit(now(), move |_| command, None).is_none();
    assert!(edit("#hallpass-off: #x\n", Command::Enable), "it would be a comment");
    for bad in ["", "#x", "a b\n", "a\nb", "a\u{2028}b", " "] {
        let token = Secret::new(bad);
        let new = New { token: &token, metadata: Metadata::default(), first: false };
        let edited = TokenFile::from_text(Secret::new("a\n")).edit(now(), |_| Command::Keep, Some(&new));
        assert!(edited.is_none(), "{bad:?}");
    }
    let token = Secret::new("n");
    let metadata = Metadata { label: Some("a\"b".to_owned()), ..Metadata::default() };
    let new = New { token: &token, metadata, first: false };
    assert!(TokenFile::from_text(Secret::new("a\n")).edit(now(), |_| Command::Keep, Some(&new)).is_none());
}
