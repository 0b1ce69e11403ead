//! Protected resource metadata (RFC 9728): which authorization servers serve a resource.

use serde_json::{Map, Value};

use super::fault::{Fault, bare_url};
use super::issuer;
use super::members::Members;
use super::message::Response;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[derive(Debug, Clone)]
pub struct ProtectedResource {
    /// Issuers, in the resource's order; may be empty.
    pub authorization_servers: Vec<String>,
    pub metadata: Map<String, Value>,
}

/// Whether a URL is that of metadata already, as the `resource_metadata` of a challenge (RFC 9728 §5.1).
pub fn is_metadata_url(url: &str) -> bool {
    issuer::parts(url).is_some_and(|parts| {
        parts.path.match_indices(WELL_KNOWN).any(|(at, _)| {
            let after = &parts.path[at + WELL_KNOWN.len()..];
            after.is_empty() || after.starts_with('/')
        })
    })
}

/// The URLs to ask: the well-known part goes between host and path or query (RFC 9728 §3.1).
pub fn well_known(url: &str) -> Vec<String> {
    if is_metadata_url(url) {
        return vec![url.to_owned()];
    }
    vec![inserted(url)]
}

fn inserted(resource: &str) -> String {
    let origin = issuer::origin(resource);
    let rest = resource.strip_prefix(origin).unwrap_or_default();
    // A slash that is the whole path goes; one at the end of a longer path belongs to the resource.
    let rest = rest.strip_prefix('/').filter(|rest| rest.is_empty() || rest.starts_with('?')).unwrap_or(rest);
    format!("{origin}{WELL_KNOWN}{rest}")
}

/// Reads the metadata of `resource`, or with `is_metadata_url` the metadata at that URL. It must be of the resource asked
/// about, byte for byte, or of one that this URL is made from (RFC 9728 §3.3).
pub fn read(resource: &str, is_metadata_url: bool, answer: &Response) -> Result<ProtectedResource, Fault> {
    let members = Members::read_public("the protected resource metadata", answer, "resource")?;
    let found = members.string("resource")?.unwrap_or_default();
    let matches = if is_metadata_url { inserted(found) == resource } else { found == resource };
    if !matches {
        let url = bare_url(&answer.url);
        return Err(Fault::WrongResource { expected: bare_url(resource), found: bare_url(found), url });
    }
    let authorization_servers = members.list("authorization_servers")?.unwrap_or_default();
    Ok(ProtectedResource { authorization_servers, metadata: members.map })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, is_metadata_url, read, well_known};
    use crate::oauth::message::Response;

    fn answer(status: u16, body: &serde_json::Value) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            url: "https://r.example/x".to_owned(),
        }
    }

    #[test]
    fn examples_of_rfc_9728_3_1_hold() {
        for (resource, url) in [
            ("https://resource.example.com", "https://resource.example.com/.well-known/oauth-protected-resource"),
            ("https://resource.example.com/", "https://resource.example.com/.well-known/oauth-protected-resource"),
            (
                "https://resource.example.com/resource1",
                "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
            ),
            ("https://r.example/a/", "https://r.example/.well-known/oauth-protected-resource/a/"),
            ("https://r.example/a?k=v", "https://r.example/.well-known/oauth-protected-resource/a?k=v"),
            ("https://r.example?k=v", "https://r.example/.well-known/oauth-protected-resource?k=v"),
            ("https://r.example/?k=v", "https://r.example/.well-known/oauth-protected-resource?k=v"),
            ("https://r.example:1/%2F", "https://r.example:1/.well-known/oauth-protected-resource/%2F"),
        ] {
            assert_eq!(well_known(resource), [url]);
            assert_eq!(well_known(url), [url]);
            assert!(is_metadata_url(url) && !is_metadata_url(resource));
        }
        assert!(!is_metadata_url("https://r.example/.well-known/oauth-protected-resources"));
        assert!(!is_metadata_url("https://r.example/?x=/.well-known/oauth-protected-resource"));
    }

    #[test]
    fn servers_of_asked_resource_are_read() {
        let body = json!({"resource": "https://r.example/a", "authorization_servers": ["https://b.example", "https://a.example"]});
        let read_as = |resource, metadata| read(resource, metadata, &answer(200, &body)).unwrap();
        let direct = read_as("https://r.example/a", false);
        assert_eq!(direct.authorization_servers, ["https://b.example", "https://a.example"]);
        let challenged = read_as("https://r.example/.well-known/oauth-protected-resource/a", true);
        assert_eq!(challenged.metadata["resource"], "https://r.example/a");
        let alone = json!({"resource": "https://r.example"});
        assert!(read("https://r.example", false, &answer(200, &alone)).unwrap().authorization_servers.is_empty());
    }

    #[test]
    fn another_resource_is_refused() {
        let asked = "https://r.example/a";
        let url = "https://r.example/.well-known/oauth-protected-resource/a";
        for found in
            ["https://r.example/a/", "https://r.example/A", "https://r.example", "https://evil.example/a", "", "a"]
        {
            let body = answer(200, &json!({"resource": found, "authorization_servers": ["https://evil.example"]}));
            assert!(matches!(read(asked, false, &body), Err(Fault::WrongResource { .. })), "{found}");
            assert!(matches!(read(url, true, &body), Err(Fault::WrongResource { .. })), "{found}");
        }
        let nothing = answer(200, &json!({"authorization_servers": []}));
        assert!(matches!(read(asked, false, &nothing), Err(Fault::MissingMember { .. })));
        let odd = answer(200, &json!({"resource": asked, "authorization_servers": "https://a.example"}));
        assert!(matches!(read(asked, false, &odd), Err(Fault::Malformed { .. })));
        assert!(matches!(read(asked, false, &answer(404, &json!({}))), Err(Fault::Status { status: 404, .. })));
    }
}
