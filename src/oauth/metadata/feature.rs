//! What a server says it can do, asked by name: `discover --require`.

use serde_json::Value;

use super::{ENDPOINTS, Metadata};
use crate::oauth::fault::Fault;
use crate::oauth::grant::Grant;

pub const FEATURES: &str = "auth:METHOD, dpop, dpop:ALG, device, endpoint:NAME, grant:GRANT, introspection, iss, \
                            jwks, mtls, par, pkce, pkce:METHOD, registration, response_mode:MODE, response_type:TYPE, \
                            revocation, scope:SCOPE, userinfo";

/// Features that are items of a list: the list, and what it contains where it is absent (RFC 8414 §2).
const LISTS: [(&str, &str, &[&str]); 7] = [
    ("auth", "token_endpoint_auth_methods_supported", &["client_secret_basic"]),
    ("dpop", "dpop_signing_alg_values_supported", &[]),
    ("grant", "grant_types_supported", &["authorization_code", "implicit"]),
    ("pkce", "code_challenge_methods_supported", &[]),
    ("response_mode", "response_modes_supported", &["query", "fragment"]),
    ("response_type", "response_types_supported", &[]),
    ("scope", "scopes_supported", &[]),
];

const METHOD_LISTS: [&str; 2] =
    ["introspection_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"];

impl Metadata {
    /// The same without members of a wrong type or form, and what is wrong with each. A list that is one string is split.
    pub fn usable(&self) -> (Self, Vec<Fault>) {
        let mut map = self.members().clone();
        let endpoints = ENDPOINTS.map(|name| (name, self.endpoint(name).map(|_| None)));
        let lists = LISTS.iter().map(|(_, name, _)| *name).chain(METHOD_LISTS);
        let lists = lists.map(|name| (name, self.list(name).map(|list| list.map(Value::from))));
        let mut faults = Vec::new();
        for (name, read) in endpoints.into_iter().chain(lists) {
            match read {
                Ok(Some(list)) => drop(map.insert(name.to_owned(), list)),
                Ok(None) => {}
                Err(fault) => {
                    map.shift_remove(name);
                    faults.push(fault);
                }
            }
        }
        (Self::new(map), faults)
    }

    /// Whether the server lists a feature; [`Fault::UnknownFeature`] names the known ones.
    pub fn supports(&self, feature: &str) -> Result<bool, Fault> {
        let (name, argument) = feature.split_once(':').unwrap_or((feature, ""));
        if let Some((_, member, default)) = LISTS.iter().find(|(known, ..)| *known == name) {
            let listed = self.list(member)?;
            let registered = Grant::by_name(argument).filter(|_| name == "grant").map(Grant::registered_name);
            let item = registered.unwrap_or(argument);
            return match (item, listed) {
                ("", listed) if matches!(name, "dpop" | "pkce") => Ok(listed.is_some_and(|list| !list.is_empty())),
                ("", _) => Err(Fault::unknown_feature(feature, FEATURES)),
                (item, Some(list)) => Ok(list.iter().any(|listed| listed == item)),
                (item, None) => Ok(default.contains(&item)),
            };
        }
        match (name, argument) {
            ("endpoint", short) if !short.is_empty() => Ok(self.endpoint(&endpoint_name(short))?.is_some()),
            ("par" | "device" | "introspection" | "revocation" | "registration" | "userinfo" | "jwks", "") => {
                Ok(self.endpoint(&endpoint_name(name))?.is_some())
            }
            ("iss", "") => Ok(self.flag("authorization_response_iss_parameter_supported")),
            ("mtls", "") => Ok(self.flag("tls_client_certificate_bound_access_tokens")),
            _ => Err(Fault::unknown_feature(feature, FEATURES)),
        }
    }
}

/// The full name of an endpoint's member: "revocation", "par", "jwks" or already full.
pub fn endpoint_name(short: &str) -> String {
    match short {
        "par" | "pushed_authorization_request" => "pushed_authorization_request_endpoint".to_owned(),
        "device" => "device_authorization_endpoint".to_owned(),
        "jwks" | "jwks_uri" => "jwks_uri".to_owned(),
        full if full.ends_with("_endpoint") => full.to_owned(),
        short => format!("{short}_endpoint"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fault, Metadata};

    fn metadata(value: Value) -> Metadata {
        match value {
            Value::Object(map) => Metadata::new(map),
            _ => panic!("an object"),
        }
    }

    #[test]
    fn what_is_listed_is_supported() {
        let full = metadata(json!({
            "grant_types_supported": ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid"], "response_types_supported": ["code id_token"],
            "authorization_response_iss_parameter_supported": true,
            "pushed_authorization_request_endpoint": "https://a.example/par",
            "revocation_endpoint": "https://a.example/revoke", "jwks_uri": "https://a.example/jwks",
        }));
        for (feature, expected) in [
            ("grant:client_credentials", true),
            ("grant:token_exchange", true),
            ("grant:urn:ietf:params:oauth:grant-type:token-exchange", true),
            ("grant:authorization_code", false),
            ("auth:private_key_jwt", true),
            ("auth:client_secret_basic", false),
            ("pkce:S256", true),
            ("pkce:s256", false),
            ("par", true),
            ("dpop", true),
            ("dpop:ES256", true),
            ("dpop:RS256", false),
            ("endpoint:revocation", true),
            ("endpoint:revocation_endpoint", true),
            ("endpoint:jwks", true),
            ("endpoint:introspection", false),
            ("introspection", false),
            ("revocation", true),
            ("scope:openid", true),
            ("scope:email", false),
            ("response_type:code id_token", true),
            ("iss", true),
            ("mtls", false),
        ] {
            assert_eq!(full.supports(feature).unwrap(), expected, "{feature}");
        }
    }

    #[test]
    fn absent_members_have_defaults_of_rfc_8414() {
        let empty = metadata(json!({}));
        for (feature, expected) in [
            ("grant:authorization_code", true),
            ("grant:implicit", true),
            ("grant:client_credentials", false),
            ("auth:client_secret_basic", true),
            ("auth:client_secret_post", false),
            ("response_mode:query", true),
            ("pkce", false),
            ("iss", false),
        ] {
            assert_eq!(empty.supports(feature).unwrap(), expected, "{feature}");
        }
    }

    #[test]
    fn list_that_is_one_string_is_split() {
        let odd = metadata(json!({"scopes_supported": "openid  email", "token_endpoint": "https://a.example/t"}));
        assert!(odd.supports("scope:email").unwrap());
        let (usable, faults) = odd.usable();
        assert_eq!((usable.member("scopes_supported"), faults.len()), (Some(&json!(["openid", "email"])), 0));
    }

    #[test]
    fn what_is_unknown_or_malformed_is_error() {
        let broken = metadata(json!({"scopes_supported": ["openid", 1], "token_endpoint": 1}));
        for feature in ["", "grant", "grant:", "magic", "par:x", "iss:yes", "endpoint:"] {
            match broken.supports(feature) {
                Err(fault @ Fault::UnknownFeature { .. }) => assert!(fault.to_string().contains("grant:GRANT")),
                other => panic!("{feature}: {other:?}"),
            }
        }
        assert!(matches!(broken.supports("scope:openid"), Err(Fault::Malformed { .. })));
        assert!(matches!(broken.supports("endpoint:token"), Err(Fault::Malformed { .. })));
        let (usable, faults) = broken.usable();
        assert!(usable.members().is_empty() && faults.len() == 2);
    }
}
