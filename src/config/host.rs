//! A host that a zone's tokens may be sent to.

use std::fmt;

use url::Host;

/// A pattern of `--host`: `h` is any port of h, `h:8443` that port, `*.h` every name below h but not h itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    text: String,
    host: Host,
    /// Whether the names below the host are meant.
    below: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// Reads a pattern; an IPv6 address has brackets. `None` for what is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let (name, port) = match rest.rsplit_once(':') {
            Some((name, port)) if !rest.ends_with(']') => {
                let digits = port.bytes().all(|byte| byte.is_ascii_digit());
                (name, Some(port.parse::<u16>().ok().filter(|port| digits && *port > 0)?))
            }
            _ => (rest, None),
        };
        if name.is_empty() || name.starts_with('.') || name.contains(['*', '/', '@', '?', '#', '%', '\\']) {
            return None;
        }
        let host = Host::parse(name).ok()?;
        let fits = matches!(host, Host::Domain(_)) || !below;
        fits.then(|| Self { text: text.to_owned(), host, below, port })
    }

    /// How exactly the pattern names this host and port, the larger the more exactly; `None` where it does not.
    pub fn precision(&self, host: &Host, port: u16) -> Option<impl Ord + use<>> {
        if self.port.is_some_and(|wanted| wanted != port) {
            return None;
        }
        let length = match (&self.host, host) {
            (Host::Domain(parent), Host::Domain(name)) if self.below => {
                let label = name.strip_suffix(parent.as_str())?.strip_suffix('.')?;
                (!label.is_empty()).then_some(parent.len())?
            }
            _ => (self.host == *host).then_some(usize::MAX)?,
        };
        Some((length, self.port))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use url::Host;

    use super::HostPattern;

    #[test]
    fn what_is_not_host_is_refused() {
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
    fn pattern_names_host_port_or_names_below() {
        let fits = |pattern: &str, host: &str, port: u16| {
            HostPattern::parse(pattern).unwrap().precision(&Host::parse(host).unwrap(), port).is_some()
        };
        for (pattern, host, port) in [
            ("h", "h", 1),
            ("H", "h", 443),
            ("h:8443", "h", 8443),
            ("*.h", "a.h", 443),
            ("*.h", "b.a.h", 443),
            ("*.h:1", "a.h", 1),
            ("127.0.0.1", "127.0.0.1", 80),
            ("[0:0::1]:8080", "[::1]", 8080),
            ("bücher.example", "xn--bcher-kva.example", 443),
        ] {
            assert!(fits(pattern, host, port), "{pattern} {host} {port}");
        }
        for (pattern, host, port) in [
            ("h", "a.h", 443),
            ("h:8443", "h", 443),
            ("*.h", "h", 443),
            ("*.h", "ah", 443),
            ("*.h", ".h", 443),
            ("*.h:1", "a.h", 2),
            ("h.example", "h.example.evil", 443),
            ("127.0.0.1", "127.0.0.2", 80),
        ] {
            assert!(!fits(pattern, host, port), "{pattern} {host} {port}");
        }
    }

    #[test]
    fn exact_host_outranks_names_below_and_port_outranks_any() {
        let order = ["*.example", "*.example:443", "*.b.example", "a.b.example", "a.b.example:443"];
        let host = Host::parse("a.b.example").unwrap();
        let precision = |text: &str| HostPattern::parse(text).unwrap().precision(&host, 443);
        assert!(order.windows(2).all(|pair| precision(pair[0]) < precision(pair[1])));
    }

    #[test]
    fn pattern_is_shown_as_it_was_written() {
        for text in
            ["h", "h:8443", "*.h", "*.h:1", "[::1]:1", "[0:0::1]:8080", "H", "bücher.example", "*.bücher.example"]
        {
            assert_eq!(HostPattern::parse(text).unwrap().to_string(), text);
        }
    }
}
