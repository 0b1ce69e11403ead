//! A rule for requests by method and path, read as strictly as a proxy and the server behind it could differ.

use std::str::FromStr;

use crate::hex;

/// `METHOD:PATH`, or a path for every method. A path is a prefix of whole segments, and case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRule {
    method: Option<String>,
    segments: Vec<String>,
}

impl PathRule {
    /// Whether the rule is for one method alone.
    pub fn names_method(&self) -> bool {
        self.method.is_some()
    }

    /// Whether a request fits: HEAD is not GET, and a path that two servers could read in two ways fits no rule.
    pub fn matches(&self, method: &str, target: &str) -> bool {
        // Some servers end a path at a number sign, and a few at a space.
        let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        is_plain
            && self.method.as_ref().is_none_or(|own| own == method)
            && resolve(target).is_some_and(|segments| segments.starts_with(&self.segments))
    }
}

impl FromStr for PathRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (method, path) = match text.split_once(":/") {
            Some((method, path)) if !method.contains('/') => (Some(method), format!("/{path}")),
            _ => (None, text.to_owned()),
        };
        if !method.is_none_or(is_method) || !path.starts_with('/') || path.contains(['?', '#']) {
            return Err("expected METHOD:PATH or PATH, such as GET:/items".to_owned());
        }
        let mut segments = resolve(&path).ok_or("servers could read this path in two ways")?;
        segments.pop_if(|last| last.is_empty());
        Ok(Self { method: method.map(str::to_owned), segments })
    }
}

fn is_method(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The segments of a target's path, percent-decoded once and without dot segments; `None` where servers differ about them.
fn resolve(target: &str) -> Option<Vec<String>> {
    let path = target.split('?').next()?.strip_prefix('/')?;
    let mut resolved: Vec<String> = Vec::new();
    let mut rest = path.split('/').peekable();
    while let Some(raw) = rest.next() {
        let is_last = rest.peek().is_none();
        match raw {
            "" if !is_last => return None,
            "." => {}
            ".." => drop(resolved.pop()?),
            raw => {
                let segment = decode(raw)?;
                // Some servers cut parameters off behind a semicolon before they look for dots.
                if !segment.is_empty() && matches!(segment.split(';').next()?, "" | "." | "..") {
                    return None;
                }
                resolved.push(segment);
                continue;
            }
        }
        if is_last {
            resolved.push(String::new());
        }
    }
    Some(resolved)
}

/// What some servers take for dots and slashes, because it looks alike (Unicode's compatibility decomposition).
const SIMILAR: [char; 10] = [
    '\u{2024}', '\u{2025}', '\u{2026}', '\u{2044}', '\u{2215}', '\u{FE52}', '\u{FE68}', '\u{FF0E}', '\u{FF0F}',
    '\u{FF3C}',
];

/// Decodes a segment once; `None` where the result could be read again in another way.
fn decode(raw: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            decoded.push(hex::decode_pair(bytes.next()?, bytes.next()?)?);
        } else {
            decoded.push(byte);
        }
    }
    let decoded = String::from_utf8(decoded).ok()?;
    let again = decoded.match_indices('%').any(|(at, _)| {
        decoded.as_bytes().get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '?' | '#') || SIMILAR.contains(&c);
    (!again && !decoded.chars().any(is_odd)).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PathRule;

    #[test]
    fn rule_is_method_and_path_or_path() {
        for (text, named) in [("GET:/a", true), ("/a", false), ("/", false), ("PROPFIND:/a:/b", true), ("/a:/b", false)]
        {
            assert_eq!(text.parse::<PathRule>().unwrap().names_method(), named, "{text}");
        }
        for bad in ["", "GET", "GET:", "GET:a", ":/a", "G T:/a", "a", "/a?b", "/a#b", "/a//b", "/..", "/%2e%2e", "*:/"]
        {
            assert!(bad.parse::<PathRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn path_is_prefix_of_whole_segments() {
        let fits = |rule: &str, method: &str, target: &str| rule.parse::<PathRule>().unwrap().matches(method, target);
        for (rule, target) in [
            ("GET:/a", "/a"),
            ("GET:/a", "/a/"),
            ("GET:/a/", "/a"),
            ("GET:/a", "/a/b?c=/../x//y"),
            ("GET:/a", "/b/../a/c"),
            ("GET:/a", "/./a"),
            ("GET:/a b", "/a%20b"),
            ("GET:/a%20b", "/a%20b/c"),
            ("GET:/", "/"),
            ("GET:/", "/a/.."),
            ("/a", "/%61"),
            ("/é", "/%C3%A9"),
        ] {
            assert!(fits(rule, "GET", target), "{rule} {target}");
        }
        for (rule, method, target) in [
            ("GET:/a", "HEAD", "/a"),
            ("GET:/a", "get", "/a"),
            ("GET:/a", "POST", "/a"),
            ("GET:/a", "GET", "/ab"),
            ("GET:/a", "GET", "/A"),
            ("GET:/a", "GET", "/a/../b"),
            ("GET:/a", "GET", "/"),
            ("GET:/a", "GET", "*"),
            ("GET:/a", "GET", "/b?/a"),
        ] {
            assert!(!fits(rule, method, target), "{rule} {method} {target}");
        }
    }

    #[test]
    fn path_that_servers_read_in_two_ways_fits_no_rule() {
        let rule: PathRule = "/".parse().unwrap();
        for target in [
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a//b",
            "//a",
            "/a%00",
            "/a%0a",
            "/a%",
            "/a%2",
            "/a%zz",
            "/../a",
            "/a/../../b",
            "/%2e%2e/a",
            "/a/%2e",
            "/a/.%2e/b",
            "/%252e%252e/a",
            "/a/..;/b",
            "/a/..;x=1/b",
            "/;/a",
            "/a/;x/b",
            "/%ff",
            "/%C3",
            "/a%252Fb",
            "/a#b",
            "/x#/../a",
            "/x%23/../a",
            "/x%3f/../a",
            "/a b",
            "/a\u{0}",
            "/\u{e9}",
            "/%EF%BC%8E%EF%BC%8E/a",
            "/a%E2%88%95b",
            "http://h/a",
            "h:80",
            "a",
            "",
            "?a",
        ] {
            assert!(!rule.matches("GET", target), "{target}");
        }
    }

    /// How a server may come from a target to the path that it serves. These are the steps of nginx, of Go's net/http and of
    /// servlet containers, in any order and number, as a proxy and a server behind it take them one after the other.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        CutQuery,
        CutFragment,
        CutSpace,
        /// The scheme and authority of an absolute form.
        CutOrigin,
        CutNul,
        Decode,
        MergeSlashes,
        BackslashIsSlash,
        /// Each segment ends at its first semicolon.
        CutParameters,
        /// Segments of one and two dots; the root has no parent.
        ResolveDots,
    }

    const STEPS: [Step; 10] = [
        Step::CutQuery,
        Step::CutFragment,
        Step::CutSpace,
        Step::CutOrigin,
        Step::CutNul,
        Step::Decode,
        Step::MergeSlashes,
        Step::BackslashIsSlash,
        Step::CutParameters,
        Step::ResolveDots,
    ];

    fn apply(step: Step, path: &str) -> String {
        let until = |sign: char| path.split(sign).next().unwrap_or_default().to_owned();
        match step {
            Step::CutQuery => until('?'),
            Step::CutFragment => until('#'),
            Step::CutSpace => until(' '),
            Step::CutNul => until('\0'),
            Step::CutOrigin => match path.split_once("://") {
                Some((_, rest)) if !path.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
                _ => path.to_owned(),
            },
            Step::Decode => {
                let (mut decoded, mut at) = (Vec::new(), 0);
                let bytes = path.as_bytes();
                while at < bytes.len() {
                    let pair = bytes.get(at + 1).zip(bytes.get(at + 2)).filter(|_| bytes[at] == b'%');
                    let byte = pair.and_then(|(high, low)| crate::hex::decode_pair(*high, *low));
                    decoded.push(byte.unwrap_or(bytes[at]));
                    at += if byte.is_some() { 3 } else { 1 };
                }
                String::from_utf8_lossy(&decoded).into_owned()
            }
            Step::MergeSlashes => {
                let mut merged = path.to_owned();
                while merged.contains("//") {
                    merged = merged.replace("//", "/");
                }
                merged
            }
            Step::BackslashIsSlash => path.replace('\\', "/"),
            Step::CutParameters => {
                let segments: Vec<_> = path.split('/').map(|part| part.split(';').next().unwrap_or_default()).collect();
                segments.join("/")
            }
            Step::ResolveDots => {
                let mut kept: Vec<&str> = Vec::new();
                for part in path.split('/').skip(1) {
                    match part {
                        "." => {}
                        ".." => drop(kept.pop()),
                        part => kept.push(part),
                    }
                }
                format!("/{}", kept.join("/"))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever a server makes of a target that fits the rule, it serves nothing beside the excluded path.
        #[test]
        fn no_spelling_of_another_path_fits(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "/", "/", "pub", "pub", "admin", "..", ".", "%2e", "%2E", ".%2e", "%252e", "%2f", "%2F", "%5c", "\\", ";",
                    ";x=1", "%3b", "//", "?", "%3f", "#", "%23", "%00", "\0", " ", "%20", "http://h", "h:80", "%70ub", "PUB",
                    "%", "%c0%ae", "%EF%BC%8E",
                ]),
                0..9,
            ),
            rooted: bool,
            steps in prop::collection::vec(prop::sample::select(STEPS.to_vec()), 0..8),
        ) {
            let target = (if rooted { "/pub" } else { "" }).to_owned() + &pieces.concat();
            let rule: PathRule = "/pub".parse().unwrap();
            if rule.matches("GET", &target) {
                // Every server ends a path at the query first, and decodes it: to it %70 is p (RFC 3986 §2.3).
                let mut path = apply(Step::CutQuery, &target);
                let decodes = steps.iter().any(|step| matches!(step, Step::Decode));
                let last = if decodes { vec![Step::ResolveDots] } else { vec![Step::Decode, Step::ResolveDots] };
                for step in steps.into_iter().chain(last) {
                    path = apply(step, &path);
                }
                let served = path.split(';').next().unwrap_or_default();
                prop_assert!(served == "/pub" || served.starts_with("/pub/"), "{target:?} is served as {path:?}");
            }
        }
    }
}
