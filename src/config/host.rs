//! A host that a zone's tokens may be sent to.

use std::fmt;

use url::Host;

/// A pattern of `--host`: `h` is any port of h, `h:8443` that port, `*.h` every name below h but not h itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(String);

impl HostPattern {
    /// Reads a pattern; an IPv6 address has brackets. `None` for what is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let name = match rest.rsplit_once(':') {
            Some((name, port)) if !rest.ends_with(']') => {
                let digits = port.bytes().all(|byte| byte.is_ascii_digit());
                port.parse::<u16>().ok().filter(|port| digits && *port > 0)?;
                name
            }
            _ => rest,
        };
        if name.is_empty() || name.starts_with('.') || name.contains(['*', '/', '@', '?', '#', '%', '\\']) {
            return None;
        }
        let is_name = matches!(Host::parse(name).ok()?, Host::Domain(_));
        (is_name || !below).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
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
    fn pattern_is_shown_as_it_was_written() {
        for text in
            ["h", "h:8443", "*.h", "*.h:1", "[::1]:1", "[0:0::1]:8080", "H", "bücher.example", "*.bücher.example"]
        {
            assert_eq!(HostPattern::parse(text).unwrap().to_string(), text);
        }
    }
}
