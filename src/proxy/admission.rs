//! Which requests are passed on at all.

use crate::error::{self, Error};
use crate::guard::PathRule;
use crate::http::wire::{Framing, Head, RequestLine};

/// A status, and why.
pub type Refusal = (u16, Error);

#[derive(Debug)]
pub struct Admission {
    /// What `Host` may say.
    own_names: Vec<String>,
    allowed: Vec<PathRule>,
    max_body: Option<u64>,
}

impl Admission {
    pub fn new(own_names: Vec<String>, allowed: Vec<PathRule>, max_body: Option<u64>) -> Self {
        Self { own_names, allowed, max_body }
    }

    /// Refuses methods that are about proxies, and what a browser sends for a page: a page elsewhere can make a name of its
    /// own point here, and can send requests whose answer it never sees.
    pub fn check_sender(&self, line: &RequestLine<'_>, head: &Head) -> Result<(), Refusal> {
        if ["TRACE", "CONNECT"].iter().any(|method| line.method.eq_ignore_ascii_case(method)) {
            return Err((405, error::proxy::unsupported_method(line.method)));
        }
        let is_own = |host: &str| self.own_names.iter().any(|name| name.eq_ignore_ascii_case(host));
        if !head.all("host").all(|host| host.text().is_some_and(is_own)) {
            return Err((403, error::proxy::foreign_host()));
        }
        let is_harmless = |site: &[u8]| matches!(site, b"none" | b"same-origin");
        let is_of_page =
            head.all("origin").next().is_some() || head.all("sec-fetch-site").any(|site| !is_harmless(site.value));
        if is_of_page { Err((403, error::proxy::browser_page())) } else { Ok(()) }
    }

    /// Refuses what `--allow` does not name, and a body that is known to be too large.
    pub fn check_request(&self, line: &RequestLine<'_>, framing: Framing) -> Result<(), Refusal> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|rule| rule.matches(line.method, line.target)) {
            return Err((403, error::proxy::not_allowed()));
        }
        match (framing, self.max_body) {
            (Framing::Length(length), Some(most)) if length > most => Err((413, error::proxy::too_large(most))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, Framing};
    use crate::http::wire::Head;

    /// The status of the refusal; 0 when there is none.
    fn check(admission: &Admission, start: &str, fields: &str) -> u16 {
        let head = Head::parse(format!("{start} HTTP/1.1\r\n{fields}\r\n").into_bytes(), 9).unwrap();
        let line = head.request_line().unwrap();
        let checked =
            admission.check_sender(&line, &head).and_then(|()| admission.check_request(&line, Framing::Length(6)));
        checked.err().map_or(0, |(status, _)| status)
    }

    fn admission(rules: &[&str], max_body: Option<u64>) -> Admission {
        let names = ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"].map(str::to_owned);
        Admission::new(names.to_vec(), rules.iter().map(|rule| rule.parse().unwrap()).collect(), max_body)
    }

    #[test]
    fn host_is_own_name_with_port() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LocalHost:8080", "[::1]:8080"] {
            assert_eq!(check(&admission(&[], None), "GET /", &format!("Host: {host}\r\n")), 0, "{host}");
        }
        for host in
            ["localhost", "127.0.0.1", "localhost:8081", "evil.example:8080", "localhost.:8080", "", "a@localhost:8080"]
        {
            assert_eq!(check(&admission(&[], None), "GET /", &format!("Host: {host}\r\n")), 403, "{host}");
        }
    }

    #[test]
    fn page_of_browser_is_refused() {
        let host = "Host: localhost:8080\r\n";
        for (field, status) in [
            ("Origin: https://evil.example\r\n", 403),
            ("Origin: http://localhost:8080\r\n", 403),
            ("origin: null\r\n", 403),
            ("Origin:\r\n", 403),
            ("Sec-Fetch-Site: cross-site\r\n", 403),
            ("Sec-Fetch-Site: same-site\r\n", 403),
            ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n", 403),
            ("Sec-Fetch-Site: none\r\n", 0),
            ("sec-fetch-site: same-origin\r\n", 0),
        ] {
            assert_eq!(check(&admission(&[], None), "GET /", &format!("{host}{field}")), status, "{field}");
        }
    }

    #[test]
    fn method_path_and_size_are_limited() {
        let host = "Host: localhost:8080\r\n";
        let limited = admission(&["GET:/a", "POST:/b"], Some(6));
        for (start, status) in [
            ("GET /a/b?c", 0),
            ("POST /b", 0),
            ("POST /a", 403),
            ("HEAD /a", 403),
            ("GET /ab", 403),
            ("GET /a/../c", 403),
            ("GET /a%2f..%2fc", 403),
            ("TRACE /a", 405),
            ("CONNECT a:1", 405),
            ("connect /", 405),
        ] {
            assert_eq!(check(&limited, start, host), status, "{start}");
        }
        assert_eq!(check(&admission(&[], Some(5)), "GET /", host), 413);
    }
}
