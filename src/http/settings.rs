//! What a command hands in.

use std::path::PathBuf;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::client_certificate::Identity;
use super::fault::Fault;
use super::phase::BeforeSend;
use super::target::Target;
use crate::edges::{Deadline, Environment};
use crate::oauth::message::{Body, Request};
use crate::text::sanitize;

/// The settings of a client: plain data, checked when the first request is sent.
#[derive(Clone)]
pub struct Settings {
    pub deadline: Deadline,
    /// Files of certificates (PEM) that are trusted besides the roots of the system.
    pub cacert: Vec<PathBuf>,
    /// Headers that every request carries besides its own, which they replace. Their values are hidden in traces.
    pub headers: Vec<(String, String)>,
    /// The URL whose origin alone gets these headers; `None` is every server.
    pub headers_to: Option<String>,
    /// The proxy for https; it beats the environment, `NO_PROXY` included. An empty string means no proxy.
    pub proxy: Option<String>,
    /// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` (both cases), `SSL_CERT_FILE` and `SSL_CERT_DIR` are read from it.
    pub environment: Environment,
    pub identity: Option<Identity>,
    /// Whether to try again; a probe of the breaker does not.
    pub retries: bool,
    /// What is done before the first byte of a request leaves that must not be repeated.
    pub before_send: Option<BeforeSend>,
}

/// Headers that say how a message is framed, where it goes or who asks: they are made here, never given.
const RESERVED_HEADERS: [&str; 23] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "cookie2",
    "dpop",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Settings {
    /// The headers besides its own that a request to this URL carries.
    pub fn headers_for(&self, url: &str) -> &[(String, String)] {
        let origin = |url: &str| Target::parse(url).ok().map(|target| target.origin);
        match &self.headers_to {
            Some(home) if !self.headers.is_empty() && origin(home) != origin(url) => &[],
            _ => &self.headers,
        }
    }

    pub fn headers_of(&self, request: &Request) -> Result<HeaderMap, Fault> {
        let mut map = HeaderMap::new();
        for (name, value) in &request.headers {
            let hidden = matches!(value, crate::oauth::message::Value::Hidden(_));
            map.append(header_name(name)?, header_value(name, value.wire(), hidden)?);
        }
        let kind = match request.body {
            Body::Empty => None,
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Json(_) => Some("application/json"),
        };
        if let Some(kind) = kind {
            map.insert("content-type", HeaderValue::from_static(kind));
        }
        let mut extra = HeaderMap::new();
        for (name, value) in self.headers_for(&request.url) {
            let key = header_name(name.trim())?;
            if RESERVED_HEADERS.contains(&key.as_str()) {
                return Err(Fault::Header { name: sanitize(name), why: "it is set by hallpass itself" });
            }
            extra.append(key, header_value(name, value.trim(), true)?);
        }
        // The first value of a name replaces those of the request, further ones are added.
        map.extend(extra);
        Ok(map)
    }
}

fn header_name(name: &str) -> Result<HeaderName, Fault> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Fault::Header { name: sanitize(name), why: "its name is not a header name" })
}

fn header_value(name: &str, value: &str, hidden: bool) -> Result<HeaderValue, Fault> {
    let refuse = |why| Fault::Header { name: sanitize(name), why };
    if value.chars().any(char::is_control) {
        return Err(refuse("its value contains a control character"));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| refuse("its value is not a header value"))?;
    value.set_sensitive(hidden);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, Settings};
    use crate::edges::{Deadline, Environment};
    use crate::oauth::message::Request;

    fn settings(headers: &[(&str, &str)]) -> Settings {
        Settings {
            deadline: Deadline::after(Duration::from_secs(5)),
            cacert: Vec::new(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            headers_to: None,
            proxy: None,
            environment: Environment::default(),
            identity: None,
            retries: true,
            before_send: None,
        }
    }

    #[test]
    fn given_header_wins_over_accept_and_is_hidden() {
        let settings = settings(&[("accept", "text/plain"), ("X-Key", " hunter2 "), ("x-key", "two")]);
        let map = settings.headers_of(&Request::metadata("https://as.example/")).unwrap();
        assert_eq!(map.get_all("accept").iter().collect::<Vec<_>>(), ["text/plain"]);
        assert_eq!(map.get_all("x-key").iter().collect::<Vec<_>>(), ["hunter2", "two"]);
        assert!(!format!("{map:?}").contains("hunter2"));
    }

    #[test]
    fn headers_go_to_one_origin_only() {
        let mut settings = settings(&[("X-Key", "hunter2")]);
        settings.headers_to = Some("https://as.example/realms/x".to_owned());
        let sent =
            |url: &str| !settings.headers_of(&Request::metadata(url)).unwrap().get_all("x-key").iter().eq([""; 0]);
        assert!(sent("https://as.example/keys") && sent("https://as.example:443/"));
        assert!(!sent("https://as.example:8443/keys") && !sent("https://keys.example/") && !sent("http://localhost/"));
    }

    #[test]
    fn headers_of_ours_and_smuggled_lines_are_refused() {
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("HOST", "evil"),
            ("Content-Length", "0"),
            ("cookie", "a=b"),
            ("Accept-Encoding", "gzip"),
            ("a b", "x"),
            ("", "x"),
            ("X-A\r\nHost", "evil"),
            ("X-A", "hunter2\r\nHost: evil"),
            ("X-A", "hunter2\u{0}"),
        ] {
            let fault = settings(&[(name, value)]).headers_of(&Request::metadata("https://as.example/")).unwrap_err();
            assert!(matches!(fault, Fault::Header { .. }), "{name}");
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
    }
}
