//! How a zone's client authenticates, and the proof of one request.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::config::{SecretLocation, Zone, ephemeral};
use crate::context::Context;
use crate::error::{self, Error};
use crate::hex;
use crate::http::Identity;
use crate::jose::{SigningKey, sign, sign_shared, sign_with_certificate};
use crate::oauth::client_assertion;
use crate::oauth::client_auth::{self, Means, Method, Proof};
use crate::oauth::message::Request;
use crate::oauth::metadata::Metadata;
use crate::secret::Secret;

pub struct Credential<'a> {
    cx: &'a Context,
    zone: Cow<'a, Zone>,
    secret: Option<Secret>,
    key: Option<SigningKey>,
}

impl<'a> Credential<'a> {
    /// Reads what the zone's method needs, or every credential of a zone that names no method.
    pub fn of(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        let zone = with_proofs(cx, zone)?;
        let by_secret = zone.auth.is_none_or(Method::uses_secret);
        let secret = if by_secret { cx.client_secret(&zone)? } else { None };
        let by_key = matches!(zone.auth, None | Some(Method::PrivateKeyJwt));
        let key = if by_key { cx.private_key(&zone)? } else { None };
        let mut digest = Sha256::new();
        digest.update(secret.as_ref().map_or("", Secret::expose));
        digest.update(key.as_ref().map_or_else(String::new, |key| key.public_jwk().to_string()));
        cx.proofs.keep_credential(&zone.name, Secret::new(hex::encode(&digest.finalize())));
        Ok(Self { cx, zone, secret, key })
    }

    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Puts a proof into a request. An assertion is signed for each try, because servers accept one only once.
    pub fn prove(&self, method: Method, id: &str, request: &mut Request) -> Result<(), Error> {
        let assertion = match method {
            Method::ClientSecretJwt | Method::PrivateKeyJwt => Some(self.sign_assertion(method, id)?),
            Method::None
            | Method::ClientSecretBasic
            | Method::ClientSecretPost
            | Method::TlsClientAuth
            | Method::SelfSignedTlsClientAuth => None,
        };
        let proof = match (&assertion, &self.secret, method) {
            (Some(assertion), ..) => Proof::Assertion(assertion),
            (None, Some(secret), Method::ClientSecretBasic | Method::ClientSecretPost) => Proof::Secret(secret),
            _ => Proof::None,
        };
        Ok(client_auth::apply(method, id, proof, request)?)
    }

    fn sign_assertion(&self, method: Method, id: &str) -> Result<Secret, Error> {
        let claims = || {
            let mut once = [0; 16];
            self.cx.entropy.fill(&mut once).map_err(error::client::no_entropy)?;
            let audience = self.zone.assertion_audience.as_deref().unwrap_or(&self.zone.issuer);
            let now = self.cx.clock.now().epoch();
            Ok::<_, Error>(client_assertion::claims(id, audience, &URL_SAFE_NO_PAD.encode(once), now))
        };
        match (method, &self.secret, &self.key, &self.zone.client_assertion_ref) {
            (Method::ClientSecretJwt, Some(secret), ..) => Ok(sign_shared(secret, &claims()?, Some("JWT"))),
            (Method::PrivateKeyJwt, _, Some(key), _) => {
                Ok(match self.zone.cert.as_ref().filter(|_| self.zone.has_certificate_of_key()) {
                    Some(file) => {
                        let certificate = Identity::read_certificate(file)?;
                        sign_with_certificate(key, &certificate, &claims()?, Some("JWT"))?
                    }
                    None => sign(key, &claims()?, Some("JWT"))?,
                })
            }
            (Method::PrivateKeyJwt, _, None, Some(source)) => {
                let what = format!("client assertion of zone {}", self.zone.name);
                self.cx.read_hidden(source, &what, Some(&self.zone))
            }
            _ => Err(client_auth::Fault::NoProof(method).into()),
        }
    }
}

/// The zone with the credentials that the environment names for the ephemeral zone; a cached token needs none.
pub fn with_proofs<'a>(cx: &Context, zone: &'a Zone) -> Result<Cow<'a, Zone>, Error> {
    if !zone.ephemeral() {
        return Ok(Cow::Borrowed(zone));
    }
    Ok(Cow::Owned(ephemeral::with_proofs(zone, &cx.environment)?))
}

pub fn find_means(zone: &Zone) -> Means {
    Means {
        certificate: zone.cert.is_some() && !zone.has_certificate_of_key(),
        key: zone.private_key != SecretLocation::None,
        assertion: zone.client_assertion_ref.is_some(),
        secret: zone.has_secret(),
    }
}

/// How the client authenticates: by the zone's method, else by one that the server lists. Reads no secret.
pub fn choose_method(zone: &Zone, listed: Option<&[String]>) -> Result<Method, Error> {
    let means = find_means(zone);
    let Some(method) = zone.auth else {
        return client_auth::choose(listed, means)
            .map_err(|fault| error::client::no_method_fits(&zone.name, fault, means.methods().first().copied()));
    };
    let lacks = |what: &str, flags: &[&str]| Err(error::client::lacks_proof(&zone.name, method, what, flags));
    match method {
        method if method.uses_secret() && !means.secret => lacks("client secret", &["--client-secret-from -"]),
        _ if method.is_mutual_tls() && !means.certificate => {
            lacks("certificate", &["--cert FILE --cert-key-from SOURCE"])
        }
        Method::PrivateKeyJwt if !means.key && !means.assertion => {
            lacks("private key", &["--private-key-from SOURCE", "--client-assertion-ref SOURCE"])
        }
        _ => Ok(method),
    }
}

/// The methods that the server lists for an endpoint: introspection and revocation may have lists of their own, the
/// others share the token endpoint's (RFC 8414 §2).
pub fn list_methods(known: Option<&Metadata>, endpoint: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(known) = known else { return Ok(None) };
    let own = match endpoint {
        "introspection_endpoint" => known.list("introspection_endpoint_auth_methods_supported")?,
        "revocation_endpoint" => known.list("revocation_endpoint_auth_methods_supported")?,
        _ => None,
    };
    Ok(own.or(known.list("token_endpoint_auth_methods_supported")?))
}

/// The algorithms by which the server lets a client sign with a key (RFC 8414 §2), if it lists them.
pub fn list_algorithms(known: &Metadata) -> Option<Vec<String>> {
    let listed = known.list("token_endpoint_auth_signing_alg_values_supported").ok()??;
    Some(listed.into_iter().filter(|algorithm| !algorithm.starts_with("HS")).collect())
}
