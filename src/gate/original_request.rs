//! What the client of a proxy asked for, as the proxy reports it. Pure.
//!
//! A proxy may pass on fields that its client made up. Where two of them disagree, or one comes twice, nothing is known
//! of the request: it fits no rule, and no proof can be bound to it.

use crate::guard::PathRule;
use crate::http::wire::Head;

/// Fields with the method.
const METHODS: [&str; 2] = ["X-Forwarded-Method", "X-Original-Method"];
/// Fields with the target, or with the whole URL.
const TARGETS: [&str; 3] = ["X-Forwarded-Uri", "X-Original-URI", "X-Original-URL"];
/// The field with the scheme, and that with the host and its port.
const SCHEME: &str = "X-Forwarded-Proto";
const HOST: &str = "X-Forwarded-Host";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRequest {
    /// Method and target, if all that is reported of them agrees.
    known: Option<(String, String)>,
}

impl OriginalRequest {
    /// `method` is that of the question, and `below` what follows `/auth` in its target.
    pub fn read(head: &Head, method: &str, below: &str) -> Self {
        let own = if below.is_empty() { "/" } else { below };
        let known = agreed(head, &METHODS, |method| Some(method.to_owned())).and_then(|of_method| {
            let target = agreed(head, &TARGETS, |text| Some(split_origin(text)?.1.to_owned()))?;
            Ok((of_method.unwrap_or_else(|| method.to_owned()), target.unwrap_or_else(|| own.to_owned())))
        });
        let known = known.ok();
        Self { known }
    }

    /// Whether one of the rules is for it.
    pub fn fits(&self, rules: &[PathRule]) -> bool {
        self.known.as_ref().is_some_and(|(method, target)| rules.iter().any(|rule| rule.matches(method, target)))
    }

    /// Method and target, where both are certain.
    pub fn known(&self) -> Option<(&str, &str)> {
        self.known.as_ref().map(|(method, target)| (method.as_str(), target.as_str()))
    }
}

/// The URL of the original request, where scheme and host are certain as well: those of the proxy's fields; else of a whole
/// URL that alone has the target; else of the question itself.
pub fn find_url(head: &Head, target: &str) -> Option<String> {
    let of_field = |name| agreed(head, &[name], |text| Some(text.to_ascii_lowercase())).ok();
    let (scheme, host) = (of_field(SCHEME)?, of_field(HOST)?);
    let origins = TARGETS.iter().flat_map(|name| head.all(name)).map(|field| split_origin(field.text()?)?.0);
    let origins: Vec<_> = origins.map(|origin| origin.map(str::to_ascii_lowercase)).collect();
    let alone = origins.first().filter(|_| origins.len() == 1).and_then(Option::as_deref);
    let (own_scheme, own_host) = match alone.and_then(|origin| origin.split_once("://")) {
        Some(parts) => parts,
        None => ("http", head.all("host").next()?.text()?),
    };
    let (scheme, host) = (scheme.as_deref().unwrap_or(own_scheme), host.as_deref().unwrap_or(own_host));
    let origin = format!("{scheme}://{host}");
    // A client may have added a URL of its own to what the proxy reports.
    let is_certain = origins.iter().flatten().all(|other| *other == origin)
        && matches!(scheme, "http" | "https")
        && !host.contains(['/', '?', '#', '@', ',', ' ']);
    is_certain.then(|| origin + target.split('?').next().unwrap_or_default())
}

/// Two fields that disagree, or one that comes twice or is unusable.
struct Disagreement;

/// The one value of these fields, none of which may come twice.
fn agreed(head: &Head, names: &[&str], read: impl Fn(&str) -> Option<String>) -> Result<Option<String>, Disagreement> {
    let mut found: Option<String> = None;
    for name in names {
        let mut values = head.all(name);
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return Err(Disagreement);
        }
        let value = value.text().filter(|text| !text.is_empty()).and_then(&read).ok_or(Disagreement)?;
        if found.as_ref().is_some_and(|other| *other != value) {
            return Err(Disagreement);
        }
        found = Some(value);
    }
    Ok(found)
}

/// The origin of a URL, and its path and query; what is not a URL stays as it is. `None` where servers differ about where
/// the path begins.
fn split_origin(text: &str) -> Option<(Option<&str>, &str)> {
    let Some((scheme, rest)) = text.split_once("://") else { return Some((None, text)) };
    if text.starts_with('/') {
        return Some((None, text));
    }
    let authority = rest.find('/').map_or(rest, |at| &rest[..at]);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !is_http || authority.is_empty() || !authority.bytes().all(is_plain) {
        return None;
    }
    let path = &rest[authority.len()..];
    Some((Some(&text[..text.len() - path.len()]), if path.is_empty() { "/" } else { path }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OriginalRequest, find_url};
    use crate::guard::PathRule;
    use crate::http::wire::Head;

    fn head(fields: &str) -> Head {
        Head::parse(format!("GET /auth HTTP/1.1\r\n{fields}\r\n").into_bytes(), 100).unwrap()
    }

    fn known(fields: &str) -> Option<(String, String)> {
        let request = OriginalRequest::read(&head(fields), "GET", "");
        request.known().map(|(method, target)| (method.to_owned(), target.to_owned()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is compared with what may be none")]
    fn pair(method: &str, target: &str) -> Option<(String, String)> {
        Some((method.to_owned(), target.to_owned()))
    }

    #[test]
    fn fields_of_each_proxy_are_read() {
        assert_eq!(known(""), pair("GET", "/"));
        assert_eq!(known("X-Original-URI: /a?b=c\r\nX-Original-Method: POST\r\n"), pair("POST", "/a?b=c"));
        assert_eq!(known("X-Forwarded-Uri: /a\r\nX-Forwarded-Method: PUT\r\n"), pair("PUT", "/a"));
        assert_eq!(known("X-Original-URL: https://h.example/a/b?c\r\n"), pair("GET", "/a/b?c"));
        assert_eq!(known("X-Original-URL: https://h.example\r\n"), pair("GET", "/"));
        let below = OriginalRequest::read(&head(""), "DELETE", "/x/y?z");
        assert_eq!(below.known(), Some(("DELETE", "/x/y?z")));
    }

    #[test]
    fn what_disagrees_or_comes_twice_is_not_known() {
        for fields in [
            "X-Forwarded-Uri: /a\r\nX-Original-URI: /b\r\n",
            "X-Forwarded-Uri: /a\r\nX-Forwarded-Uri: /a\r\n",
            "X-Forwarded-Method: GET\r\nX-Original-Method: POST\r\n",
            "X-Forwarded-Method: GET\r\nx-forwarded-method: GET\r\n",
            "X-Forwarded-Uri:\r\n",
            "X-Original-URL: https://h/a\r\nX-Original-URI: /b\r\n",
            "X-Original-URL: https://h.example?c\r\n",
            "X-Original-URL: https://h\\@other/a\r\n",
            "X-Original-URL: https://u@h/a\r\n",
            "X-Original-URL: https:///a\r\n",
            "X-Original-URL: file://h/a\r\n",
        ] {
            assert_eq!(known(fields), None, "{fields}");
            let request = OriginalRequest::read(&head(fields), "GET", "");
            assert!(!request.fits(&["/".parse().unwrap()]), "{fields}");
        }
        assert_eq!(known("X-Original-URL: https://h/b\r\nX-Original-URI: /b\r\n"), pair("GET", "/b"), "they agree");
    }

    #[test]
    fn url_is_known_where_nothing_disagrees() {
        let url = |fields: &str| find_url(&head(&format!("Host: own:1\r\n{fields}")), "/a?b");
        for (fields, expected) in [
            ("", "http://own:1/a"),
            ("X-Forwarded-Proto: HTTPS\r\nX-Forwarded-Host: H.example:8443\r\n", "https://h.example:8443/a"),
            ("X-Forwarded-Proto: https\r\n", "https://own:1/a"),
            ("X-Original-URL: https://h/a?b\r\n", "https://h/a"),
            ("X-Original-URL: https://h/a?b\r\nX-Forwarded-Host: h\r\n", "https://h/a"),
            ("X-Original-URI: /a?b\r\nX-Forwarded-Host: h\r\n", "http://h/a"),
        ] {
            assert_eq!(url(fields).as_deref(), Some(expected), "{fields}");
        }
        for fields in [
            "X-Forwarded-Proto: http\r\nX-Forwarded-Proto: https\r\n",
            "X-Forwarded-Host: h\r\nX-Forwarded-Host: h\r\n",
            "X-Forwarded-Host: h, other\r\n",
            "X-Forwarded-Host: h/x\r\n",
            "X-Forwarded-Host:\r\n",
            "X-Forwarded-Proto: ftp\r\n",
            "X-Original-URL: https://h/a\r\nX-Forwarded-Host: other\r\n",
            "X-Original-URL: https://h/a\r\nX-Forwarded-Proto: http\r\n",
            "X-Original-URL: https://h/a\r\nX-Original-URI: /a\r\n",
            "X-Original-URL: https://h/a\r\nX-Forwarded-Uri: /a\r\nX-Forwarded-Proto: https\r\n",
        ] {
            assert_eq!(url(fields), None, "{fields}");
        }
    }

    proptest! {
        /// Whatever a client adds, a rule is met only if each field that tells the target tells that one.
        #[test]
        fn no_spelling_smuggles_through(
            targets in proptest::collection::vec("(/|/public|/public/x|/admin|https://h/public|/public/%2e%2e/admin)", 0..4),
            names in proptest::collection::vec(0..3_usize, 0..4),
        ) {
            let fields = targets.iter().zip(&names).map(|(target, name)| format!("{}: {target}\r\n", super::TARGETS[*name]));
            let fields = fields.collect::<Vec<_>>().concat();
            let request = OriginalRequest::read(&head(&fields), "GET", "/admin");
            let rule: PathRule = "/public".parse().unwrap();
            if request.fits(std::slice::from_ref(&rule)) {
                let all: Vec<_> = targets.iter().zip(&names).map(|(target, _)| super::split_origin(target).unwrap().1.to_owned()).collect();
                prop_assert!(!all.is_empty() && all.iter().all(|one| rule.matches("GET", one) && *one == all[0]));
            }
        }
    }
}
