//! Authorization server metadata (RFC 8414, `OpenID` Connect Discovery 1.0): where it is, what it must say, what it says.

pub mod feature;

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::fault::{Fault, bare_url};
use super::issuer;
use super::members::Members;
use super::message::Response;
use crate::text::sanitize;

const WHAT: &str = "the metadata";
/// Endpoints for clients that present a certificate (RFC 8705 §5).
const ALIASES: &str = "mtls_endpoint_aliases";
/// The longest time that metadata is believed without asking again.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// Which well-known URL a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `openid-configuration` appended to the issuer (`OpenID` Connect Discovery §4.1).
    Oidc,
    /// `oauth-authorization-server` between host and path (RFC 8414 §3.1).
    OauthInserted,
    /// `oauth-authorization-server` appended to the issuer, which some servers do instead.
    OauthAppended,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Oidc => "oidc",
            Self::OauthInserted => "oauth-inserted",
            Self::OauthAppended => "oauth-appended",
        })
    }
}

pub const ENDPOINTS: [&str; 11] = [
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "jwks_uri",
];

/// The URLs to ask for an issuer's metadata, in order. Only strings are put together: the issuer stays as it is.
pub fn well_known(issuer: &str) -> Vec<(Kind, String)> {
    let origin = issuer::origin(issuer);
    // RFC 8414 §3.1 and `OpenID` Connect Discovery §4.1: a slash at the end goes before anything is added.
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let path = base.strip_prefix(origin).unwrap_or_default();
    let inserted = format!("{origin}/.well-known/oauth-authorization-server{path}");
    let mut urls =
        vec![(Kind::Oidc, format!("{base}/.well-known/openid-configuration")), (Kind::OauthInserted, inserted)];
    if !path.is_empty() {
        urls.push((Kind::OauthAppended, format!("{base}/.well-known/oauth-authorization-server")));
    }
    urls
}

/// Reads one document, which must name the issuer byte for byte (RFC 8414 §3.3), or else the template that the user gave.
pub fn read(issuer: &str, template: Option<&str>, answer: &Response) -> Result<Map<String, Value>, Fault> {
    let members = Members::read_public(WHAT, answer, "issuer")?;
    let found = members.string("issuer")?.unwrap_or_default();
    if found == issuer || Some(found) == template {
        return Ok(members.map);
    }
    Err(Fault::IssuerMismatch {
        expected: sanitize(issuer),
        found: sanitize(found),
        url: bare_url(&answer.url),
        differs: issuer::difference(issuer, found),
    })
}

/// Puts documents of one issuer together: the first that has a usable member wins. Warns where endpoints differ.
pub fn merge(documents: Vec<(Kind, Map<String, Value>)>) -> (Map<String, Value>, Vec<String>) {
    let mut merged = Map::new();
    let mut origins: Vec<(String, Kind)> = Vec::new();
    let mut warnings = Vec::new();
    for (kind, document) in documents {
        for (name, value) in document {
            let kept = merged.get(&name).filter(|kept| !is_unusable(&name, kept));
            match kept {
                None if !is_unusable(&name, &value) || !merged.contains_key(&name) => {
                    origins.push((name.clone(), kind));
                    merged.insert(name, value);
                }
                Some(kept) if *kept != value && ENDPOINTS.contains(&name.as_str()) && !is_unusable(&name, &value) => {
                    let first = origins.iter().rfind(|(known, _)| *known == name).map_or(kind, |(_, first)| *first);
                    warnings.push(format!("the {first} and {kind} documents differ in {name}; the first is used"));
                }
                _ => {}
            }
        }
    }
    (merged, warnings)
}

fn is_unusable(name: &str, value: &Value) -> bool {
    value.is_null() || (ENDPOINTS.contains(&name) && read_url(name, value).is_err())
}

/// The standard path of an endpoint below the issuer, for `--assume-defaults`; `None` where none is usual.
pub fn default_endpoint(issuer: &str, name: &str) -> Option<String> {
    let path = match name {
        "authorization_endpoint" => "authorize",
        "token_endpoint" => "token",
        "introspection_endpoint" => "introspect",
        "revocation_endpoint" => "revoke",
        "registration_endpoint" => "register",
        "pushed_authorization_request_endpoint" => "par",
        _ => return None,
    };
    Some(format!("{}/oauth2/{path}", issuer.strip_suffix('/').unwrap_or(issuer)))
}

/// How long metadata is believed whose server forbids caching, as Keycloak does: it contains nothing private.
const NO_STORE_TTL: Duration = Duration::from_secs(60);

/// How long a document may be believed: an hour, or less by `Cache-Control` and `Age` (RFC 9111 §4.2).
pub fn lifetime(answer: &Response) -> Duration {
    let mut longest = LONGEST;
    let fields = answer.headers.iter().filter(|(name, _)| name == "cache-control");
    for directive in fields.flat_map(|(_, value)| value.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => longest = longest.min(NO_STORE_TTL),
            // RFC 9111 §4.2.1: a lifetime that cannot be read counts as zero.
            "max-age" => {
                let seconds = value.trim().trim_matches('"').parse().unwrap_or(0);
                longest = longest.min(Duration::from_secs(seconds));
            }
            _ => {}
        }
    }
    let age = answer.header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    longest.saturating_sub(Duration::from_secs(age))
}

/// The merged metadata of an issuer, read by type. A member that is null counts as absent.
#[derive(Debug, Clone)]
pub struct Metadata(Members);

impl Metadata {
    pub fn new(map: Map<String, Value>) -> Self {
        Self(Members { what: WHAT, map })
    }

    pub fn members(&self) -> &Map<String, Value> {
        &self.0.map
    }

    pub fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The URL of an endpoint, as served; [`Fault::Malformed`] if it is no absolute http(s) URL without a fragment.
    pub fn endpoint(&self, name: &str) -> Result<Option<&str>, Fault> {
        self.member(name).map(|value| read_url(name, value)).transpose()
    }

    /// The URL of an endpoint for clients that present a certificate (RFC 8705 §5), where the server has another one.
    pub fn mtls_endpoint(&self, name: &str) -> Result<Option<&str>, Fault> {
        let Some(aliases) = self.member(ALIASES) else { return Ok(None) };
        let aliases = aliases.as_object().ok_or_else(|| self.0.malformed(ALIASES, "is not an object"))?;
        aliases.get(name).filter(|value| !value.is_null()).map(|value| read_url(name, value)).transpose()
    }

    /// A list of strings; some servers write it as one, with spaces.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        match self.member(name) {
            Some(Value::String(text)) => Ok(Some(text.split_whitespace().map(str::to_owned).collect())),
            _ => self.0.list(name),
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        self.member(name) == Some(&Value::Bool(true))
    }
}

fn read_url<'a>(name: &str, value: &'a Value) -> Result<&'a str, Fault> {
    let refuse = || Fault::malformed(WHAT, format!("{} is not an absolute URL", sanitize(name)));
    let url = value.as_str().ok_or_else(refuse)?;
    let parts = issuer::parts(url).ok_or_else(refuse)?;
    let usable = ["https", "http"].iter().any(|scheme| parts.scheme.eq_ignore_ascii_case(scheme))
        && parts.userinfo.is_none()
        && !parts.tail.contains('#')
        && url.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if usable { Ok(url) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Fault, Kind, Metadata, default_endpoint, lifetime, merge, read, well_known};
    use crate::oauth::message::Response;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response {
            status,
            headers,
            body: body.as_bytes().to_vec(),
            url: "https://a.example/.well-known/x?y=1".to_owned(),
        }
    }

    fn document(value: Value) -> serde_json::Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => panic!("an object"),
        }
    }

    #[test]
    fn examples_of_rfc_8414_3_1_hold() {
        assert_eq!(
            well_known("https://example.com"),
            [
                (Kind::Oidc, "https://example.com/.well-known/openid-configuration".to_owned()),
                (Kind::OauthInserted, "https://example.com/.well-known/oauth-authorization-server".to_owned()),
            ]
        );
        let urls = well_known("https://example.com/issuer1");
        assert_eq!(urls[0].1, "https://example.com/issuer1/.well-known/openid-configuration");
        assert_eq!(urls[1].1, "https://example.com/.well-known/oauth-authorization-server/issuer1");
        assert_eq!(urls[2].1, "https://example.com/issuer1/.well-known/oauth-authorization-server");
        assert_eq!(urls.len(), 3);
    }

    #[test]
    fn no_slash_is_doubled_and_nothing_normalised() {
        let both = well_known("https://example.com/");
        assert_eq!(both, well_known("https://example.com"));
        let urls = well_known("HTTPS://Example.com:443/Realms/%61/../x/");
        assert_eq!(urls[0].1, "HTTPS://Example.com:443/Realms/%61/../x/.well-known/openid-configuration");
        assert_eq!(urls[1].1, "HTTPS://Example.com:443/.well-known/oauth-authorization-server/Realms/%61/../x");
        assert_eq!(urls[2].1, "HTTPS://Example.com:443/Realms/%61/../x/.well-known/oauth-authorization-server");
    }

    #[test]
    fn near_miss_is_another_issuer() {
        let issuer = "https://login.example/realms/a";
        let body = |found: &str| json!({ "issuer": found }).to_string();
        assert!(read(issuer, None, &answer(200, &[], &body(issuer))).is_ok());
        for found in [
            "https://login.example/realms/a/",
            "https://login.example/realms//a",
            "https://login.example//realms/a",
            "https://login.example/realms/A",
            "https://login.example/Realms/a",
            "https://LOGIN.example/realms/a",
            "HTTPS://login.example/realms/a",
            "https://login.example:443/realms/a",
            "https://login.example:/realms/a",
            "https://login.example:8443/realms/a",
            "https://login.example/realms%2fa",
            "https://login.example/realms%2Fa",
            "https://login.example/realms/%61",
            "https://login.example/realms/./a",
            "https://login.example/realms/b/../a",
            "https://login.example./realms/a",
            "https://login.example/realms/a.",
            "http://login.example/realms/a",
            "https://u@login.example/realms/a",
            "https://@login.example/realms/a",
            "https://login.example/realms/a?",
            "https://login.example/realms/a?x=1",
            "https://login.example/realms/a#",
            "https://login.example/realms/a;x",
            "https://login.example/realms/a ",
            " https://login.example/realms/a",
            "https://login.example/realms/a\n",
            "https://login.example/realms/a\0",
            "https://login.example/realms/\u{430}",
            "https://xn--login.example/realms/a",
            "https://login.example\\realms\\a",
            "https://login.example",
            "login.example/realms/a",
            "",
        ] {
            match read(issuer, None, &answer(200, &[], &body(found))) {
                Err(Fault::IssuerMismatch { expected, url, differs, .. }) => {
                    assert_eq!((expected.as_str(), url.as_str()), (issuer, "https://a.example/.well-known/x"));
                    assert!(!differs.is_empty(), "{found:?}");
                }
                other => panic!("{found:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn mismatch_says_which_part() {
        let found = json!({"issuer": "http://localhost:8080/"}).to_string();
        let fault = read("http://127.0.0.1:8080/", None, &answer(200, &[], &found)).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the metadata at https://a.example/.well-known/x names the issuer http://localhost:8080/, \
             not http://127.0.0.1:8080/ (they differ in the host name)"
        );
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        let issuer = "https://a.example";
        let fault = |status, body: &str| read(issuer, None, &answer(status, &[], body)).unwrap_err();
        assert!(matches!(fault(404, r#"{"error":"Realm does not exist"}"#), Fault::Status { status: 404, .. }));
        assert!(matches!(fault(200, "<html>"), Fault::NotJson { .. }));
        assert!(matches!(fault(200, "{}"), Fault::MissingMember { member: "issuer", .. }));
        assert!(matches!(fault(200, r#"{"error":"server_error"}"#), Fault::Refused(_)));
        assert!(matches!(fault(200, r#"{"issuer":["https://a.example"]}"#), Fault::Malformed { .. }));
        let twice = r#"{"issuer":"https://b.example","issuer":"https://a.example"}"#;
        assert!(matches!(fault(200, twice), Fault::Malformed { .. }));
    }

    #[test]
    fn first_document_wins_and_differences_are_told() {
        let first = document(json!({"issuer": "i", "token_endpoint": "https://a/t", "jwks_uri": null, "scopes": [1]}));
        let second = document(json!({"token_endpoint": "https://b/t", "jwks_uri": "https://a/j", "scopes": [2],
            "revocation_endpoint": "https://a/r"}));
        let (merged, warnings) = merge(vec![(Kind::Oidc, first), (Kind::OauthInserted, second)]);
        assert_eq!(
            Value::Object(merged),
            json!({"issuer": "i", "token_endpoint": "https://a/t", "jwks_uri": "https://a/j", "scopes": [1],
                "revocation_endpoint": "https://a/r"})
        );
        assert_eq!(warnings, ["the oidc and oauth-inserted documents differ in token_endpoint; the first is used"]);
    }

    #[test]
    fn usable_member_wins_over_unusable_one() {
        let first = document(json!({"token_endpoint": "", "jwks_uri": "/jwks", "scopes_supported": null}));
        let second =
            document(json!({"token_endpoint": "https://b/t", "jwks_uri": "https://b/j", "scopes_supported": ["x"]}));
        let usable = Value::Object(second.clone());
        for order in [[first.clone(), second.clone()], [second, first.clone()]] {
            let [one, other] = order;
            let (merged, warnings) = merge(vec![(Kind::Oidc, one), (Kind::OauthInserted, other)]);
            assert_eq!((Value::Object(merged), warnings), (usable.clone(), Vec::<String>::new()));
        }
        let (merged, _) = merge(vec![(Kind::Oidc, first.clone()), (Kind::OauthInserted, first.clone())]);
        assert_eq!(merged, first);
    }

    #[test]
    fn members_are_read_by_type() {
        let metadata = Metadata::new(document(json!({"a": "https://a.example/t/", "b": "/t", "c": 1, "d": null,
            "e": "file:///x", "f": "https://u:p@a.example/", "g": "https://a.example/#x", "h": "https://a.example/\n",
            "l": ["x", "y"], "m": "x  y", "n": ["x", 1], "o": 1, "t": true, "s": "true"})));
        assert_eq!(metadata.endpoint("a").unwrap(), Some("https://a.example/t/"));
        assert_eq!(metadata.endpoint("d").unwrap(), None);
        assert_eq!(metadata.endpoint("z").unwrap(), None);
        for name in ["b", "c", "e", "f", "g", "h"] {
            assert!(matches!(metadata.endpoint(name), Err(Fault::Malformed { .. })), "{name}");
        }
        assert_eq!(metadata.list("l").unwrap().unwrap(), ["x", "y"]);
        assert_eq!(metadata.list("d").unwrap(), None);
        assert_eq!(metadata.list("m").unwrap().unwrap(), ["x", "y"]);
        assert!(metadata.list("n").is_err() && metadata.list("o").is_err());
        assert!(metadata.flag("t") && !metadata.flag("s") && !metadata.flag("z"));
    }

    #[test]
    fn default_endpoints_stand_below_issuer() {
        let at = |issuer, name| default_endpoint(issuer, name);
        assert_eq!(at("https://a.example/x/", "token_endpoint").unwrap(), "https://a.example/x/oauth2/token");
        assert_eq!(
            at("https://a.example", "pushed_authorization_request_endpoint").unwrap(),
            "https://a.example/oauth2/par"
        );
        assert_eq!(at("https://a.example", "jwks_uri"), None);
    }

    #[test]
    fn metadata_lives_hour_at_most() {
        for (headers, seconds) in [
            (vec![], 3600),
            (vec![("cache-control", "public, max-age=60")], 60),
            (vec![("cache-control", "MAX-AGE=\"60\"")], 60),
            (vec![("cache-control", "max-age=999999999999")], 3600),
            (vec![("cache-control", "max-age=x")], 0),
            (vec![("cache-control", "max-age=60"), ("cache-control", "no-store")], 60),
            (vec![("cache-control", "No-Cache, must-revalidate")], 60),
            (vec![("cache-control", "max-age=60"), ("age", "20")], 40),
            (vec![("cache-control", "max-age=60"), ("age", "200")], 0),
            (vec![("cache-control", "private, must-revalidate")], 3600),
        ] {
            assert_eq!(lifetime(&answer(200, &headers, "")), Duration::from_secs(seconds), "{headers:?}");
        }
    }
}
