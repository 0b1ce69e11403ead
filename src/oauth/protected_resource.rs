//! Protected resource metadata (RFC 9728): which authorization servers serve a resource.

use serde_json::{Map, Value};

use super::challenge::{self, Challenge};
use super::fault::{Fault, bare_url};
use super::issuer;
use super::members::Members;
use super::message::Response;
use super::token::check_scope;

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

/// A URL where the metadata of a resource may be, and what it may name besides the resource itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub url: String,
    also: Also,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Also {
    Nothing,
    /// The origin, at its root.
    Origin,
    /// The origin or a path above the resource, at the root.
    Parents,
}

impl Location {
    /// A URL that a person or a challenge names. Only the origin's root document may name the origin.
    pub fn named(url: &str, resource: &str) -> Self {
        let also = if url == root(resource) { Also::Origin } else { Also::Nothing };
        Self { url: url.to_owned(), also }
    }
}

/// The locations to ask: the well-known part goes between host and path or query (RFC 9728 §3.1), then the root of the origin.
pub fn locations(resource: &str) -> Vec<Location> {
    if is_metadata_url(resource) {
        return vec![Location { url: resource.to_owned(), also: Also::Nothing }];
    }
    let mut locations = vec![Location { url: root(resource), also: Also::Parents }];
    let inserted = inserted(resource);
    if inserted != locations[0].url {
        locations.insert(0, Location { url: inserted, also: Also::Nothing });
    }
    locations
}

fn root(resource: &str) -> String {
    format!("{}{WELL_KNOWN}", issuer::origin(resource))
}

fn inserted(resource: &str) -> String {
    let origin = issuer::origin(resource);
    let rest = resource.strip_prefix(origin).unwrap_or_default();
    // A slash that is the whole path goes; one at the end of a longer path belongs to the resource.
    let rest = rest.strip_prefix('/').filter(|rest| rest.is_empty() || rest.starts_with('?')).unwrap_or(rest);
    format!("{origin}{WELL_KNOWN}{rest}")
}

/// How a resource asks for a token (RFC 6750 §3, RFC 9728 §5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenChallenge {
    /// Where its metadata is.
    pub metadata_url: Option<String>,
    pub scope: Vec<String>,
    /// Whether there was a token, whose scope was not enough.
    pub is_step_up: bool,
}

impl TokenChallenge {
    /// The challenge of a refusal; other answers ask for nothing.
    pub fn of_answer(answer: &Response) -> Option<Self> {
        matches!(answer.status, 401 | 403).then(|| Self::pick(challenge::challenges(answer)))?
    }

    /// Reads a `WWW-Authenticate` value, which may have the name of its field before it.
    pub fn read(field: &str) -> Option<Self> {
        let named = field.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case("www-authenticate"));
        Self::pick(challenge::read(named.map_or(field, |(_, value)| value)))
    }

    /// Of several the first that names metadata, else the first that names a scope, else the first. Only the schemes of
    /// access tokens count.
    fn pick(challenges: Vec<Challenge>) -> Option<Self> {
        let is_of_tokens = |scheme: &str| ["Bearer", "DPoP"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let of_tokens = challenges.into_iter().filter(|challenge| is_of_tokens(&challenge.scheme));
        let lacks = |found: &Challenge, name| found.parameter(name).is_none();
        let found = of_tokens.min_by_key(|found| (lacks(found, "resource_metadata"), lacks(found, "scope")))?;
        let scope = found.parameter("scope").filter(|scope| check_scope(scope).is_ok()).unwrap_or_default();
        Some(Self {
            metadata_url: found.parameter("resource_metadata").map(str::to_owned),
            scope: scope.split_whitespace().map(str::to_owned).collect(),
            is_step_up: found.parameter("error") == Some("insufficient_scope"),
        })
    }
}

/// Reads the metadata of `resource` at this location. It must be of the resource asked about, byte for byte (RFC 9728 §3.3),
/// of one that this metadata URL is made from, or of what else the location may name.
pub fn read(resource: &str, location: &Location, answer: &Response) -> Result<ProtectedResource, Fault> {
    let members = Members::read_public("the protected resource metadata", answer, "resource")?;
    let found = members.string("resource")?.unwrap_or_default();
    let is_origin = || found.strip_suffix('/').unwrap_or(found) == issuer::origin(resource);
    let matches = found == resource
        || (is_metadata_url(resource) && inserted(found) == resource)
        || match location.also {
            Also::Nothing => false,
            Also::Origin => is_origin(),
            Also::Parents => is_origin() || is_above(found, resource),
        };
    if !matches {
        let (expected, found) = (bare_url(resource), bare_url(found));
        let differs = issuer::difference(resource, members.string("resource")?.unwrap_or_default());
        return Err(Fault::WrongResource { expected, found, url: bare_url(&answer.url), differs });
    }
    let authorization_servers = members.list("authorization_servers")?.unwrap_or_default();
    Ok(ProtectedResource { authorization_servers, metadata: members.map })
}

/// Whether `parent` is the resource up to the end of a segment of its path, in which no segment leads up again.
fn is_above(parent: &str, resource: &str) -> bool {
    let Some(parts) = issuer::parts(resource) else { return false };
    let plain = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        !matches!(segment.as_str(), "." | "..") && !segment.contains("%2f") && !segment.contains(['\\', '%'])
    };
    let rest = resource.strip_prefix(parent).filter(|_| parent.len() > issuer::origin(resource).len());
    rest.is_some_and(|rest| parent.ends_with('/') || rest.starts_with(['/', '?']))
        && !parent.contains('?')
        && parts.path.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, Location, TokenChallenge, is_metadata_url, locations, read};
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
            assert_eq!(locations(resource)[0].url, url);
            assert_eq!(locations(url).iter().map(|location| location.url.as_str()).collect::<Vec<_>>(), [url]);
            assert!(is_metadata_url(url) && !is_metadata_url(resource));
        }
        assert!(!is_metadata_url("https://r.example/.well-known/oauth-protected-resources"));
        assert!(!is_metadata_url("https://r.example/?x=/.well-known/oauth-protected-resource"));
    }

    #[test]
    fn servers_of_asked_resource_are_read() {
        let body = json!({"resource": "https://r.example/a", "authorization_servers": ["https://b.example", "https://a.example"]});
        let read_as = |resource: &str| read(resource, &locations(resource)[0], &answer(200, &body)).unwrap();
        let direct = read_as("https://r.example/a");
        assert_eq!(direct.authorization_servers, ["https://b.example", "https://a.example"]);
        let challenged = read_as("https://r.example/.well-known/oauth-protected-resource/a");
        assert_eq!(challenged.metadata["resource"], "https://r.example/a");
        let alone = json!({"resource": "https://r.example"});
        let found = read("https://r.example", &locations("https://r.example")[0], &answer(200, &alone)).unwrap();
        assert!(found.authorization_servers.is_empty());
    }

    #[test]
    fn root_document_may_name_what_is_above_resource() {
        let root = "https://r.example/.well-known/oauth-protected-resource";
        let reads = |resource: &str, location: &Location, found: &str| {
            read(resource, location, &answer(200, &json!({"resource": found}))).is_ok()
        };
        let asked = "https://r.example/a/bc?k=v";
        let found = locations(asked);
        assert_eq!(found.iter().map(|location| location.url.as_str()).collect::<Vec<_>>()[1..], [root]);
        let named = Location::named(root, asked);
        for (resource, at_root, at_named) in [
            (asked, true, true),
            ("https://r.example", true, true),
            ("https://r.example/", true, true),
            ("https://r.example/a", true, false),
            ("https://r.example/a/", true, false),
            ("https://r.example/a/bc", true, false),
            ("https://r.example/a/b", false, false),
            ("https://r.example/a/bc?k", false, false),
            ("https://r.example/b", false, false),
            ("https://r.example.evil", false, false),
            ("https://r.exampl", false, false),
            ("https://evil.example", false, false),
        ] {
            assert_eq!(reads(asked, &found[1], resource), at_root, "{resource}");
            assert_eq!(reads(asked, &named, resource), at_named, "{resource}");
            assert_eq!(reads(asked, &found[0], resource), resource == asked, "{resource}");
            let elsewhere = Location::named("https://evil.example/.well-known/oauth-protected-resource", asked);
            assert_eq!(reads(asked, &elsewhere, resource), resource == asked, "{resource}");
        }
        for asked in ["https://r.example/a/../b", "https://r.example/a/%2E%2e/b", "https://r.example/a/..%2fb"] {
            assert!(!reads(asked, &locations(asked)[1], "https://r.example/a"), "{asked}");
        }
    }

    #[test]
    fn challenge_names_metadata_and_scope() {
        let field = r#"Basic realm="x", Bearer error="insufficient_scope", scope="a b", resource_metadata="https://r.example/m""#;
        let expected = TokenChallenge {
            metadata_url: Some("https://r.example/m".to_owned()),
            scope: vec!["a".to_owned(), "b".to_owned()],
            is_step_up: true,
        };
        let with = |status, field: &str| Response {
            headers: vec![("www-authenticate".to_owned(), field.to_owned())],
            ..answer(status, &json!({}))
        };
        for status in [401, 403] {
            assert_eq!(TokenChallenge::of_answer(&with(status, field)), Some(expected.clone()));
        }
        for status in [200, 404, 407, 500] {
            assert_eq!(TokenChallenge::of_answer(&with(status, field)), None, "{status}");
        }
        assert_eq!(TokenChallenge::of_answer(&with(401, "Bearer")), Some(TokenChallenge::default()));
        assert_eq!(TokenChallenge::of_answer(&with(401, "Basic realm=\"x\"")), None);
        assert_eq!(TokenChallenge::of_answer(&answer(401, &json!({}))), None);
    }

    #[test]
    fn of_several_challenges_the_one_with_metadata_counts() {
        let metadata = |field: &str| TokenChallenge::read(field).and_then(|challenge| challenge.metadata_url);
        let scope = |field: &str| TokenChallenge::read(field).unwrap().scope;
        let field = r#"Bearer realm="a", dpop algs="ES256", resource_metadata="https://r.example/1", Bearer scope="b", resource_metadata="https://r.example/2""#;
        assert_eq!(metadata(field).as_deref(), Some("https://r.example/2"), "it has both");
        assert_eq!(metadata(r#"Basic resource_metadata="https://r.example/1", Bearer scope="b""#), None);
        assert_eq!(scope(r#"DPoP algs="ES256", Bearer scope="b""#), ["b"]);
        assert!(scope("Bearer scope=\"a\u{e9}\"").is_empty(), "what no scope can be is left out");
    }

    #[test]
    fn another_resource_is_refused() {
        let asked = "https://r.example/a";
        let read = |resource: &str, answer: &Response| read(resource, &locations(resource)[0], answer);
        let url = "https://r.example/.well-known/oauth-protected-resource/a";
        for found in
            ["https://r.example/a/", "https://r.example/A", "https://r.example", "https://evil.example/a", "", "a"]
        {
            let body = answer(200, &json!({"resource": found, "authorization_servers": ["https://evil.example"]}));
            assert!(matches!(read(asked, &body), Err(Fault::WrongResource { .. })), "{found}");
            assert!(matches!(read(url, &body), Err(Fault::WrongResource { .. })), "{found}");
        }
        let nothing = answer(200, &json!({"authorization_servers": []}));
        assert!(matches!(read(asked, &nothing), Err(Fault::MissingMember { .. })));
        let odd = answer(200, &json!({"resource": asked, "authorization_servers": "https://a.example"}));
        assert!(matches!(read(asked, &odd), Err(Fault::Malformed { .. })));
        assert!(matches!(read(asked, &answer(404, &json!({}))), Err(Fault::Status { status: 404, .. })));
    }
}
