//! Clients on a person's machine, to which a browser comes back (RFC 8252): what they register, and the document at an
//! https URL that describes them instead (OAuth Client ID Metadata Document).

use serde_json::{Map, Value, json};

use super::{issuer, secure_url};

/// What such a client registers.
pub fn metadata(name: &str, redirect_uris: &[String], grants: &[&str], method: &str) -> Map<String, Value> {
    let members = [
        ("client_name", json!(name)),
        ("application_type", json!("native")),
        ("redirect_uris", json!(redirect_uris)),
        ("grant_types", json!(grants)),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!(method)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Checks the URL of a metadata document, which is the `client_id` too: https with a path, without dot segments, fragment
/// and user.
pub fn check_document_url(text: &str) -> Result<(), &'static str> {
    let parts = issuer::parts(text).filter(|parts| parts.scheme == "https").ok_or("expected an https URL")?;
    if parts.tail.contains('#') {
        return Err("it has a fragment");
    }
    let has_dots = |path: &str| {
        path.split('/').any(|segment| [".", ".."].contains(&&*segment.replace("%2E", ".").replace("%2e", ".")))
    };
    if parts.path.len() < 2 || has_dots(parts.path) {
        return Err("it must have a path without dot segments");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it contains characters that a URL may not have");
    }
    secure_url::parse(text).map(drop).map_err(secure_url::UrlFault::reason)
}

#[cfg(test)]
mod tests {
    use super::check_document_url;

    #[test]
    fn document_is_at_https_url_with_path() {
        for good in ["https://a.example/c", "https://a.example/c.json?v=1", "https://a.example:8443/a/b"] {
            assert_eq!(check_document_url(good), Ok(()), "{good}");
        }
        for bad in [
            "http://a.example/c",
            "http://127.0.0.1/c",
            "a.example/c",
            "https://a.example",
            "https://a.example/",
            "https://a.example/a/../c",
            "https://a.example/a/%2e%2E/c",
            "https://a.example/c#x",
            "https://me@a.example/c",
            "https://a.example/c d",
        ] {
            assert!(check_document_url(bad).is_err(), "{bad}");
        }
    }
}
