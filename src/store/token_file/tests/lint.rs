//! What lint finds.

use super::now;
use crate::secret::Secret;
use crate::store::token_file::TokenFile;

#[test]
fn problem_is_reported_with_its_line() {
    let list_problems = |text: &str| -> Vec<(Option<usize>, String)> {
        let problems = TokenFile::from_text(Secret::new(text)).find_problems(now());
        problems.into_iter().map(|one| (one.line, one.problem)).collect()
    };
    for sound in
        ["abc\n", "# x\n\nabc", "abc\r\n#hallpass: label=\"x\" expires=2026-11-22T10:00:01Z\r\nd==\r\n#hallpass-off: e"]
    {
        assert_eq!(list_problems(sound), [], "{sound:?}");
    }
    for (text, line, word) in [
        ("", None, "lets everybody in"),
        ("# abc\n", None, "lets everybody in"),
        ("#hallpass-off: abc\n", None, "no live token"),
        ("\u{feff}abc\n", Some(1), "byte order mark"),
        ("ok\nBearer abc\n", Some(2), "without `Bearer`"),
        ("ok\nAuthorization: Bearer abc\n", Some(2), "without `Bearer`"),
        ("ok\nabc # ci\n", Some(2), "comment after a token"),
        ("ok\nab\u{a0}c\n", Some(2), "\\u{a0}"),
        ("ok\nab\u{0}c\n", Some(2), "\\u{0}"),
        ("ok\nab\u{feff}c\n", Some(2), "\\u{feff}"),
        ("ok\nab c\n", Some(2), "space"),
        ("ok\na,b\n", Some(2), "comma"),
        ("ok\n\"ab\"\n", Some(2), "quotation"),
        ("ok\naé\n", Some(2), "RFC 6750"),
        ("ok\nabc\nok\n", Some(3), "line 1 again"),
        ("ok\nabc\n#hallpass-off: abc\n", Some(3), "line 2 again, disabled on one of them"),
        ("ok\n#hallpass: label=\"x\"\n", Some(2), "without a token"),
        ("ok\n#hallpass: label=\"x\"\n#hallpass: label=\"y\"\na\n", Some(2), "more metadata"),
        ("ok\n#hallpass: expires=soon\na\n", Some(2), "RFC 3339"),
        ("ok\n#hallpass: expires=2026-11-22T10:00:00Z\na\n", Some(3), "has expired"),
        ("ok\n# hallpass: expires=2026-11-22T10:00:00Z\na\n", Some(2), "looks like metadata"),
        ("ok\n#hallpass-off:\n", Some(2), "without a token"),
        ("ok\u{b}a\n", Some(1), "\\u{b} ends a line"),
        ("ok\ra\n", Some(1), "\\u{d} ends a line"),
    ] {
        let problems = list_problems(text);
        assert!(problems.len() == 1 && problems[0].0 == line && problems[0].1.contains(word), "{text:?}: {problems:?}");
    }
    let long = list_problems(&format!("ok\n{}\n", "a".repeat(16 * 1024 + 1)));
    assert!(long.len() == 1 && long[0].1.contains("16 KiB"), "{long:?}");
}
