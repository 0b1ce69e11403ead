//! A key that signs.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{AnyRef, OctetStringRef, UintRef};
use x509_cert::der::oid::db::{rfc5912, rfc8410};
use x509_cert::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Family};
use super::pem::{self, Form};
use super::{Fault, jwk, thumbprint};
use crate::secret::Secret;

const RSA_BITS: usize = 2048;

#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Pair>,
    algorithm: Algorithm,
    kid: String,
    /// Whether the id goes into what it signs: no server knows the thumbprint of a key that was made elsewhere.
    pub(super) named: bool,
    public: Value,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a new key for an algorithm, whose id is its thumbprint (RFC 7638); RSA keys have 2048 bits.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Fault> {
        let broken = |_| Fault::Key("the cryptographic library could not make one");
        let pair = match algorithm.family() {
            Family::Rsa => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).map_err(broken)?),
            Family::P256 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(broken)?),
            Family::P384 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map_err(broken)?),
            Family::Ed25519 => Pair::Ed(Ed25519KeyPair::generate().map_err(broken)?),
        };
        let mut key = Self::of(pair, Some(algorithm), None)?;
        key.named = true;
        key.public["kid"] = json!(key.kid);
        Ok(key)
    }

    /// Reads a private key: PEM (PKCS#8, PKCS#1, SEC 1), a JWK, or a set of them with the id of one. The default
    /// algorithm is that of the JWK, else of the kind of key.
    pub fn from_text(text: &Secret, key_id: Option<&str>, algorithm: Option<Algorithm>) -> Result<Self, Fault> {
        let text = pem::restore_text(text.expose());
        let text = text.as_str();
        if !text.starts_with('{') {
            let (form, der) = pem::private_key(text)?;
            return Self::of(parse_pair(form, &der)?, algorithm, key_id);
        }
        let jwk = jwk::private_key(text, key_id)?;
        let pair = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => rsa(&jwk.rsa()?)?,
            ("EC", Some("P-256")) => ec(&jwk, 32, &ECDSA_P256_SHA256_FIXED_SIGNING)?,
            ("EC", Some("P-384")) => ec(&jwk, 48, &ECDSA_P384_SHA384_FIXED_SIGNING)?,
            ("OKP", Some("Ed25519")) => {
                let (seed, public) = jwk.edwards()?;
                let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public);
                Pair::Ed(pair.map_err(|_| INCONSISTENT)?)
            }
            _ => return Err(OTHER_KIND),
        };
        let stated = jwk.alg.as_deref().map(|name| name.parse::<Algorithm>().map_err(|_| ALG)).transpose()?;
        if let (Some(stated), Some(wanted)) = (stated, algorithm)
            && stated != wanted
            && stated.family() != Family::Ed25519
        {
            return Err(Fault::OtherAlgorithm { stated, wanted });
        }
        Self::of(pair, algorithm.or(stated), key_id.or(jwk.kid.as_deref()))
    }

    fn of(pair: Pair, algorithm: Option<Algorithm>, key_id: Option<&str>) -> Result<Self, Fault> {
        let family = pair.family();
        let algorithm = algorithm.unwrap_or(family.natural());
        if algorithm.family() != family {
            return Err(Fault::Unfit { algorithm, key: family });
        }
        let mut public = pair.public_jwk();
        let kid = match key_id {
            Some(id) => id.to_owned(),
            None => thumbprint(&public).ok_or(Fault::Key("it has no thumbprint"))?,
        };
        if key_id.is_some() {
            public["kid"] = json!(kid);
        }
        public["use"] = json!("sig");
        public["alg"] = json!(algorithm.name());
        Ok(Self { pair: Arc::new(pair), algorithm, kid, named: key_id.is_some(), public })
    }

    /// The public half as a JWK (RFC 7517) with `use` = `sig` and `alg`, and with `kid` when the key has a name.
    pub fn public_jwk(&self) -> Value {
        self.public.clone()
    }

    /// The id of the key; the thumbprint of its public half (RFC 7638) when it was given none.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The private key in PEM (PKCS#8, RFC 5958 and RFC 7468 §10).
    pub fn private_pem(&self) -> Result<Secret, Fault> {
        let kept = |_| Fault::Key("the cryptographic library does not export it");
        let der = match self.pair.as_ref() {
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(kept)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            Pair::Ec(pair) => Zeroizing::new(pair.to_pkcs8v1().map_err(kept)?.as_ref().to_vec()),
            Pair::Ed(pair) => Zeroizing::new(pair.to_pkcs8v1().map_err(kept)?.as_ref().to_vec()),
        };
        let base64 = Zeroizing::new(STANDARD.encode(&der));
        let mut text = String::with_capacity(base64.len() * 2 + 64);
        text.push_str("-----BEGIN PRIVATE KEY-----\n");
        for line in base64.as_bytes().chunks(64) {
            text.extend(line.iter().copied().map(char::from));
            text.push('\n');
        }
        text.push_str("-----END PRIVATE KEY-----\n");
        Ok(Secret::new(text))
    }

    /// The private key as a JWK with its id (RFC 7518 §6, RFC 8037 §2): as text, because it is a secret.
    pub fn private_jwk(&self) -> Result<Secret, Fault> {
        let mut jwk = self.public.clone();
        jwk["kid"] = json!(self.kid);
        let kept = Fault::Key("the cryptographic library does not export it");
        self.pair.add_private_members(&mut jwk).ok_or(kept)?;
        Ok(Secret::new(jwk.to_string()))
    }

    /// The signature of these bytes (RFC 7518 §3.3–3.5, RFC 8037 §3.1).
    pub(super) fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let broken = |_| Fault::Key("it does not sign");
        let random = SystemRandom::new();
        match self.pair.as_ref() {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding(self.algorithm), &random, message, &mut signature).map_err(broken)?;
                Ok(signature)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(broken)?.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.try_sign(message).map_err(broken)?.as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

impl Pair {
    fn family(&self) -> Family {
        match self {
            Self::Rsa(_) => Family::Rsa,
            Self::Ec(pair) if pair.public_key().as_ref().len() == 65 => Family::P256,
            Self::Ec(_) => Family::P384,
            Self::Ed(_) => Family::Ed25519,
        }
    }

    fn public_jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (kty, crv) = self.family().key_type();
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({"kty": kty, "n": text(n), "e": text(e)})
            }
            Self::Ec(pair) => {
                // SEC1 §2.3.3: 0x04, then both coordinates.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": kty, "crv": crv, "x": text(x), "y": text(y)})
            }
            Self::Ed(pair) => json!({"kty": kty, "crv": crv, "x": text(pair.public_key().as_ref())}),
        }
    }

    fn add_private_members(&self, jwk: &mut Value) -> Option<()> {
        let mut add = |name: &str, bytes: &[u8]| jwk[name] = json!(URL_SAFE_NO_PAD.encode(bytes));
        match self {
            Self::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                let (_, key) = private_key_info(der.as_ref()).ok()?;
                // `RSAPrivateKey` (RFC 8017 appendix A.1.2): version, n, e, and then these.
                let numbers = Vec::<UintRef<'_>>::from_der(key).ok()?;
                for (name, number) in ["d", "p", "q", "dp", "dq", "qi"].into_iter().zip(numbers.get(3..)?) {
                    add(name, number.as_bytes());
                }
            }
            Self::Ec(pair) => add("d", pair.private_key().as_be_bytes().ok()?.as_ref()),
            Self::Ed(pair) => add("d", pair.seed().ok()?.as_be_bytes().ok()?.as_ref()),
        }
        Some(())
    }
}

const BROKEN: Fault = Fault::Key("it is damaged");
const INCONSISTENT: Fault = Fault::Key("its private and its public half do not belong together");
const OTHER_KIND: Fault = Fault::Key("unsupported kind of key; supported: RSA, P-256, P-384 and Ed25519");
const ALG: Fault = Fault::Key("its alg is not a supported signature algorithm");

fn padding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    }
}

fn parse_pair(form: Form, der: &[u8]) -> Result<Pair, Fault> {
    match form {
        Form::Pkcs1 => rsa(der),
        Form::Sec1 => {
            let on = |curve| EcdsaKeyPair::from_private_key_der(curve, der).map(Pair::Ec);
            on(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .or_else(|_| on(&ECDSA_P384_SHA384_FIXED_SIGNING))
                .map_err(|_| Fault::Key("it is damaged, or on another curve than P-256 and P-384"))
        }
        Form::Pkcs8 => pkcs8(der),
    }
}

/// `PrivateKeyInfo` (RFC 5958 §2): version, algorithm with its parameters, key.
fn private_key_info(der: &[u8]) -> x509_cert::der::Result<(AlgorithmIdentifierRef<'_>, &[u8])> {
    let parts = Vec::<AnyRef<'_>>::from_der(der)?;
    let part = |at: usize| parts.get(at).copied().unwrap_or(AnyRef::NULL);
    Ok((part(1).decode_as()?, part(2).decode_as::<&OctetStringRef>()?.as_bytes()))
}

fn pkcs8(der: &[u8]) -> Result<Pair, Fault> {
    let (kind, key) = private_key_info(der).map_err(|_| BROKEN)?;
    let curve = kind.parameters_oid().ok();
    let ec = |curve| EcdsaKeyPair::from_pkcs8(curve, der).map(Pair::Ec).map_err(|_| BROKEN);
    if kind.oid == rfc5912::RSA_ENCRYPTION {
        rsa(key)
    } else if kind.oid == rfc8410::ID_ED_25519 {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed).map_err(|_| BROKEN)
    } else if kind.oid == rfc5912::ID_EC_PUBLIC_KEY && curve == Some(rfc5912::SECP_256_R_1) {
        ec(&ECDSA_P256_SHA256_FIXED_SIGNING)
    } else if kind.oid == rfc5912::ID_EC_PUBLIC_KEY && curve == Some(rfc5912::SECP_384_R_1) {
        ec(&ECDSA_P384_SHA384_FIXED_SIGNING)
    } else {
        Err(OTHER_KIND)
    }
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2); its second number is the modulus.
fn rsa(der: &[u8]) -> Result<Pair, Fault> {
    let numbers = Vec::<UintRef<'_>>::from_der(der).map_err(|_| BROKEN)?;
    let modulus = numbers.get(1).ok_or(BROKEN)?.as_bytes();
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if bits < RSA_BITS {
        return Err(Fault::Weak { bits });
    }
    RsaKeyPair::from_der(der).map(Pair::Rsa).map_err(|_| BROKEN)
}

fn ec(jwk: &jwk::Jwk, size: usize, curve: &'static EcdsaSigningAlgorithm) -> Result<Pair, Fault> {
    let (private, point) = jwk.point(size)?;
    EcdsaKeyPair::from_private_key_and_public_key(curve, &private, &point).map(Pair::Ec).map_err(|_| INCONSISTENT)
}

#[cfg(test)]
mod tests;
