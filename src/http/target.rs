//! Where a request may go.

use url::{Position, Url};

use super::fault::Fault;
use crate::oauth::secure_url::{self, UrlFault, is_loopback, without_secrets};
use crate::text::sanitize;

const LONGEST: usize = 8192;

/// A URL that passed the law.
#[derive(Debug, Clone)]
pub struct Target {
    /// The parsed URL, without fragment.
    pub url: Url,
    /// `scheme://host:port`, without a default port.
    pub origin: String,
    pub loopback: bool,
}

/// A page that a person may be sent to: https, or http to loopback, written so that it is one word for every program.
pub fn check_page(url: &str) -> Result<String, Fault> {
    Target::parse(url).map(|target| target.url.into())
}

impl Target {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refuse = |why| Fault::Url { url: without_secrets(text), why };
        if text.len() > LONGEST {
            return Err(refuse("it is longer than 8192 bytes"));
        }
        // The parser strips some of these in silence, so that what is checked is not what was written.
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refuse("it contains a space or a control character"));
        }
        Self::check(Url::parse(text).map_err(|_| refuse(UrlFault::NotAbsolute.reason()))?)
    }

    fn check(mut url: Url) -> Result<Self, Fault> {
        let (origin, loopback) = (url.origin().ascii_serialization(), is_loopback(&url));
        match secure_url::check(&url) {
            Ok(()) => {
                url.set_fragment(None);
                Ok(Self { url, origin, loopback })
            }
            Err(UrlFault::PlainHttp) => Err(Fault::PlainHttp { origin }),
            Err(fault) => Err(Fault::Url { url: without_query(&url), why: fault.reason() }),
        }
    }

    /// Whether it is plain http, and so needs no certificates.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Where a redirect of an anonymous GET leads.
    pub fn follow(&self, location: &str) -> Result<Self, Fault> {
        let refuse = |target, why| Fault::RedirectRefused { origin: self.origin.clone(), target, why };
        let url = self.url.join(location).map_err(|_| refuse(None, "its target is not a URL"))?;
        if url.origin() != self.url.origin() {
            return Err(refuse(Some(name_origin(&url)), "it leaves the origin"));
        }
        Self::check(url).map_err(|_| refuse(Some(self.origin.clone()), "its target is not allowed"))
    }

    pub fn points_to(&self, location: &str) -> Option<String> {
        self.url.join(location).ok().map(|url| name_origin(&url))
    }

    pub fn without_query(&self) -> String {
        without_query(&self.url)
    }
}

/// An opaque origin (`file:`, `data:`) has no name but its scheme.
fn name_origin(url: &Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) }
}

/// A URL without user, query and fragment.
fn without_query(url: &Url) -> String {
    if !url.has_host() {
        return without_secrets(url.as_str());
    }
    sanitize(&format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPath]))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Target};

    #[test]
    fn https_goes_anywhere_and_http_to_loopback_only() {
        for good in [
            "https://as.example/token",
            "https://localhost:8443/x",
            "http://localhost/token",
            "http://LOCALHOST/token",
            "http://127.0.0.1:80/",
            "http://127.255.1.2/",
            "http://[::1]:9000/token",
            "http://0x7f.1/",
            "http://2130706433/",
        ] {
            assert!(Target::parse(good).is_ok(), "{good}");
        }
        for plain in [
            "http://as.example/token",
            "http://localhost.example/",
            "http://x.localhost/",
            "http://localhost./",
            "http://[::ffff:127.0.0.1]/",
            "http://128.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://127.0.0.1.example/",
        ] {
            assert!(matches!(Target::parse(plain), Err(Fault::PlainHttp { .. })), "{plain}");
        }
    }

    #[test]
    fn url_has_end() {
        let long = |length: usize| format!("https://as.example/{}", "x".repeat(length - 19));
        assert!(Target::parse(&long(8192)).is_ok());
        assert!(matches!(Target::parse(&long(8193)), Err(Fault::Url { .. })));
    }

    #[test]
    fn other_urls_are_refused_without_their_secrets() {
        for (bad, shown) in [
            ("ftp://as.example/x", "ftp://as.example/x"),
            ("https://me:hunter2@as.example/token?code=hunter2", "https://as.example/token"),
            ("http://user@127.0.0.1/", "http://127.0.0.1/"),
            ("as.example/token?code=hunter2", "as.example/token"),
            ("me:hunter2@as.example", "as.example"),
            ("https://as.example/a b#hunter2", "https://as.example/a b"),
            ("https://as.exa\nmple/", "https://as.exa\\u{a}mple/"),
            ("https://", "https://"),
            ("", ""),
        ] {
            let fault = Target::parse(bad).unwrap_err();
            let Fault::Url { url, .. } = &fault else { panic!("{bad}: {fault}") };
            assert_eq!(url, shown);
            assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{fault:?}");
        }
    }

    #[test]
    fn redirect_stays_on_its_origin() {
        let from = Target::parse("https://as.example/realms/a?x=1").unwrap();
        assert_eq!(from.follow("/b").unwrap().url.as_str(), "https://as.example/b");
        assert_eq!(from.follow("c?d").unwrap().url.as_str(), "https://as.example/realms/c?d");
        assert_eq!(from.follow("https://as.example:443/b").unwrap().origin, "https://as.example");
        for (astray, name) in [
            ("http://as.example/b", "http://as.example"),
            ("https://as.example:8443/", "https://as.example:8443"),
            ("//evil.example/x?y", "https://evil.example"),
            ("https://x.as.example/", "https://x.as.example"),
            ("file:///etc/passwd", "file:"),
        ] {
            let Err(Fault::RedirectRefused { target, .. }) = from.follow(astray) else { panic!("{astray}") };
            assert_eq!(target.as_deref(), Some(name));
        }
        assert!(from.follow("https://me:hunter2@as.example/").is_err());
    }
}
