//! Bearer tokens in an `Authorization` field (RFC 6750 §2.1, RFC 9110 §11.4).

use super::fault::Fault;
use crate::secret::Secret;

pub const TOKEN_LIMIT: usize = 16 * 1024;

/// What a token or a secret of a server may consist of.
#[derive(Debug, Clone, Copy)]
pub enum Grammar {
    B64Token,
    /// A token that a server gave: more than [`Grammar::B64Token`], but still one word in any header or list.
    Server,
    Printable,
    NoControl,
}

impl Grammar {
    /// Why a string breaks the grammar; it is not repeated.
    pub fn find_problem(self, text: &str) -> Option<&'static str> {
        let (fits, reason) = match self {
            Self::B64Token => (is_b64token(text), "it is not a b64token (RFC 6750 §2.1)"),
            Self::Server => (
                is_server_token(text),
                "it contains a character other than visible ASCII, or a quote, comma, semicolon or backslash",
            ),
            Self::Printable => (is_printable(text), "it contains characters outside VSCHAR (RFC 6749 appendix A.17)"),
            Self::NoControl => (!text.chars().any(char::is_control), "it contains a control character"),
        };
        match text {
            "" => Some("it is empty"),
            _ if text.len() > TOKEN_LIMIT => Some("it is longer than 16 KiB"),
            _ if !fits => Some(reason),
            _ => None,
        }
    }

    /// Makes a secret of what a member contains.
    pub fn read(self, member: &'static str, text: String) -> Result<Secret, Fault> {
        let secret = Secret::new(text);
        match self.find_problem(secret.expose()) {
            Some(reason) => Err(Fault::BadToken { member, reason }),
            None => Ok(secret),
        }
    }
}

/// Whether a string consists of VSCHAR (RFC 6749 appendix A).
pub fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

/// Whether a string is visible ASCII without `" , ; \`: some servers give tokens beyond RFC 6750 (RFC 6749 appendix A.12).
pub fn is_server_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b';' | b'\\'))
}

/// Whether a string is a b64token: letters, digits, `-._~+/`, then any number of `=` (RFC 6750 §2.1).
pub fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

/// Puts a token or a static secret behind a prefix ("Bearer "). The schemes `Bearer` and `DPoP` take a b64token only, any
/// other prefix whatever a field value can carry unchanged (RFC 9110 §5.5).
pub fn header_value(prefix: &str, token: &Secret) -> Result<Secret, Fault> {
    header_value_of(prefix, token, Some(Grammar::B64Token))
}

/// As [`header_value`], but with this grammar for `Bearer` and `DPoP`; `None` is any characters of a field value.
pub fn header_value_of(prefix: &str, token: &Secret, grammar: Option<Grammar>) -> Result<Secret, Fault> {
    let text = token.expose();
    let scheme = prefix.trim();
    let refuse = |reason| Err(Fault::NotFieldValue { reason });
    if ["Bearer", "DPoP"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        if let Some(reason) = grammar.and_then(|grammar| grammar.find_problem(text)) {
            return refuse(reason);
        }
        if !prefix.ends_with(' ') {
            return refuse("a space must be between the scheme and the token");
        }
    }
    if text.is_empty() {
        return refuse("it is empty");
    }
    if prefix.chars().chain(text.chars()).any(char::is_control) {
        return refuse("it contains a control character");
    }
    if prefix.starts_with(' ') || text.ends_with(' ') || (prefix.is_empty() && text.starts_with(' ')) {
        return refuse("it begins or ends with a space");
    }
    Ok(Secret::new([prefix, text].concat()))
}

/// Reads the bearer token out of one `Authorization` field value, or with `line` out of the whole line; `None` when it
/// contains none. Blanks around the value are no part of it (RFC 9110 §5.5). The scheme is compared without case, at least one space and no tab follows it (RFC 9110 §11.4), then a
/// b64token of at most 16 KiB, then nothing.
pub fn read_header(text: &str, line: bool) -> Result<Option<Secret>, Fault> {
    let named = text.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case("authorization"));
    let value = match (named, line) {
        (Some(_), false) => return Err(Fault::WholeLine),
        (None, true) => return Ok(None),
        (None, false) => text.trim_matches([' ', '\t']),
        // RFC 9112 §5.1: no whitespace is between the name and the colon.
        (Some((name, _)), true) if name.trim().len() != name.len() => return Ok(None),
        (Some((_, value)), true) => value.trim_matches([' ', '\t']),
    };
    Ok(read_scheme(value, "Bearer"))
}

/// The token behind this scheme in the value of a field.
pub fn read_scheme(value: &str, scheme: &str) -> Option<Secret> {
    let (found, rest) = value.split_once(' ')?;
    let token = rest.trim_start_matches(' ');
    let sound = found.eq_ignore_ascii_case(scheme) && is_b64token(token) && token.len() <= TOKEN_LIMIT;
    sound.then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Fault, Grammar, header_value, header_value_of, is_b64token, read_header};
    use crate::secret::Secret;

    fn value(text: &str) -> Option<String> {
        read_header(text, false).unwrap().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn b64token_is_told() {
        for good in ["a", "mF_9.B5f-4.1JqM", "a=", "a==", "a====", "-._~+/", "AZaz09"] {
            assert!(is_b64token(good), "{good}");
        }
        for bad in ["", "=", "==", "=a", "a=b", "a b", "a\n", "a\r", "a\0", "a\t", "a\"", "a,", "é", "a:", "{a}", "%41"]
        {
            assert!(!is_b64token(bad), "{bad:?}");
        }
    }

    #[test]
    fn example_of_rfc_6750_2_1_goes_both_ways() {
        let field = header_value("Bearer ", &Secret::new("mF_9.B5f-4.1JqM")).unwrap();
        assert_eq!(field.expose(), "Bearer mF_9.B5f-4.1JqM");
        assert_eq!(value(field.expose()).unwrap(), "mF_9.B5f-4.1JqM");
    }

    #[test]
    fn value_that_would_break_field_is_refused() {
        for (prefix, text) in [
            ("Bearer ", ""),
            ("Bearer ", "a b"),
            ("Bearer ", "a\r\nX: y"),
            ("bearer ", "é"),
            ("DPoP ", "a,b"),
            ("Bearer", "abc"),
            ("Bearer\t", "abc"),
            ("", ""),
            ("Key ", "a\nb"),
            ("Key\n", "a"),
            ("Key ", "a "),
            ("", " a"),
            (" Key ", "a"),
        ] {
            let fault = header_value(prefix, &Secret::new(text)).unwrap_err();
            assert!(matches!(fault, Fault::NotFieldValue { .. }), "{prefix:?} {text:?}");
        }
        assert!(header_value("Bearer ", &Secret::new("a".repeat(16 * 1024 + 1))).is_err());
        assert_eq!(header_value("Key ", &Secret::new("p@ss wörd")).unwrap().expose(), "Key p@ss wörd");
        assert_eq!(header_value("", &Secret::new("abc")).unwrap().expose(), "abc");
    }

    #[test]
    fn only_bearer_token_is_read() {
        for good in ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", " Bearer abc", "\tBearer abc \t"] {
            assert_eq!(value(good).as_deref(), Some("abc"), "{good}");
        }
        for none in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer\tabc",
            "Bearer \tabc",
            "Bearer abc def",
            "Bearer abc, def",
            "\u{a0}Bearer abc",
            "Bearer abc\n",
            "Basic abc",
            "Bearers abc",
            "abc",
            "Bearerabc",
            "Bearer =",
            "Bearer é",
            "Bearer: abc",
            "DPoP abc",
            "Bearer \"abc\"",
            "Proxy-Authorization: Bearer abc",
            "Bearer\u{a0}abc",
        ] {
            assert_eq!(value(none), None, "{none:?}");
        }
        assert_eq!(value(&format!("Bearer {}", "a".repeat(16 * 1024 + 1))), None);
    }

    #[test]
    fn token_of_server_may_be_any_visible_word() {
        for good in ["00D!AQ.x", "Atza|IwE", "v^1.1#i^1", "a=b", "===", "{a}", "a:b"] {
            let value = header_value_of("Bearer ", &Secret::new(good), Some(Grammar::Server)).unwrap();
            assert_eq!(value.expose(), format!("Bearer {good}"));
        }
        for bad in ["", "a b", "a\"b", "a,b", "a;b", "a\\b", "a\nb", "a\u{7f}", "é"] {
            assert!(header_value_of("Bearer ", &Secret::new(bad), Some(Grammar::Server)).is_err(), "{bad:?}");
        }
        assert_eq!(header_value_of("Bearer ", &Secret::new("a,b"), None).unwrap().expose(), "Bearer a,b");
        assert!(header_value_of("Bearer ", &Secret::new("a\nb"), None).is_err());
    }

    #[test]
    fn whole_line_is_read_only_when_asked_for() {
        for text in ["Authorization: Bearer abc", "authorization:Bearer abc", "AUTHORIZATION : Bearer abc"] {
            assert_eq!(read_header(text, false).unwrap_err(), Fault::WholeLine, "{text}");
        }
        let line = |text: &str| read_header(text, true).unwrap().map(|secret| secret.expose().to_owned());
        for text in ["Authorization: Bearer abc", "aUTHORIZATION:Bearer abc", "Authorization: \t Bearer  abc \t"] {
            assert_eq!(line(text).as_deref(), Some("abc"), "{text}");
        }
        for text in [
            "Bearer abc",
            "Authorization : Bearer abc",
            " Authorization: Bearer abc",
            "X: Bearer abc",
            "Authorization:",
            "Authorization: Bearer abc\r\nX: y",
        ] {
            assert_eq!(line(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_outside_grammar_is_accepted(text in r"(?i)(bearer|basic|authorization:)?[ \t]{0,2}\PC{0,12}[=\r\n ]{0,2}", line: bool) {
            if let Ok(Some(token)) = read_header(&text, line) {
                let token = token.expose();
                prop_assert!(is_b64token(token));
                let value = if line { text.split_once(':').unwrap().1 } else { text.as_str() }.trim_matches([' ', '\t']);
                let scheme = &value[..value.len() - token.len()];
                prop_assert_eq!(scheme.trim_end_matches(' ').to_ascii_lowercase(), "bearer");
                prop_assert!(scheme.ends_with(' '));
            }
        }

        #[test]
        fn what_grammar_allows_is_read(scheme in "(?i)bearer", spaces in " {1,3}", token in "[A-Za-z0-9._~+/-]{1,40}={0,3}") {
            prop_assert_eq!(value(&format!("{scheme}{spaces}{token}")), Some(token));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), line: bool) {
            let _ = read_header(&text, line);
        }
    }
}
