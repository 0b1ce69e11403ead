//! The clients that are there from the start.

use serde_json::json;

use super::authority::{Authority, SUBJECT};
use super::certificate::{DISTINGUISHED_NAME, KnownCertificate};
use super::client::{Client, uses_secret};
use crate::edges::{Entropy, random_hex};
use crate::http::thumbprint;
use crate::jose::{Algorithm, SigningKey};
use crate::oauth::client_auth::Method;
use crate::sandbox::Error;
use crate::secret::Secret;

/// The redirect URIs of seeded clients: native applications on this machine.
pub const LOOPBACK: [&str; 3] = ["http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost/callback"];

/// The id of the main client begins so.
const MAIN: &str = "sandbox";
const ANY_SECRET: &[Method] = &[Method::ClientSecretBasic, Method::ClientSecretPost, Method::ClientSecretJwt];

/// Id, methods and purpose of the clients that are there from the start.
const SEEDS: [(&str, &[Method], &str); 11] = [
    (MAIN, ANY_SECRET, "confidential, in HALLPASS_CLIENT_ID"),
    ("sandbox-basic", &[Method::ClientSecretBasic], "client_secret_basic only; its secret must be form-encoded"),
    ("sandbox-post", &[Method::ClientSecretPost], "client_secret_post only"),
    ("sandbox-public", &[Method::None], "public, without a secret"),
    ("sandbox-api", ANY_SECRET, "a resource server: introspects the tokens of all clients"),
    ("sandbox-dpop", ANY_SECRET, "requires DPoP proofs with a nonce"),
    ("sandbox-jwt", &[Method::ClientSecretJwt], "client_secret_jwt only"),
    ("sandbox-key", &[Method::PrivateKeyJwt], "private_key_jwt only"),
    ("sandbox-workload", &[Method::PrivateKeyJwt], "private_key_jwt with HALLPASS_SANDBOX_ASSERTION only"),
    ("sandbox-mtls", &[Method::TlsClientAuth], "tls_client_auth with HALLPASS_SANDBOX_CERT only"),
    (
        "sandbox-self-signed",
        &[Method::SelfSignedTlsClientAuth],
        "self_signed_tls_client_auth with HALLPASS_SANDBOX_SELF_SIGNED_CERT only",
    ),
];

/// Creates the clients that are there from the start, with new secrets; the main one comes first.
pub fn seed_clients(entropy: &dyn Entropy, authority: &Authority) -> Result<Vec<Client>, Error> {
    let random = || random_hex::<24>(entropy).map_err(Error::Entropy);
    let key = SigningKey::generate(Algorithm::Es256).map_err(Error::Key)?;
    let mut seeded = Vec::new();
    for (id, methods, purpose) in SEEDS {
        let mut client = Client {
            id: id.to_owned(),
            methods: methods.to_vec(),
            redirect_uris: LOOPBACK.map(str::to_owned).to_vec(),
            purpose,
            ..Client::default()
        };
        if methods.iter().any(|method| uses_secret(*method)) {
            client.secret = Some(Secret::new(random()?));
            client.variable = Some(format!("HALLPASS_{}_SECRET", id.replace('-', "_").to_uppercase()));
        }
        match id {
            MAIN => {
                client.id = format!("{id}-{}", random_hex::<4>(entropy).map_err(Error::Entropy)?);
                client.variable = None;
            }
            // A client that does not form-encode it sends another secret: `%41` becomes an `A`, and `+` a space.
            "sandbox-basic" => client.secret = Some(Secret::new(random()? + "+%41:&=")),
            "sandbox-api" => client.introspects_all = true,
            "sandbox-dpop" => client.requires_dpop = true,
            "sandbox-key" => {
                client.jwks = Some(json!({"keys": [key.public_jwk()]}));
                client.variable = Some("HALLPASS_SANDBOX_PRIVATE_KEY".to_owned());
                client.private_key = Some(key.private_pem().map_err(Error::Key)?);
            }
            "sandbox-workload" => client.is_workload = true,
            "sandbox-mtls" => {
                client.certificate = Some(KnownCertificate::Issued(DISTINGUISHED_NAME, SUBJECT.to_owned()));
            }
            "sandbox-self-signed" => {
                let thumbprint = thumbprint(&authority.self_signed.der);
                client.certificate = Some(KnownCertificate::SelfSigned(vec![thumbprint]));
            }
            _ => {}
        }
        seeded.push(client);
    }
    Ok(seeded)
}
