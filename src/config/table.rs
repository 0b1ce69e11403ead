//! The settings of a zone: one row for each key of the file. It drives reading and writing the file, `zone show`,
//! `zone edit --unset`, the flags of `zone add` and `zone edit`, and the zone of the environment.

use super::Zone;
use super::row::Row;
use super::row::Variable::{Choice, Proof, Request, Secret};
use crate::oauth::token::{check_parameter_name, check_resource, check_scope};

impl Row {
    pub fn by_key(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|row| row.key == key)
    }

    /// The setting of this flag of `zone edit` (without `--`); of a secret the one that reads it at every use.
    pub fn by_flag(name: &str) -> Option<&'static Self> {
        let reference = name.strip_suffix("-from").map(|start| format!("{start}-ref"));
        let has = |row: &&Self, flag: &str| row.flag.as_ref().is_some_and(|known| known.name == flag);
        let found = SETTINGS.iter().find(|row| has(row, name) && row.variable.is_some());
        found.or_else(|| SETTINGS.iter().find(|row| has(row, reference.as_deref().unwrap_or(name))))
    }

    /// The setting that overrides the endpoint of this name in the metadata.
    pub fn by_endpoint(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|row| row.endpoint == Some(name))
    }
}

fn check_parameter(text: &str) -> Result<(), String> {
    let (name, _) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    check_parameter_name(name)
}

/// The row of a field, whose key is its name unless another one is given.
macro_rules! row {
    ($field:ident) => {
        row!($field, stringify!($field))
    };
    ($field:ident, $key:expr) => {
        Row {
            key: $key,
            flag: None,
            variable: None,
            endpoint: None,
            separator: None,
            can_unset: true,
            get: |zone| &zone.$field,
            get_mut: |zone| &mut zone.$field,
            is_set: |zone| zone.$field != Zone::default().$field,
            unset: |zone| zone.$field = Zone::default().$field,
        }
    };
}

/// All settings, in the order of the file and of `zone show`.
pub static SETTINGS: [Row; 38] = [
    row!(issuer).variable(Choice("HALLPASS_ISSUER")).fixed(),
    row!(issuer_template)
        .flag("issuer-template", "URL", "Accept this issuer with {tenantid} in the metadata, and with the tenant of the claim tid in tokens"),
    row!(client_id)
        .flag("client-id", "ID", "The client_id at the authorization server")
        .variable(Choice("HALLPASS_CLIENT_ID")),
    row!(client_secret).source("client-secret-from", "Copy the client secret from SOURCE into the vault"),
    row!(client_secret, "client_secret_ref")
        .reference("client-secret-ref", "Read the client secret from SOURCE at every use; nothing is stored")
        .variable(Secret { value: "HALLPASS_CLIENT_SECRET", file: "HALLPASS_CLIENT_SECRET_FILE" }),
    row!(private_key)
        .source("private-key-from", "Copy the private key from SOURCE into the vault: PEM or a private JWK"),
    row!(private_key, "private_key_ref")
        .reference("private-key-ref", "Read the private key from SOURCE at every use; nothing is stored")
        .variable(Proof("HALLPASS_PRIVATE_KEY_FROM")),
    row!(key_id)
        .flag("key-id", "KID", "The private key's kid, also to select it in a JWK set")
        .variable(Proof("HALLPASS_KEY_ID")),
    row!(algorithm)
        .flag("algorithm", "ALG", "Signature algorithm (default: chosen from the key)")
        .variable(Proof("HALLPASS_ALGORITHM")),
    row!(client_assertion_ref)
        .reference(
            "client-assertion-ref",
            "Authenticate with an externally signed assertion, read from SOURCE at every use",
        )
        .aliases(&["client-assertion-from"])
        .variable(Proof("HALLPASS_CLIENT_ASSERTION_FROM")),
    row!(assertion_audience)
        .flag("assertion-audience", "AUDIENCE", "The audience of the client's assertions (default: the issuer)")
        .variable(Proof("HALLPASS_ASSERTION_AUDIENCE")),
    row!(cert).flag("cert", "FILE", "Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705); with a private key and no key of its own, it certifies that key, and assertions name it (x5t)"),
    row!(cert_key).source("cert-key-from", "Copy the key of the certificate from SOURCE into the vault: PEM"),
    row!(cert_key, "cert_key_ref")
        .reference("cert-key-ref", "Read the key of the certificate from SOURCE at every use; nothing is stored"),
    row!(auth)
        .flag("auth", "METHOD", "Client authentication method (default: chosen from the metadata)")
        .aliases(&["auth-method"])
        .variable(Choice("HALLPASS_AUTH")),
    row!(grant).flag("grant", "GRANT", "How tokens are obtained (default: client_credentials for a client with a proof, else authorization_code); the URI of another grant is sent as given"),
    row!(assertion_ref)
        .reference("assertion-ref", "With grant jwt_bearer: read the assertion from SOURCE at every call"),
    row!(subject_token_ref)
        .reference("subject-token-ref", "With grant token_exchange: read the subject token from SOURCE at every call"),
    row!(scope)
        .flag("scope", "SCOPE", "Request these scopes; repeatable, splits on spaces")
        .check(check_scope)
        .variable(Request("HALLPASS_SCOPE"))
        .separator(' '),
    row!(audience)
        .flag("audience", "AUDIENCE", "Request tokens for this audience; repeatable")
        .variable(Request("HALLPASS_AUDIENCE")),
    row!(resource)
        .flag("resource", "URI", "Request tokens for this resource (RFC 8707); repeatable")
        .check(check_resource)
        .variable(Request("HALLPASS_RESOURCE")),
    row!(token_endpoint)
        .endpoint("token-endpoint", "Override the token endpoint: a URL, or a path on the issuer's host"),
    row!(introspection_endpoint).endpoint("introspection-endpoint", "Override the introspection endpoint"),
    row!(revocation_endpoint).endpoint("revocation-endpoint", "Override the revocation endpoint"),
    row!(registration_endpoint).endpoint("registration-endpoint", "Override the registration endpoint"),
    row!(par_endpoint)
        .endpoint("par-endpoint", "Override the pushed authorization request endpoint")
        .metadata_name("pushed_authorization_request_endpoint"),
    row!(authorization_endpoint).endpoint("authorization-endpoint", "Override the authorization endpoint"),
    row!(device_endpoint)
        .endpoint("device-endpoint", "Override the device authorization endpoint")
        .metadata_name("device_authorization_endpoint"),
    row!(jwks_uri).endpoint("jwks-uri", "Override the URL of the issuer's keys"),
    row!(assume_defaults).flag(
        "assume-defaults",
        "",
        "Assume /oauth2/token and related paths for endpoints neither given nor discovered",
    ),
    row!(params, "param")
        .flag("param", "NAME=VALUE", "Send this additional parameter with every token request; repeatable")
        .check(check_parameter)
        .separator('='),
    row!(headers, "header").separator(':'),
    row!(cacert),
    row!(hosts, "host").flag(
        "host",
        "HOST",
        "Host that this zone's tokens may be sent to: h, h:8443 or *.h; repeatable",
    ),
    row!(vault).fixed(),
    row!(dpop).flag(
        "dpop",
        "",
        "Bind tokens to a key of this zone (DPoP, RFC 9449), generated at the first use and stored in the vault",
    ),
    row!(redirect_uri),
    row!(registration_client_uri),
];

#[cfg(test)]
mod tests {
    use super::super::Zone;
    use super::{Row, SETTINGS};

    /// The address of every field but the name; a new field does not compile here until it is named.
    macro_rules! fields {
        ($zone:expr, $($field:ident),* $(,)?) => {{
            let Zone { name: _, $($field),* } = $zone;
            vec![$((stringify!($field), std::ptr::from_ref($field).cast::<()>())),*]
        }};
    }

    fn address(row: &Row, zone: &Zone) -> *const () {
        std::ptr::from_ref((row.get)(zone)).cast()
    }

    #[test]
    fn every_field_has_its_row() {
        let mut zone = Zone::default();
        let fields = fields!(
            &zone,
            issuer,
            issuer_template,
            client_id,
            client_secret,
            private_key,
            key_id,
            algorithm,
            client_assertion_ref,
            assertion_audience,
            cert,
            cert_key,
            auth,
            grant,
            assertion_ref,
            subject_token_ref,
            scope,
            audience,
            resource,
            token_endpoint,
            introspection_endpoint,
            revocation_endpoint,
            registration_endpoint,
            par_endpoint,
            authorization_endpoint,
            device_endpoint,
            jwks_uri,
            assume_defaults,
            params,
            headers,
            cacert,
            hosts,
            vault,
            dpop,
            redirect_uri,
            registration_client_uri,
        );
        let mut rows = 0;
        for (name, field) in fields {
            let keys: Vec<&str> =
                SETTINGS.iter().filter(|row| address(row, &zone) == field).map(|row| row.key).collect();
            let reference = keys.first().map(|key| format!("{key}_ref"));
            assert!(
                keys.len() == 1 || (keys.len() == 2 && reference.as_deref() == Some(keys[1])),
                "{name} needs one row in SETTINGS, a secret two: {keys:?}"
            );
            rows += keys.len();
        }
        assert_eq!(rows, SETTINGS.len());
        for row in &SETTINGS {
            let got = address(row, &zone);
            assert_eq!(std::ptr::from_ref((row.get_mut)(&mut zone)).cast::<()>(), got, "{}", row.key);
        }
    }

    #[test]
    fn keys_flags_and_variables_are_not_shared() {
        let mut names: Vec<&str> = SETTINGS.iter().map(|row| row.key).collect();
        names.extend(SETTINGS.iter().filter_map(|row| Some(row.variable?.name())));
        names.extend(SETTINGS.iter().filter_map(|row| Some(row.flag.as_ref()?.name)).filter(|name| name.contains('-')));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
