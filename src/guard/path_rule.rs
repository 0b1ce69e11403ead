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
        self.method.as_ref().is_none_or(|own| own == method)
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
    (!again && !decoded.contains(['/', '\\']) && !decoded.chars().any(char::is_control)).then_some(decoded)
}

#[cfg(test)]
mod tests {
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
        ] {
            assert!(!rule.matches("GET", target), "{target}");
        }
    }
}
