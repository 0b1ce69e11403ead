//! The metadata of a client as flags, shared by `client register` and `client update`.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::commands::request::{parse_scopes, split_scopes};
use crate::context::Context;
use crate::error::{Error, client_metadata};
use crate::jose::{Algorithm, SigningKey};
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::json;
use crate::secret::Secret;
use crate::source::Source;

/// Members of a JWK that are private (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Members that only the server may set.
const SERVER_MANAGED: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// The metadata of a client (RFC 7591 §2). Only what is given is sent.
#[derive(Debug, Args)]
pub struct Flags {
    /// Display name (client_name)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Redirect URI; repeatable
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Grant to register, by its IANA or short name; repeatable
    #[arg(long, value_name = "GRANT")]
    grant: Vec<String>,
    /// Response type to register; repeatable
    #[arg(long, value_name = "TYPE")]
    response_type: Vec<String>,
    /// How it authenticates at the token endpoint
    #[arg(long, alias = "auth", value_name = "METHOD", value_parser = Method::ALL.map(Method::name))]
    auth_method: Option<String>,
    /// Scopes that it may request; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = parse_scopes)]
    scope: Vec<String>,
    /// Contact address; repeatable
    #[arg(long, value_name = "ADDRESS")]
    contact: Vec<String>,
    /// Its public keys, a JWK set or one JWK
    #[arg(long, value_name = "SOURCE", group = "keys")]
    jwks_from: Option<Source>,
    /// Where its public keys are served
    #[arg(long, value_name = "URL", group = "keys")]
    jwks_uri: Option<String>,
    /// Generate a key: the private key is stored in the vault, the public key is sent
    #[arg(long, value_name = "ALG", group = "keys", value_parser = Algorithm::ALL.map(Algorithm::name))]
    generate_key: Option<String>,
    /// A signed statement about the software
    #[arg(long, value_name = "SOURCE")]
    software_statement_from: Option<Source>,
    /// Any other member, its value as JSON; repeatable
    #[arg(long, value_name = "NAME=JSON", value_parser = parse_member)]
    set: Vec<(String, Value)>,
    /// Start from this JSON object (flags override it)
    #[arg(long, value_name = "SOURCE")]
    metadata_from: Option<Source>,
}

impl Flags {
    /// Puts what was given on top of `metadata`; gives the generated key.
    pub fn apply(&self, cx: &Context, metadata: &mut Map<String, Value>) -> Result<Option<SigningKey>, Error> {
        if let Some(source) = &self.metadata_from {
            let given = read_object(&cx.read(source, "client metadata (JSON)", None)?, source)?;
            if let Some(name) = given.keys().find(|name| SERVER_MANAGED.contains(&name.as_str())) {
                return Err(client_metadata::server_managed(name));
            }
            metadata.extend(given);
        }
        let mut put = |name: &str, value: Value| drop(metadata.insert(name.to_owned(), value));
        let texts = [
            ("client_name", &self.name),
            ("token_endpoint_auth_method", &self.auth_method),
            ("jwks_uri", &self.jwks_uri),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                put(name, json!(text));
            }
        }
        let grants: Vec<&str> = self.grant.iter().map(|grant| registered_name(grant)).collect();
        for (name, list) in [
            ("redirect_uris", json!(self.redirect_uri)),
            ("grant_types", json!(grants)),
            ("response_types", json!(self.response_type)),
            ("contacts", json!(self.contact)),
        ] {
            if list != json!([]) {
                put(name, list);
            }
        }
        if !self.scope.is_empty() {
            put("scope", json!(split_scopes(&self.scope).join(" ")));
        }
        if let Some(source) = &self.software_statement_from {
            let statement = cx.read(source, "software statement", None)?;
            put("software_statement", json!(statement.expose()));
        }
        if let Some(source) = &self.jwks_from {
            let keys = read_object(&cx.read(source, "public keys (JWKS)", None)?, source)?;
            put("jwks", if keys.contains_key("keys") { json!(keys) } else { json!({"keys": [keys]}) });
        }
        let key = match &self.generate_key {
            Some(algorithm) => Some(SigningKey::generate(algorithm.parse()?)?),
            None => None,
        };
        if let Some(key) = &key {
            put("jwks", json!({"keys": [key.public_jwk()]}));
        }
        for (name, value) in &self.set {
            put(name, value.clone());
        }
        // A client has one or the other (RFC 7591 §2).
        if self.jwks_uri.is_some() {
            metadata.remove("jwks");
        } else if self.jwks_from.is_some() || key.is_some() {
            metadata.remove("jwks_uri");
        }
        refuse_private_keys(metadata)?;
        Ok(key)
    }
}

/// Refuses a private key among the public ones: it would be sent and registered.
fn refuse_private_keys(metadata: &Map<String, Value>) -> Result<(), Error> {
    let keys = metadata.get("jwks").and_then(|jwks| jwks["keys"].as_array()).into_iter().flatten();
    if keys.filter_map(Value::as_object).any(|key| PRIVATE.iter().any(|name| key.contains_key(*name))) {
        return Err(client_metadata::private_key());
    }
    Ok(())
}

fn registered_name(grant: &str) -> &str {
    Grant::by_name(grant).map_or(grant, |known| known.registered_name())
}

fn read_object(text: &Secret, source: &Source) -> Result<Map<String, Value>, Error> {
    json::object(text.expose().as_bytes()).map_err(|fault| client_metadata::not_an_object(source, &fault.to_string()))
}

fn parse_member(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=JSON")?;
    if name.is_empty() || SERVER_MANAGED.contains(&name) {
        return Err("only the server may set this member".to_owned());
    }
    // The one strict reader takes objects.
    let wrapped = format!("{{\"value\":{value}}}");
    let mut members = json::object(wrapped.as_bytes())
        .map_err(|_| "the value is not JSON; a string needs double quotes, as name='\"text\"'".to_owned())?;
    match (members.remove("value"), members.is_empty()) {
        (Some(value), true) => Ok((name.to_owned(), value)),
        _ => Err("the value is not one JSON value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse_member, registered_name};

    #[test]
    fn member_is_json() {
        assert_eq!(parse_member("a=[1,\"b=c\"]").unwrap(), ("a".to_owned(), json!([1, "b=c"])));
        for bad in ["a", "=1", "a=", "a=b", "client_secret=\"x\"", "a=1,\"b\":2", "a={\"b\":1,\"b\":2}"] {
            assert!(parse_member(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn grant_goes_by_its_registered_name() {
        assert_eq!(registered_name("device_code"), "urn:ietf:params:oauth:grant-type:device_code");
        assert_eq!(registered_name("refresh_token"), "refresh_token");
    }
}
