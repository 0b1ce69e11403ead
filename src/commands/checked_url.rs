//! A URL that a token is sent to, read so that another program can't read another host out of it.

use url::{Host, Url};

use crate::config::HostPattern;
use crate::oauth::secure_url::is_loopback_host;

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    /// As it was typed.
    pub text: String,
    pub secure: bool,
    /// The host, as it is written in the URL.
    pub name: String,
    pub host: Host,
    pub port: u16,
}

impl CheckedUrl {
    /// Reads a URL of which every parser must see the same scheme, host and port. What curl would complete or convert is
    /// refused with the reason.
    pub fn read(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or("a URL must begin with https://")?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return Err("a URL must begin with https://");
        }
        if url.chars().any(|c| c.is_control() || c == ' ') {
            return Err("a URL has no spaces and no control characters");
        }
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        if authority.contains('@') {
            return Err("a URL with a user is not sent with a token");
        }
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !authority.ends_with(']') => (name, Some(port)),
            _ => (authority, None),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
        let default = if secure { 443 } else { 80 };
        let is_number = |port: &&str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.map_or(Some(default), |port| Some(port).filter(is_number)?.parse().ok());
        let host = Host::parse(name).ok().filter(|_| name.chars().all(plain));
        // 127.1 and 0x7f000001 are addresses to some parsers and names to others.
        let host = host.filter(|host| !matches!(host, Host::Ipv4(address) if address.to_string() != name));
        match (host, port) {
            (Some(host), Some(port)) => Ok(Self { text: url.to_owned(), secure, name: name.to_owned(), host, port }),
            _ => Err("the host or the port of a URL is not written plainly"),
        }
    }

    /// Whether it is an origin alone: without path, query and fragment, but for a slash.
    pub fn is_bare(&self) -> bool {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        !rest.strip_suffix('/').unwrap_or(rest).contains(['/', '?', '#'])
    }

    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.name)
    }

    /// As curl requests it, and as a server knows it: without dot segments, the scheme and the host in lower case.
    pub fn requested(&self) -> String {
        let path = self.text.len() - self.text.split_once("://").map_or(0, |(_, rest)| rest.len());
        let path = self.text[path..].find(['/', '?', '#']).map_or(self.text.len(), |at| path + at);
        let (origin, path) = self.text.split_at(path);
        let is_dotted = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | "..");
        let is_plain = !path.split(['?', '#']).next().unwrap_or_default().split('/').any(is_dotted);
        match Url::parse(&self.text) {
            Ok(url) if !is_plain => url.into(),
            _ => format!("{}{path}", origin.to_ascii_lowercase()),
        }
    }

    /// The host, with the port if it is not the scheme's own: what `--allow-host` takes.
    pub fn origin_host(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { self.name.clone() } else { format!("{}:{}", self.name, self.port) }
    }
}

/// A pattern of `--allow-host`.
pub fn parse_host(text: &str) -> Result<HostPattern, String> {
    HostPattern::parse(text).ok_or_else(|| "must be a host such as h, h:8443 or *.h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::CheckedUrl;

    #[test]
    fn plain_url_has_host_and_port() {
        for (url, host, port, secure) in [
            ("https://api.example/x?y#z", "api.example", 443, true),
            ("HTTPS://API.example", "API.example", 443, true),
            ("https://api.example:8443?x=http://evil/@", "api.example", 8443, true),
            ("http://127.0.0.1:80/a@b", "127.0.0.1", 80, false),
            ("http://[::1]:8080/", "[::1]", 8080, false),
            ("https://a_b.example./", "a_b.example.", 443, true),
        ] {
            let target = CheckedUrl::read(url).unwrap();
            assert_eq!((&*target.name, target.port, target.secure), (host, port, secure), "{url}");
        }
    }

    #[test]
    fn dots_and_case_do_not_reach_server() {
        for (url, requested) in [
            ("HTTPS://Api.example:8443/A?b=/../", "https://api.example:8443/A?b=/../"),
            ("https://api.example/a/./b/../c%7E?d", "https://api.example/a/c%7E?d"),
            ("https://api.example/a/%2E%2e/\"c\"", "https://api.example/%22c%22"),
            ("https://api.example/\"a..\"/...", "https://api.example/\"a..\"/..."),
            ("https://api.example", "https://api.example"),
        ] {
            assert_eq!(CheckedUrl::read(url).unwrap().requested(), requested);
        }
    }

    #[test]
    fn url_that_two_parsers_read_differently_is_refused() {
        for url in [
            "",
            "api.example/x",
            "//api.example",
            "https:api.example",
            "https:/api.example",
            "ftp://api.example/",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://good.example@evil.example/",
            "https://good.example\\@evil.example/",
            "https://good.example\\.evil.example/",
            "https://good.example%2eevil.example/",
            "https://good.example:443:80/",
            "https://good.example:/",
            "https://good.example:99999/",
            "https://good.example:+443/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://bücher.example/",
            "https://good.example evil/",
            "https://good.example\t/",
            "https://good.example/\r\nx",
            "https://[::1%25lo]/",
            "https://[::1",
            "https://::1/",
            "https://{a,b}.example/",
        ] {
            assert!(CheckedUrl::read(url).is_err(), "{url}");
        }
    }
}
