//! Token exchange: one token for another (RFC 8693). The answer is a token answer, which `token::read` reads.

use super::grant::Grant;
use super::message::{Replay, Request, Value};
use super::parameters::TokenParameters;
use super::token_request;
use crate::secret::Secret;

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

#[derive(Debug, Clone)]
pub struct TypedToken {
    pub token: Secret,
    pub kind: String,
}

#[derive(Debug, Clone, Copy)]
pub struct ExchangeGrant<'a> {
    pub subject: &'a TypedToken,
    /// Who acts, where that is somebody else.
    pub actor: Option<&'a TypedToken>,
    pub requested: Option<&'a str>,
    pub parameters: TokenParameters<'a>,
}

/// The URI of a token type: a short name of [`TYPES`], else the URI itself (RFC 8693 §3).
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
pub fn request(endpoint: &str, grant: &ExchangeGrant<'_>) -> Request {
    let mut own: Vec<(&str, Value)> = vec![
        ("subject_token", grant.subject.token.clone().into()),
        ("subject_token_type", grant.subject.kind.clone().into()),
    ];
    if let Some(actor) = grant.actor {
        own.extend([("actor_token", actor.token.clone().into()), ("actor_token_type", actor.kind.clone().into())]);
    }
    own.extend(grant.requested.map(|kind| ("requested_token_type", kind.into())));
    // RFC 8693 §2.1 names the targets before the scope.
    own.extend(grant.parameters.audience.iter().map(|audience| ("audience", audience.clone().into())));
    own.extend(grant.parameters.resource.iter().map(|resource| ("resource", resource.clone().into())));
    let parameters = TokenParameters { audience: &[], resource: &[], ..grant.parameters };
    token_request::build(endpoint, Grant::TokenExchange.registered_name(), own, &parameters, Replay::Input)
}

#[cfg(test)]
mod tests {
    use super::{ACCESS_TOKEN, ExchangeGrant, TypedToken, request, type_uri};
    use crate::oauth::message::{Body, Replay, Request};
    use crate::oauth::parameters::TokenParameters;
    use crate::secret::Secret;

    fn sent(request: &Request) -> Vec<(String, String)> {
        let Body::Form(parameters) = &request.body else { panic!("a form") };
        parameters.iter().map(|(name, value)| (name.clone(), value.wire().to_owned())).collect()
    }

    #[test]
    fn request_of_rfc_8693_2_3_is_built() {
        let subject =
            TypedToken { token: Secret::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC"), kind: ACCESS_TOKEN.into() };
        let resources = ["https://backend.example.com/api".to_owned()];
        let grant = ExchangeGrant {
            subject: &subject,
            actor: None,
            requested: None,
            parameters: TokenParameters { resource: &resources, ..TokenParameters::default() },
        };
        let request = request("https://as.example.com/as/token.oauth2", &grant);
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
    fn parameters_follow_tokens() {
        let subject = TypedToken { token: Secret::new("S"), kind: type_uri("jwt").unwrap() };
        let actor = TypedToken { token: Secret::new("A"), kind: type_uri("id").unwrap() };
        let (scope, audience) = (["read".to_owned(), "write".to_owned()], ["a".to_owned()]);
        let grant = ExchangeGrant {
            subject: &subject,
            actor: Some(&actor),
            requested: Some("urn:x:y"),
            parameters: TokenParameters { scope: &scope, audience: &audience, ..TokenParameters::default() },
        };
        let names: Vec<String> = sent(&request("https://a.example", &grant))
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
                "scope=read write",
            ]
        );
    }

    #[test]
    fn type_is_short_name_or_uri() {
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
