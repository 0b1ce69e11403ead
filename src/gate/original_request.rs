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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRequest {
    /// Method and target, if all that is reported of them agrees.
    known: Option<(String, String)>,
}

impl OriginalRequest {
    /// `method` is that of the question, and `below` what follows `/auth` in its target.
    pub fn read(head: &Head, method: &str, below: &str) -> Self {
        let own = if below.is_empty() { "/" } else { below };
        let known = agreed(head, &METHODS, str::to_owned).and_then(|of_method| {
            let target = agreed(head, &TARGETS, cut_origin)?;
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

/// Two fields that disagree, or one that comes twice or is unusable.
struct Disagreement;

/// The one value of these fields, none of which may come twice.
fn agreed(head: &Head, names: &[&str], read: impl Fn(&str) -> String) -> Result<Option<String>, Disagreement> {
    let mut found: Option<String> = None;
    for name in names {
        let mut values = head.all(name);
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return Err(Disagreement);
        }
        let value = read(value.text().filter(|text| !text.is_empty()).ok_or(Disagreement)?);
        if found.as_ref().is_some_and(|other| *other != value) {
            return Err(Disagreement);
        }
        found = Some(value);
    }
    Ok(found)
}

/// The path and query of a URL; what is not a URL stays as it is.
fn cut_origin(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return text.to_owned();
    }
    match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('?') => format!("/{}", &rest[at..]),
        Some(at) => rest[at..].to_owned(),
        None => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::OriginalRequest;
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
        assert_eq!(known("X-Original-URL: https://h.example?c\r\n"), pair("GET", "/?c"));
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
        ] {
            assert_eq!(known(fields), None, "{fields}");
            let request = OriginalRequest::read(&head(fields), "GET", "");
            assert!(!request.fits(&["/".parse().unwrap()]), "{fields}");
        }
        assert_eq!(known("X-Original-URL: https://h/b\r\nX-Original-URI: /b\r\n"), pair("GET", "/b"), "they agree");
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
                let all: Vec<_> = targets.iter().zip(&names).map(|(target, _)| super::cut_origin(target)).collect();
                prop_assert!(!all.is_empty() && all.iter().all(|one| rule.matches("GET", one) && *one == all[0]));
            }
        }
    }
}
