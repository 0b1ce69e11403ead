//! Where a zone's tokens may go.

use std::fmt;

use url::Host;

/// A pattern of `--host`: `h` is any port of h, `h:8443` that port, `*.h` every name below h but not h itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    below: bool,
    host: String,
    port: Option<u16>,
    text: String,
}

/// How narrow a pattern is: a greater one beats a smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    exact: bool,
    length: usize,
    port: bool,
}

impl HostPattern {
    /// Reads a pattern; `None` for what is not one. Names are compared in lower case and in their ASCII form (IDNA); an
    /// IPv6 address has brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let (name, port) = match rest.rsplit_once(':') {
            Some((name, port)) if !rest.ends_with(']') => (name, Some(read_port(port)?)),
            _ => (rest, None),
        };
        if name.is_empty() || name.starts_with('.') || name.contains(['*', '/', '@', '?', '#', '%', '\\']) {
            return None;
        }
        let host = Host::parse(name).ok()?;
        if below && !matches!(host, Host::Domain(_)) {
            return None;
        }
        Some(Self { below, host: host.to_string(), port, text: text.to_owned() })
    }

    /// Whether the pattern lets a token go to this host and port. The host is as the URL reader gives it: lower case,
    /// ASCII, an IPv6 address in brackets.
    #[cfg_attr(not(test), expect(dead_code, reason = "handing a token to a host asks it"))]
    pub fn matches(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        let named = if self.below {
            host.strip_suffix(&self.host).is_some_and(|start| start.len() > 1 && start.ends_with('.'))
        } else {
            host == self.host
        };
        named && self.port.is_none_or(|own| own == port)
    }

    /// How narrow it is: a whole name before a suffix, a longer suffix before a shorter one, a port before none.
    #[cfg_attr(not(test), expect(dead_code, reason = "of several zones for a host the most specific wins"))]
    pub fn specificity(&self) -> Specificity {
        let length = if self.below { self.host.len() } else { usize::MAX };
        Specificity { exact: !self.below, length, port: self.port.is_some() }
    }
}

fn read_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::HostPattern;

    fn matches(pattern: &str, host: &str, port: u16) -> bool {
        HostPattern::parse(pattern).unwrap().matches(host, port)
    }

    #[test]
    fn the_three_forms() {
        assert!(matches("api.example", "api.example", 443) && matches("api.example", "API.example", 8443));
        assert!(matches("API.Example:8443", "api.example", 8443) && !matches("api.example:8443", "api.example", 443));
        assert!(matches("*.example", "api.example", 443) && matches("*.example", "a.b.example", 1));
        assert!(matches("*.example:8443", "a.example", 8443) && !matches("*.example:8443", "a.example", 443));
        for host in ["example", ".example", "badexample", "example.evil", "a.example."] {
            assert!(!matches("*.example", host, 443), "{host}");
        }
        assert!(!matches("api.example", "x.api.example", 443) && !matches("api.example", "api.example.evil", 443));
    }

    #[test]
    fn addresses_and_other_alphabets() {
        assert!(matches("[::1]", "[::1]", 80) && matches("[0:0::1]:8080", "[::1]", 8080));
        assert!(!matches("[::1]:8080", "[::1]", 80));
        assert!(matches("127.0.0.1:8080", "127.0.0.1", 8080));
        assert!(matches("*.bücher.example", "a.xn--bcher-kva.example", 443));
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "*.*.h",
            "h*",
            "h:",
            "h:0",
            "h:+1",
            "h:99999",
            "https://h",
            "h/p",
            "u@h",
            "::1",
            "*.127.0.0.1",
            "*.[::1]",
            ".h",
            "h h",
        ] {
            assert!(HostPattern::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_narrower_wins() {
        let order = ["*.example", "*.example:1", "*.api.example", "*.api.example:1", "h", "h:1"];
        let ranks: Vec<_> = order.iter().map(|text| HostPattern::parse(text).unwrap().specificity()).collect();
        assert!(ranks.is_sorted() && ranks.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn it_shows_what_it_reads() {
        for text in ["h", "h:8443", "*.h", "*.h:1", "[::1]:1", "H", "bücher.example"] {
            assert_eq!(HostPattern::parse(text).unwrap().to_string(), text);
        }
    }
}
