//! What a zone's client proves itself by, and the proof of one try.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::{SecretLocation, Zone, ephemeral};
use crate::context::Context;
use crate::error::{Error, Hint};
use crate::jose::{SigningKey, sign, sign_shared};
use crate::oauth::client_assertion;
use crate::oauth::client_auth::{self, Means, Method, Proof};
use crate::oauth::message::Request;
use crate::oauth::metadata::Metadata;
use crate::secret::Secret;
use crate::source::Source;

/// The credential of a zone's client.
pub struct Credential<'a> {
    cx: &'a Context,
    zone: Cow<'a, Zone>,
    secret: Option<Secret>,
    key: Option<SigningKey>,
    assertion: Option<Source>,
}

impl<'a> Credential<'a> {
    /// Reads what the zone's method needs, or all that it has when it names none.
    pub fn of(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        let zone = whole(cx, zone)?;
        let named = zone.auth;
        let read = |wanted: &[Method]| named.is_none_or(|method| wanted.contains(&method));
        let secret = if read(&[Method::ClientSecretBasic, Method::ClientSecretPost, Method::ClientSecretJwt]) {
            cx.client_secret(&zone)?
        } else {
            None
        };
        let key = if read(&[Method::PrivateKeyJwt]) { cx.private_key(&zone)? } else { None };
        let assertion = zone.client_assertion_ref.clone();
        Ok(Self { cx, zone, secret, key, assertion })
    }

    /// The methods that it allows, the best first.
    pub fn methods(&self) -> Vec<Method> {
        means(&self.zone).methods()
    }

    /// How the client authenticates: the zone's word, else chosen from what the server lists, as far as it is known.
    pub fn method(&self, listed: Option<&[String]>) -> Result<Method, Error> {
        method(&self.zone, listed)
    }

    /// Puts a proof into a request: a new assertion each time, since servers take one only once.
    pub fn prove(&self, method: Method, id: &str, request: &mut Request) -> Result<(), Error> {
        match method {
            Method::None | Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => {
                client_auth::apply(method, id, Proof::None, request)?;
            }
            Method::ClientSecretBasic | Method::ClientSecretPost => {
                let proof = self.secret.as_ref().map_or(Proof::None, Proof::Secret);
                client_auth::apply(method, id, proof, request)?;
            }
            Method::ClientSecretJwt | Method::PrivateKeyJwt => {
                let assertion = self.assert(method, id)?;
                client_auth::apply(method, id, Proof::Assertion(&assertion), request)?;
            }
        }
        Ok(())
    }

    fn assert(&self, method: Method, id: &str) -> Result<Secret, Error> {
        let claims = || {
            let mut once = [0; 16];
            self.cx.entropy.fill(&mut once).map_err(Error::internal)?;
            let audience = self.zone.assertion_audience.as_deref().unwrap_or(&self.zone.issuer);
            let now = self.cx.clock.now().epoch();
            Ok::<_, Error>(client_assertion::claims(id, audience, &URL_SAFE_NO_PAD.encode(once), now))
        };
        match (method, &self.secret, &self.key, &self.assertion) {
            (Method::ClientSecretJwt, Some(secret), ..) => Ok(sign_shared(secret, &claims()?, Some("JWT"))),
            (Method::PrivateKeyJwt, _, Some(key), _) => Ok(sign(key, &claims()?, Some("JWT"))?),
            (Method::PrivateKeyJwt, _, None, Some(source)) => self.cx.read_hidden(source, Some(&self.zone)),
            _ => Err(client_auth::Fault::NoProof(method).into()),
        }
    }

    /// What a person may do about a refusal of this method; `listed` is what the server takes, `said` what it says.
    pub fn hints(&self, method: Method, listed: Option<&[String]>, said: &str) -> Vec<String> {
        let zone = &self.zone.name;
        let mut hints = Vec::new();
        let asserts = matches!(method, Method::ClientSecretJwt | Method::PrivateKeyJwt);
        // RFC 7521 §4.2: a server that misses the type of the assertion waits for one.
        if !asserts && said.contains("client_assertion_type") {
            hints.push(if self.zone.ephemeral() {
                "the server wants an assertion: HALLPASS_AUTH=client_secret_jwt, or HALLPASS_PRIVATE_KEY_FROM".to_owned()
            } else {
                format!("the server wants an assertion: hallpass zone edit {zone} --auth client_secret_jwt, or --private-key-from SOURCE")
            });
            return hints;
        }
        if asserts && self.assertion.is_none() && said.contains("audience") {
            hints.push(if self.zone.ephemeral() {
                "the server wants another audience: HALLPASS_ASSERTION_AUDIENCE".to_owned()
            } else {
                format!("the server wants another audience: hallpass zone edit {zone} --assertion-audience AUDIENCE")
            });
            return hints;
        }
        match (method, &self.assertion) {
            (Method::PrivateKeyJwt, Some(source)) => {
                hints.push(format!("check that the server trusts who signed the assertion, which came from {source}"));
                return hints;
            }
            (Method::PrivateKeyJwt, None) if self.zone.ephemeral() => {
                hints.push("check HALLPASS_CLIENT_ID, HALLPASS_PRIVATE_KEY_FROM and HALLPASS_KEY_ID".to_owned());
                return hints;
            }
            (Method::PrivateKeyJwt, None) => {
                hints.push(format!(
                    "check that the server has this key: hallpass zone edit {zone} --key-id ID names it"
                ));
                hints.push(format!("or give the right one: hallpass zone edit {zone} --private-key-from SOURCE"));
            }
            (Method::TlsClientAuth | Method::SelfSignedTlsClientAuth, _) => hints.push(format!(
                "check that the server knows this certificate, else: hallpass zone edit {zone} --cert FILE --cert-key-from SOURCE"
            )),
            _ if self.zone.ephemeral() => {
                hints.push("check HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET, or set HALLPASS_AUTH".to_owned());
                return hints;
            }
            _ => hints.push(format!("check the secret: hallpass zone edit {zone} --client-secret-from -")),
        }
        let lists = |other: &&Method| listed.is_none_or(|list| list.iter().any(|name| name == other.name()));
        let others: Vec<Method> = self.methods().into_iter().filter(|other| *other != method).collect();
        if let Some(other) = others.iter().find(lists).or(others.first()) {
            hints.push(format!("or name the method: hallpass zone edit {zone} --auth {other}"));
        }
        hints
    }
}

/// The zone with what the environment says of the proofs of the ephemeral one: a token from the cache needs none.
pub fn whole<'a>(cx: &Context, zone: &'a Zone) -> Result<Cow<'a, Zone>, Error> {
    if !zone.ephemeral() {
        return Ok(Cow::Borrowed(zone));
    }
    Ok(Cow::Owned(ephemeral::with_proofs(zone, &cx.environment)?))
}

/// What a zone has to prove itself by.
fn means(zone: &Zone) -> Means {
    Means {
        certificate: zone.cert.is_some(),
        key: zone.private_key != SecretLocation::None,
        assertion: zone.client_assertion_ref.is_some(),
        secret: zone.has_secret(),
    }
}

/// As [`Credential::method`], without reading a secret.
pub fn method(zone: &Zone, listed: Option<&[String]>) -> Result<Method, Error> {
    let means = means(zone);
    let Some(method) = zone.auth else {
        return client_auth::choose(listed, means).map_err(|fault| {
            let error = Error::from(fault);
            match means.methods().first() {
                Some(best) if zone.ephemeral() => error.hint(format!("to try it all the same: HALLPASS_AUTH={best}")),
                Some(best) => {
                    error.hint(Hint::edit(&zone.name, format!("--auth {best}")).purpose("to try it all the same"))
                }
                None => error,
            }
        });
    };
    let lacks = |what: &str, flags: &[&str], variable: &str| {
        let error = Error::config(format!("zone {} authenticates with {method} but has no {what}", zone.name));
        if zone.ephemeral() {
            return error.hint(format!("set {variable}"));
        }
        flags.iter().fold(error, |error, flag| error.hint(Hint::edit(&zone.name, *flag)))
    };
    match method {
        Method::ClientSecretBasic | Method::ClientSecretPost | Method::ClientSecretJwt if !means.secret => {
            Err(lacks("client secret", &["--client-secret-from -"], "HALLPASS_CLIENT_SECRET"))
        }
        Method::TlsClientAuth | Method::SelfSignedTlsClientAuth if !means.certificate => {
            Err(lacks("certificate", &["--cert FILE --cert-key-from SOURCE"], "another method in HALLPASS_AUTH"))
        }
        Method::PrivateKeyJwt if !means.key && !means.assertion => {
            let flags = ["--private-key-from SOURCE", "--client-assertion-from SOURCE"];
            Err(lacks("private key", &flags, "HALLPASS_PRIVATE_KEY_FROM"))
        }
        _ => Ok(method),
    }
}

/// The methods that the server lists for an endpoint: introspection and revocation may have lists of their own, the
/// others share the token endpoint's (RFC 8414 §2).
pub fn listed(known: Option<&Metadata>, endpoint: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(known) = known else { return Ok(None) };
    let own = match endpoint {
        "introspection_endpoint" => known.list("introspection_endpoint_auth_methods_supported")?,
        "revocation_endpoint" => known.list("revocation_endpoint_auth_methods_supported")?,
        _ => None,
    };
    Ok(own.or(known.list("token_endpoint_auth_methods_supported")?))
}
