//! Token exchange: one token for another (RFC 8693). The answer is a token answer, which `token::read` reads.

use super::message::{Replay, Request, Value};
use crate::secret::Secret;

/// The grant of a token exchange (RFC 8693 §2.1).
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The type of an access token, which stands in where none is named.
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The short names of the registered token types (RFC 8693 §3).
pub const TYPES: [(&str, &str); 6] = [
    ("access", ACCESS_TOKEN),
    ("id", "urn:ietf:params:oauth:token-type:id_token"),
    ("refresh", "urn:ietf:params:oauth:token-type:refresh_token"),
    ("jwt", "urn:ietf:params:oauth:token-type:jwt"),
    ("saml1", "urn:ietf:params:oauth:token-type:saml1"),
    ("saml2", "urn:ietf:params:oauth:token-type:saml2"),
];

/// The parameters that the request itself sets, beside those of every token request: no `--param` may.
pub const RESERVED: [&str; 7] = [
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "audience",
    "resource",
];

/// A token that is handed in, and its type.
#[derive(Debug, Clone)]
pub struct Part {
    /// The token.
    pub token: Secret,
    /// Its type, a URI.
    pub kind: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// On whose behalf.
    pub subject: &'a Part,
    /// Who acts, where that is somebody else.
    pub actor: Option<&'a Part>,
    /// The type that the new token is to have.
    pub requested: Option<&'a str>,
    /// For whom it is meant, by logical name; repeats.
    pub audiences: &'a [String],
    /// For whom it is meant, by URI; repeats.
    pub resources: &'a [String],
    /// What it is to allow.
    pub scopes: &'a [String],
    /// Further parameters, last and as given.
    pub params: &'a [(String, String)],
}

/// The URI of a token type: a short name of [`TYPES`], else the URI itself (RFC 8693 §3).
///
/// # Errors
/// A sentence that does not repeat the text: it may be a token in the wrong place.
pub fn type_uri(text: &str) -> Result<String, String> {
    if let Some((_, uri)) = TYPES.iter().find(|(name, _)| *name == text) {
        return Ok((*uri).to_owned());
    }
    let scheme = text.split_once(':').filter(|(_, rest)| !rest.is_empty()).map_or("", |(scheme, _)| scheme);
    let is_uri = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && text.chars().all(|c| c.is_ascii_graphic());
    if is_uri {
        return Ok(text.to_owned());
    }
    let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    Err(format!("expected one of {}, or the URI of a type", names.join(", ")))
}

/// Builds the request (RFC 8693 §2.1). Client authentication is applied to it afterwards.
pub fn request(endpoint: &str, wish: &Wish<'_>) -> Request {
    let mut parameters: Vec<(String, Value)> = vec![
        ("grant_type".to_owned(), GRANT.into()),
        ("subject_token".to_owned(), wish.subject.token.clone().into()),
        ("subject_token_type".to_owned(), wish.subject.kind.clone().into()),
    ];
    if let Some(actor) = wish.actor {
        parameters.push(("actor_token".to_owned(), actor.token.clone().into()));
        parameters.push(("actor_token_type".to_owned(), actor.kind.clone().into()));
    }
    if let Some(kind) = wish.requested {
        parameters.push(("requested_token_type".to_owned(), kind.into()));
    }
    parameters.extend(wish.audiences.iter().map(|audience| ("audience".to_owned(), audience.clone().into())));
    parameters.extend(wish.resources.iter().map(|resource| ("resource".to_owned(), resource.clone().into())));
    let scope = wish.scopes.iter().filter(|scope| !scope.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    if !scope.is_empty() {
        parameters.push(("scope".to_owned(), scope.into()));
    }
    parameters.extend(wish.params.iter().map(|(name, value)| (name.clone(), value.clone().into())));
    Request::form(endpoint, parameters, Replay::Input)
}

#[cfg(test)]
mod tests {
    use super::{ACCESS_TOKEN, Part, Wish, request, type_uri};
    use crate::oauth::message::{Body, Replay, Request};
    use crate::secret::Secret;

    fn sent(request: &Request) -> Vec<(String, String)> {
        let Body::Form(parameters) = &request.body else { panic!("a form") };
        parameters.iter().map(|(name, value)| (name.clone(), value.wire().to_owned())).collect()
    }

    #[test]
    fn the_request_of_rfc_8693_2_3_is_built() {
        let subject =
            Part { token: Secret::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC"), kind: ACCESS_TOKEN.into() };
        let resources = ["https://backend.example.com/api".to_owned()];
        let wish = Wish {
            subject: &subject,
            actor: None,
            requested: None,
            audiences: &[],
            resources: &resources,
            scopes: &[],
            params: &[],
        };
        let request = request("https://as.example.com/as/token.oauth2", &wish);
        let expected = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", "accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("resource", "https://backend.example.com/api"),
        ];
        assert_eq!(sent(&request), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((request.replay, request.credential), (Replay::Input, true));
        assert!(!format!("{request:?}").contains("accVkj"), "the subject token is a secret");
    }

    #[test]
    fn everything_has_its_place_and_lists_repeat() {
        let subject = Part { token: Secret::new("S"), kind: type_uri("jwt").unwrap() };
        let actor = Part { token: Secret::new("A"), kind: type_uri("id").unwrap() };
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let wish = Wish {
            subject: &subject,
            actor: Some(&actor),
            requested: Some("urn:x:y"),
            audiences: &texts(&["a", "b"]),
            resources: &texts(&["urn:c", "urn:d"]),
            scopes: &texts(&["read", "", "write"]),
            params: &[("tenant".to_owned(), "t".to_owned())],
        };
        let names: Vec<String> = sent(&request("https://a.example", &wish))
            .into_iter()
            .skip(3)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            names,
            [
                "actor_token=A",
                "actor_token_type=urn:ietf:params:oauth:token-type:id_token",
                "requested_token_type=urn:x:y",
                "audience=a",
                "audience=b",
                "resource=urn:c",
                "resource=urn:d",
                "scope=read write",
                "tenant=t"
            ]
        );
    }

    #[test]
    fn a_type_is_a_short_name_or_a_uri() {
        for (name, end) in
            [("access", "access_token"), ("id", "id_token"), ("refresh", "refresh_token"), ("jwt", "jwt")]
        {
            assert_eq!(type_uri(name).unwrap(), format!("urn:ietf:params:oauth:token-type:{end}"));
        }
        for uri in ["urn:ietf:params:aws:token-type:aws4_request", "https://a.example/type"] {
            assert_eq!(type_uri(uri).unwrap(), uri);
        }
        for bad in ["", "acces", ":x", "urn:", "a b:c", "1:x", "eyJhbGciOiJub25lIn0.hunter2"] {
            assert!(!type_uri(bad).unwrap_err().contains("hunter2"), "{bad}");
        }
    }
}
