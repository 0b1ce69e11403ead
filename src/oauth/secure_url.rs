//! A URL that a request, a person or a browser may be sent to: https, or http to this machine.

use std::net::IpAddr;

use url::{Host, Url};

use crate::text::sanitize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlFault {
    NotAbsolute,
    Scheme,
    /// It has a user name or a password, which a person may take for its host.
    User,
    NoHost,
    PlainHttp,
}

impl UrlFault {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotAbsolute => "it is not an absolute URL",
            Self::Scheme | Self::PlainHttp => "its scheme is not https",
            Self::User => "it has a user name or a password",
            Self::NoHost => "it names no host",
        }
    }
}

/// Parses an absolute URL that passes [`check`].
pub fn parse(text: &str) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault::NotAbsolute)?;
    check(&url).map(|()| url)
}

/// Checks that a URL is https, or http to loopback, and names no user. It is parsed, because that turns `http://0x7f.1`
/// into 127.0.0.1.
pub fn check(url: &Url) -> Result<(), UrlFault> {
    match url.scheme() {
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => Err(UrlFault::User),
        "https" | "http" if url.host().is_none() => Err(UrlFault::NoHost),
        "http" if !is_loopback(url) => Err(UrlFault::PlainHttp),
        "https" | "http" => Ok(()),
        _ => Err(UrlFault::Scheme),
    }
}

/// Whether a URL is on the origin of another one: a token for the one may go to the other.
pub fn same_origin(url: &str, other: &str) -> bool {
    // What URL readers drop or turn could look like another host to the next reader.
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '#' | '@');
    !url.chars().any(odd)
        && matches!((parse(url), parse(other)), (Ok(url), Ok(other)) if url.origin() == other.origin())
}

/// A string that may not be a URL at all, without what may be a secret in it: user and password, query, fragment.
pub fn without_secrets(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match text.rsplit_once('@') {
        Some((before, place)) => sanitize(&[before.find("//").map_or("", |at| &before[..at + 2]), place].concat()),
        None => sanitize(text),
    }
}

/// Whether a URL names this machine.
pub fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Whether a host is this machine: 127.0.0.0/8, `[::1]` and `localhost` (RFC 6761 §6.3).
pub fn is_loopback_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a place that a URL's server names is nearer to this machine than the server: on this machine, or in a private
/// network by its address. A stranger who names it would have requests sent where they can't send any.
pub fn leads_inward(from: &str, to: &str) -> bool {
    distance(to) < distance(from)
}

/// 0 for this machine, 1 for an address of a private network, 2 for everything else.
fn distance(url: &str) -> u8 {
    let Ok(url) = Url::parse(url) else { return 2 };
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical(),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            return if name == "localhost" || name.ends_with(".localhost") { 0 } else { 2 };
        }
        None => return 2,
    };
    if address.is_loopback() || address.is_unspecified() {
        return 0;
    }
    let is_private = match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // RFC 6598 has the addresses of carriers.
            address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    if is_private { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::{UrlFault, is_loopback_host, leads_inward, parse, same_origin};

    #[test]
    fn only_https_and_http_to_loopback() {
        for good in
            ["https://as.example/x", "http://127.1.2.3:80/", "http://[::1]/", "http://LOCALHOST/", "http://0x7f.1/"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (bad, fault) in [
            ("as.example", UrlFault::NotAbsolute),
            ("ftp://as.example/", UrlFault::Scheme),
            ("data:text/plain,x", UrlFault::Scheme),
            ("https://me@as.example/", UrlFault::User),
            ("http://as.example/", UrlFault::PlainHttp),
            ("http://localhost.example/", UrlFault::PlainHttp),
            ("http://[::ffff:127.0.0.1]/", UrlFault::PlainHttp),
        ] {
            assert_eq!(parse(bad).unwrap_err(), fault, "{bad}");
        }
    }

    #[test]
    fn name_that_begins_like_loopback_is_not() {
        for host in ["localhost.", "x.localhost", "127.0.0.1.example", "0.0.0.0", "128.0.0.1", ""] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }

    #[test]
    fn origin_is_compared_as_browsers_do() {
        assert!(same_origin("https://A.example:443/x", "https://a.example/register"));
        assert!(!same_origin("https://a.example.evil/x", "https://a.example/register"));
        assert!(!same_origin("data:x", "data:x"));
    }

    #[test]
    fn stranger_may_not_lead_inward() {
        let out = ["https://a.example", "https://8.8.8.8/x", "https://[2001:db8::1]"];
        let private =
            ["https://10.0.0.1", "https://192.168.1.1:8443/x", "https://169.254.169.254", "https://[fd00::1]"];
        let private = [&private[..], &["https://172.16.0.1", "https://100.64.0.1", "https://[fe80::1]"]].concat();
        let local = ["http://127.0.0.1:8080", "http://localhost", "https://x.localhost.", "https://0.0.0.0"];
        let local = [&local[..], &["http://[::1]", "https://0x7f.1/x", "https://[::ffff:127.0.0.1]"]].concat();
        for (from, nearer) in [(&out[..], [&private[..], &local[..]].concat()), (&private[..], local.clone())] {
            for (from, to) in from.iter().flat_map(|from| nearer.iter().map(move |to| (from, to))) {
                assert!(leads_inward(from, to) && !leads_inward(to, from), "{from} {to}");
            }
        }
        for group in [&out[..], &private, &local] {
            assert!(!leads_inward(group[0], group[1]));
        }
    }
}
