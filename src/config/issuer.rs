//! What an issuer and an endpoint may look like.

use url::Url;

use super::Fault;
use crate::oauth::secure_url;

/// Checks an issuer: an absolute https URL, or http to loopback, without userinfo, query and fragment (RFC 8414 §2).
/// It is used byte for byte as given; nothing here normalises it.
pub fn check_issuer(text: &str) -> Result<(), Fault> {
    check_url("issuer", text)?;
    if text.contains('?') {
        return Err(Fault::refused("issuer", "must not have a query"));
    }
    Ok(())
}

/// Resolves an endpoint: a URL is used as given, a path that begins with `/` is on the issuer's origin. A query is
/// allowed (RFC 6749 §3.2), a fragment is not.
pub fn resolve_endpoint(key: &'static str, issuer: &str, text: &str) -> Result<String, Fault> {
    let resolved = if text.starts_with('/') && !text.starts_with("//") {
        check_issuer(issuer)?;
        let authority = issuer.find("://").map_or(0, |at| at + 3);
        let path = issuer[authority..].find('/').map_or(issuer.len(), |at| authority + at);
        format!("{}{text}", &issuer[..path])
    } else if text.contains("://") {
        text.to_owned()
    } else {
        return Err(Fault::refused(key, "must be a URL or a path that begins with /"));
    };
    check_url(key, &resolved)?;
    Ok(resolved)
}

fn check_url(key: &'static str, text: &str) -> Result<(), Fault> {
    if is_plain(text) {
        return Ok(());
    }
    let refuse = |reason: &str| Err(Fault::refused(key, reason));
    // The URL parser would silently drop or change these; what is shown and compared must be what is used.
    if text.chars().any(|c| c.is_whitespace() || crate::text::is_dangerous(c) || c == '\\') {
        return refuse("must not contain spaces, control characters or backslashes");
    }
    if text.contains(['{', '}']) {
        return refuse("must not contain braces: put the value, such as the tenant id, in their place");
    }
    let (Ok(url), Some((_, rest))) = (Url::parse(text), text.split_once("://")) else {
        return refuse("must be a URL that begins with https://");
    };
    match rest.split(['/', '?', '#']).next() {
        Some("") | None => return refuse("must name a host"),
        Some(authority) if authority.contains('@') => return refuse("must not contain a user name or password"),
        Some(_) => {}
    }
    if text.contains('#') {
        return refuse("must not have a fragment");
    }
    if secure_url::check(&url).is_err() {
        return refuse("must be https, or http to loopback");
    }
    Ok(())
}

/// Whether the URL is so simple that the URL parser must accept it, as nearly all are: parsing is the slowest part of
/// printing a cached token.
fn is_plain(text: &str) -> bool {
    let (authority, anywhere) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return false,
    };
    let (authority, path) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "1"));
    let label = |label: &str| {
        let alphanumeric = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        alphanumeric(label.as_bytes().first())
            && alphanumeric(label.as_bytes().last())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
    };
    // A last label that begins with a digit would be an IPv4 address, or a broken one.
    let named = host.split('.').all(label)
        && host.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
    let served = if anywhere { named } else { matches!(host, "127.0.0.1" | "localhost") };
    served
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok()
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::{check_issuer, is_plain, resolve_endpoint};
    use crate::oauth::secure_url::is_loopback;

    proptest! {
        #[test]
        fn plain_issuer_equals_parsed_url(
            text in "(https|http|ftp)://([a-zX0-9-]{1,6}|xn--[a-z]{1,3}|127.0.0.1|localhost|0x[0-9a-f]{1,9})([.][a-z0-9-]{0,5}){0,3}(:[0-9]{0,6})?(/[a-z.~_%?#@-]{0,5}){0,3}"
        ) {
            if is_plain(&text) {
                let url = Url::parse(&text).unwrap();
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert!(url.query().is_none() && url.fragment().is_none());
                prop_assert!(matches!(url.host(), Some(url::Host::Domain(_))) || text.starts_with("http://127.0.0.1"));
                prop_assert!(url.scheme() == "https" || is_loopback(&url));
            }
        }
    }

    #[test]
    fn most_issuers_are_plain() {
        for plain in ["https://as.example", "https://AS.example:8443/realms/x", "http://127.0.0.1:8080/realms/x"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in
            ["https://1.2.3.4", "https://as.example.", "https://xn--a.example", "http://as.example", "https://a:"]
        {
            assert!(!is_plain(other), "{other}");
        }
    }

    #[test]
    fn good_issuers() {
        for issuer in [
            "https://as.example",
            "https://as.example/",
            "https://AS.example:8443/realms/x",
            "https://[2001:db8::1]/",
            "http://127.0.0.1:8080/realms/x",
            "http://127.9.9.9",
            "http://[::1]:1/",
            "http://localhost:8080",
            "http://LOCALHOST",
        ] {
            check_issuer(issuer).unwrap();
        }
    }

    #[test]
    fn bad_issuers_and_no_echo() {
        for issuer in [
            "",
            "as.example",
            "/realms/x",
            "https:as.example",
            "https:///as.example",
            "http://as.example",
            "http://localhost.evil.example",
            "http://a.localhost",
            "http://128.0.0.1",
            "http://[::ffff:127.0.0.1]/",
            "ftp://as.example",
            "https://u:hunter2@as.example",
            "https://@as.example",
            "https://as.example?hunter2",
            "https://as.example/#",
            "https://as.example/?",
            " https://as.example",
            "https://as.example\n",
            "https://as.exa\tmple",
            "https:\\\\as.example",
            "https://as.example/\u{202e}x",
            "unix:/run/x",
            "https://as.example/{tenantid}/v2.0",
        ] {
            let fault = check_issuer(issuer).unwrap_err().to_string();
            assert!(fault.starts_with("issuer must") && !fault.contains("hunter2"), "{issuer}: {fault}");
        }
    }

    #[test]
    fn path_stands_at_origin() {
        let resolve = |text| resolve_endpoint("endpoint", "https://AS.example:8443/realms/x", text);
        assert_eq!(resolve("/oauth2/token").unwrap(), "https://AS.example:8443/oauth2/token");
        assert_eq!(resolve("/a/../t?x=1").unwrap(), "https://AS.example:8443/a/../t?x=1");
        assert_eq!(resolve("https://other.example/t?x").unwrap(), "https://other.example/t?x");
        assert_eq!(resolve_endpoint("endpoint", "http://localhost:1", "/t").unwrap(), "http://localhost:1/t");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "oauth2/token",
            "as.example/token",
            "//evil.example/t",
            "http://as.example/t",
            "/t#x",
            "/t x",
            "@evil.example/",
        ] {
            assert!(resolve_endpoint("endpoint", "https://as.example", text).is_err(), "{text}");
        }
    }
}
