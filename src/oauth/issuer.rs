//! Issuers as strings: compared byte for byte, never normalised (RFC 8414 §3.3, `OpenID` Connect Discovery §4.3).

use super::fault::Fault;
use super::secure_url::without_secrets;

/// The parts of a URL, cut out of it without changing a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    pub scheme: &'a str,
    pub userinfo: Option<&'a str>,
    /// The host name, an IPv6 address with its brackets.
    pub host: &'a str,
    pub port: Option<&'a str>,
    /// From the first `/` on, or empty.
    pub path: &'a str,
    pub tail: &'a str,
}

/// Cuts a URL into its parts; `None` when it has no `scheme://host`.
pub fn parts(url: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let (userinfo, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let colon = place.rfind(':').filter(|&colon| !place[colon..].contains(']'));
    let (host, port) = colon.map_or((place, None), |colon| (&place[..colon], Some(&place[colon + 1..])));
    (!scheme.is_empty() && !host.is_empty()).then_some(Parts { scheme, userinfo, host, port, path, tail })
}

/// What stands for the tenant in the issuer of an authorization server that serves many, as Entra has it.
const TENANT: &str = "{tenantid}";

/// Whether an issuer is the expected one, byte for byte. A template fits the issuer of any tenant, or of this one.
pub fn fits(expected: &str, found: &str, tenant: Option<&str>) -> bool {
    let Some((start, end)) = expected.split_once(TENANT) else { return expected == found };
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let named = found.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).filter(|id| is_id(id));
    named.is_some_and(|named| tenant.is_none_or(|tenant| tenant == named))
}

/// An example of the issuers that a template stands for: one whole segment of its path is the tenant.
pub fn example_of_template(template: &str) -> Option<String> {
    let (start, end) = template.split_once(TENANT)?;
    let whole = start.ends_with('/') && (end.is_empty() || end.starts_with('/')) && !end.contains(TENANT);
    (whole && start.len() > origin(start).len()).then(|| format!("{start}TENANT-ID{end}"))
}

pub fn origin(url: &str) -> &str {
    let Some(start) = url.find("://").map(|at| at + 3) else { return url };
    &url[..url[start..].find(['/', '?', '#']).map_or(url.len(), |end| start + end)]
}

/// What token endpoints end with, and with what their issuers do.
const ENDPOINTS: [(&str, &str); 7] = [
    ("/oauth2/v2.0/token", "/v2.0"),
    ("/oauth2/v1/token", ""),
    ("/v1/token", ""),
    ("/oauth2/token", ""),
    ("/oauth/token", ""),
    ("/connect/token", ""),
    ("/token", ""),
];

/// The issuer that a URL names: itself, or the one behind a well-known URL of metadata, an endpoint of Keycloak's or its
/// admin console. It is kept byte for byte.
pub fn of_url(url: &str) -> String {
    const OIDC: &str = "/.well-known/openid-configuration";
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    if let Some(issuer) = url.strip_suffix(OIDC).or_else(|| url.strip_suffix(OAUTH)) {
        return issuer.to_owned();
    }
    if let Some((issuer, _)) = url.split_once("/protocol/openid-connect").filter(|(issuer, _)| realm(issuer).is_some())
    {
        return issuer.to_owned();
    }
    if let Some((base, console)) = url.split_once("/admin/")
        && let Some((realm, _)) = console.split_once("/console")
    {
        return format!("{base}/realms/{realm}");
    }
    let start = origin(url);
    match url[start.len()..].strip_prefix(OAUTH) {
        Some(path) if path.starts_with('/') => format!("{start}{path}"),
        _ => url.to_owned(),
    }
}

/// The issuer that a URL probably belongs to, if it is not one itself: as [`of_url`], or cut out of a token endpoint.
pub fn guess(url: &str) -> Option<String> {
    let cut = |(endpoint, end): &(&str, &str)| Some(format!("{}{end}", url.strip_suffix(endpoint)?));
    Some(of_url(url)).filter(|issuer| issuer != url).or_else(|| ENDPOINTS.iter().find_map(cut))
}

/// The issuer with `/auth` before its realm, or without, as Keycloak had it up to version 16.
pub fn other_base(issuer: &str) -> Option<String> {
    let (base, realm) = realm(issuer)?;
    let base = base.strip_suffix("/auth").map_or_else(|| format!("{base}/auth"), str::to_owned);
    Some(format!("{base}/realms/{realm}"))
}

/// The base URL and the realm of an issuer of Keycloak's form.
pub fn realm(issuer: &str) -> Option<(&str, &str)> {
    let (base, realm) = issuer.rsplit_once("/realms/")?;
    (base.contains("://") && !realm.is_empty() && !realm.contains('/')).then_some((base, realm))
}

/// Checks that a string can be an issuer: an absolute http(s) URL without user, query and fragment (RFC 8414 §2). That
/// http goes to loopback only is judged where the request is sent.
pub fn check(issuer: &str) -> Result<(), Fault> {
    let reason = match parts(issuer) {
        _ if issuer.bytes().any(|b| !(0x21..=0x7e).contains(&b) || b"\"<>\\^`{|}".contains(&b)) => {
            "it contains characters that a URL may not have"
        }
        None => "it is not an absolute URL",
        Some(parts) if !["https", "http"].contains(&parts.scheme) => "it must begin with https://",
        Some(parts) if parts.userinfo.is_some() => "it names a user",
        Some(parts) if !parts.tail.is_empty() => "it has a query or a fragment",
        Some(parts) if parts.port.is_some_and(|port| port.parse::<u16>().is_err()) => "its port is not a port number",
        Some(_) => return Ok(()),
    };
    Err(Fault::NotAnIssuer { issuer: without_secrets(issuer), reason })
}

/// The parts in which two different issuers differ, in words.
pub fn difference(expected: &str, found: &str) -> Vec<String> {
    let (Some(a), Some(b)) = (parts(expected), parts(found)) else { return vec!["everything".to_owned()] };
    let mut differs = Vec::new();
    let mut note = |name: &str, a: &str, b: &str| {
        if a != b {
            differs.push(if a.eq_ignore_ascii_case(b) { format!("the case of {name}") } else { name.to_owned() });
        }
    };
    note("the scheme", a.scheme, b.scheme);
    note("the user", a.userinfo.unwrap_or_default(), b.userinfo.unwrap_or_default());
    note("the host name", a.host, b.host);
    note("the port", a.port.unwrap_or_default(), b.port.unwrap_or_default());
    let slash = a.path != b.path && a.path.trim_end_matches('/') == b.path.trim_end_matches('/');
    note(if slash { "the slash at the end" } else { "the path" }, a.path, b.path);
    note("the query", a.tail, b.tail);
    // An empty user or port, written out, is left.
    if differs.is_empty() { vec!["punctuation".to_owned()] } else { differs }
}

#[cfg(test)]
mod tests {
    use super::{check, difference, example_of_template, origin, parts};

    #[test]
    fn template_fits_issuer_of_one_tenant() {
        let template = "https://login.example/{tenantid}/v2.0";
        for (found, tenant, fits) in [
            ("https://login.example/8a-1/v2.0", Some("8a-1"), true),
            ("https://login.example/8a-1/v2.0", None, true),
            ("https://login.example/8a-1/v2.0", Some("9b"), false),
            ("https://login.example/8a-1/v2.0", Some(""), false),
            ("https://login.example//v2.0", Some(""), false),
            ("https://login.example/a/b/v2.0", Some("a/b"), false),
            ("https://login.example/{tenantid}/v2.0", None, false),
            ("https://login.example/8a-1/v2.0/", Some("8a-1"), false),
            ("https://other.example/8a-1/v2.0", Some("8a-1"), false),
        ] {
            assert_eq!(super::fits(template, found, tenant), fits, "{found} {tenant:?}");
        }
        assert!(super::fits("https://a", "https://a", Some("x")) && !super::fits("https://a", "https://a/", None));
        assert_eq!(example_of_template(template).as_deref(), Some("https://login.example/TENANT-ID/v2.0"));
        for bad in [
            "https://{tenantid}",
            "https://a/x{tenantid}",
            "https://a/{tenantid}x",
            "https://a/{tenantid}/{tenantid}",
            "https://a/b",
        ] {
            assert_eq!(example_of_template(bad), None, "{bad}");
        }
    }

    #[test]
    fn parts_are_cut_not_changed() {
        let cut = parts("HTTPS://u:p@[::1]:0443/a/%2F/?q#f").unwrap();
        assert_eq!((cut.scheme, cut.userinfo, cut.host, cut.port), ("HTTPS", Some("u:p"), "[::1]", Some("0443")));
        assert_eq!((cut.path, cut.tail), ("/a/%2F/", "?q#f"));
        assert_eq!(parts("https://a.example").unwrap().path, "");
        assert_eq!(parts("a.example/x"), None);
        assert_eq!(parts("https:///x"), None);
        assert_eq!(origin("https://a.example:8443/x?y"), "https://a.example:8443");
        assert_eq!(origin("https://a.example?y"), "https://a.example");
    }

    #[test]
    fn issuer_is_plain_absolute_url() {
        for good in ["https://a.example", "https://a.example/", "http://127.0.0.1:80/x", "https://[::1]:1/A/%2f"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "//a.example",
            "https://",
            "ftp://a.example",
            "file:///x",
            "https://u@a.example",
            "https://a.example?x",
            "https://a.example/#x",
            "https://a.example:99999",
            "https://a.example:",
            "https://a example",
            "https://a.example/\n",
            "https://é.example",
            "javascript:alert(1)",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for bad in ["https://a.example/x?client_secret=hunter2", "https://u:hunter2@a.example/x", "u:hunter2@a.example"]
        {
            let fault = check(bad).unwrap_err();
            assert!(!format!("{fault:?}{fault}").contains("hunter2"), "{fault}");
        }
    }

    #[test]
    fn difference_is_named() {
        let a = "https://a.example/realms/x";
        for (b, expected) in [
            ("https://a.example/realms/x/", vec!["the slash at the end"]),
            ("http://a.example/realms/x", vec!["the scheme"]),
            ("https://A.example/realms/x", vec!["the case of the host name"]),
            ("https://a.example/realms/X", vec!["the case of the path"]),
            ("https://a.example:443/realms/x", vec!["the port"]),
            ("https://b.example:1/realms/x", vec!["the host name", "the port"]),
            ("https://a.example:/realms/x", vec!["punctuation"]),
            ("x", vec!["everything"]),
        ] {
            assert_eq!(difference(a, b), expected, "{b}");
        }
    }

    #[test]
    fn well_known_url_names_its_issuer() {
        for (url, issuer) in [
            ("https://h/realms/r", "https://h/realms/r"),
            ("https://h/realms/r/.well-known/openid-configuration", "https://h/realms/r"),
            ("https://h/r/.well-known/oauth-authorization-server", "https://h/r"),
            ("https://h/.well-known/oauth-authorization-server/realms/r", "https://h/realms/r"),
            ("https://h/.well-known/oauth-authorization-server", "https://h"),
            ("https://h/auth/realms/r/protocol/openid-connect/token", "https://h/auth/realms/r"),
            ("https://h/realms/r/protocol/openid-connect", "https://h/realms/r"),
            ("https://h/admin/r/console/#/r/clients", "https://h/realms/r"),
            ("https://h/token", "https://h/token"),
        ] {
            assert_eq!(super::of_url(url), issuer);
        }
    }

    #[test]
    fn token_endpoint_is_cut_to_its_issuer() {
        for (url, issuer) in [
            ("https://login.example/t/oauth2/v2.0/token", Some("https://login.example/t/v2.0")),
            ("https://o.example/oauth2/default/v1/token", Some("https://o.example/oauth2/default")),
            ("https://o.example/oauth2/v1/token", Some("https://o.example")),
            ("https://d.example/connect/token", Some("https://d.example")),
            ("https://h/realms/r/protocol/openid-connect/token", Some("https://h/realms/r")),
            ("https://h/realms/r", None),
        ] {
            assert_eq!(super::guess(url).as_deref(), issuer, "{url}");
        }
    }

    #[test]
    fn other_base_has_auth_or_not() {
        for (issuer, other) in [
            ("https://h/realms/r", Some("https://h/auth/realms/r")),
            ("https://h/x/auth/realms/r", Some("https://h/x/realms/r")),
            ("https://h/r", None),
            ("https://h/realms/", None),
        ] {
            assert_eq!(super::other_base(issuer).as_deref(), other, "{issuer}");
        }
    }
}
