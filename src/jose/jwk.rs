//! Private keys in JSON (RFC 7517; RFC 7518 §6, RFC 8037 §2), alone or in a set.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use x509_cert::der::Encode as _;
use x509_cert::der::asn1::UintRef;
use zeroize::Zeroizing;

use super::Fault;
use crate::secret::Secret;
use crate::text::sanitize;

/// The members of a JWK that matter here; a repeated one is refused.
#[derive(Debug, serde::Deserialize)]
pub struct Jwk {
    pub kty: String,
    pub kid: Option<String>,
    pub alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    pub crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    d: Option<Secret>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    p: Option<Secret>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    q: Option<Secret>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    dp: Option<Secret>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    dq: Option<Secret>,
    #[serde(default, deserialize_with = "deserialize_secret")]
    qi: Option<Secret>,
    oth: Option<IgnoredAny>,
}

#[derive(serde::Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

fn deserialize_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

/// Reads a JWK, or one of a set: the one with this id, or the only private one that may sign.
pub fn private_key(text: &str, key_id: Option<&str>) -> Result<Jwk, Fault> {
    let mut keys = match serde_json::from_str::<Set>(text) {
        Ok(set) => set.keys,
        Err(_) => vec![serde_json::from_str(text).map_err(|_| Fault::Key("it is neither a JWK nor a set of them"))?],
    };
    let alone = keys.len() == 1;
    let known: Vec<String> = keys.iter().filter_map(|key| key.kid.as_deref().map(sanitize)).collect();
    if let Some(wanted) = key_id {
        // The id names a key that has none, where there is no other.
        keys.retain(|key| key.kid.as_deref() == Some(wanted) || (alone && key.kid.is_none()));
        if keys.is_empty() {
            return Err(Fault::NoSuchKey { known });
        }
    } else if !alone {
        keys.retain(|key| key.d.is_some() && key.may_sign());
    }
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => {
            key.check()?;
            Ok(key)
        }
        (Some(_), false) => Err(Fault::SeveralKeys { known }),
        (None, _) => Err(Fault::Key("the set contains no private key that may sign")),
    }
}

/// The key of this id in a JWK set, by itself; `None` where `text` is no set or has no such key.
pub fn select_jwk(text: &Secret, key_id: &str) -> Option<Secret> {
    let set: serde_json::Value = serde_json::from_str(text.expose()).ok()?;
    let key = set.get("keys")?.as_array()?.iter().find(|key| key["kid"] == key_id)?;
    Some(Secret::new(key.to_string()))
}

impl Jwk {
    fn may_sign(&self) -> bool {
        self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "sign"))
    }

    fn check(&self) -> Result<(), Fault> {
        if self.kty == "oct" {
            return Err(Fault::Key("it is a shared secret (kty oct), not a private key"));
        }
        if self.d.is_none() {
            return Err(Fault::Key("it is a public JWK (it has no d); the private key is needed"));
        }
        if !self.may_sign() {
            return Err(Fault::Key("its use or key_ops do not allow signing"));
        }
        Ok(())
    }

    /// Private value and public point of a curve, of exactly this size each (RFC 7518 §6.2).
    pub fn point(&self, size: usize) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), Fault> {
        let wrong = Fault::Key("a coordinate of its point has a wrong size");
        let private = secret(self.d.as_ref())?;
        let mut point = vec![4];
        point.extend(public(self.x.as_deref())?);
        point.extend(public(self.y.as_deref())?);
        let sound = private.len() == size && point.len() == 2 * size + 1;
        if sound { Ok((private, point)) } else { Err(wrong) }
    }

    pub fn edwards(&self) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), Fault> {
        let (seed, public) = (secret(self.d.as_ref())?, public(self.x.as_deref())?);
        if seed.len() == 32 { Ok((seed, public)) } else { Err(Fault::Key("its d is not of 32 bytes")) }
    }

    /// The numbers of an RSA key as `RSAPrivateKey` in DER (RFC 8017 appendix A.1.2).
    pub fn rsa(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if self.oth.is_some() {
            return Err(Fault::Key("it is an RSA key of more than two primes"));
        }
        if self.p.is_none() {
            return Err(Fault::Key("its primes are missing: p, q, dp, dq and qi are needed beside d"));
        }
        let (n, e) = (public(self.n.as_deref())?, public(self.e.as_deref())?);
        let private = [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi];
        let private: Vec<_> = private.into_iter().map(|value| secret(value.as_ref())).collect::<Result<_, _>>()?;
        let numbers = [&[0][..], &n, &e].into_iter().chain(private.iter().map(|number| &number[..]));
        let numbers: Result<Vec<_>, _> = numbers.map(UintRef::new).collect();
        let der = numbers.and_then(|numbers| numbers.to_der());
        der.map(Zeroizing::new).map_err(|_| Fault::Key("its numbers are too long"))
    }
}

fn public(text: Option<&str>) -> Result<Vec<u8>, Fault> {
    let text = text.ok_or(Fault::Key("a member of its public half is missing"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Fault::Key("a member of its public half is not base64url"))
}

fn secret(text: Option<&Secret>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let text = text.ok_or(Fault::Key("a member of its private half is missing"))?;
    let bytes = URL_SAFE_NO_PAD.decode(text.expose());
    bytes.map(Zeroizing::new).map_err(|_| Fault::Key("a member of its private half is not base64url"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fault, private_key};

    fn key(kid: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "d": "hunter2", "x": "AA"})
    }

    fn found(document: &Value, key_id: Option<&str>) -> Result<Option<String>, Fault> {
        private_key(&document.to_string(), key_id).map(|key| key.kid)
    }

    #[test]
    fn set_gives_key_of_id_or_its_only_one() {
        let set = json!({"keys": [key("a"), key("b"), {"kty": "RSA", "kid": "public", "n": "AA", "e": "AQAB"}]});
        assert_eq!(found(&set, Some("b")), Ok(Some("b".to_owned())));
        let fault = found(&set, None).unwrap_err();
        assert_eq!(fault.to_string(), "the key cannot be used: the set contains several: a, b, public");
        let fault = found(&set, Some("hunter2")).unwrap_err();
        assert_eq!(fault.to_string(), "the key cannot be used: no key has this id; known ids: a, b, public");
        let mut encrypts = key("enc");
        encrypts["use"] = json!("enc");
        let one = json!({"keys": [key("a"), encrypts, {"kty": "oct", "k": "AA"}]});
        assert_eq!(found(&one, None), Ok(Some("a".to_owned())));
        assert!(found(&one, Some("enc")).unwrap_err().to_string().contains("do not allow signing"));
    }

    #[test]
    fn key_alone_may_be_named_or_not() {
        let mut nameless = key("a");
        nameless.as_object_mut().unwrap().remove("kid");
        assert_eq!(found(&nameless, Some("mine")), Ok(None));
        assert_eq!(found(&key("a"), None), Ok(Some("a".to_owned())));
        assert_eq!(found(&key("a"), Some("b")), Err(Fault::NoSuchKey { known: vec!["a".to_owned()] }));
    }

    #[test]
    fn bad_private_key_says_why_and_shows_nothing() {
        let twice = r#"{"kty":"OKP","crv":"Ed25519","d":"hunter2","d":"hunter2","x":"AA"}"#;
        assert!(private_key(twice, None).unwrap_err().to_string().contains("neither a JWK"));
        for (document, reason) in [
            (json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}), "public JWK"),
            (json!({"kty": "oct", "k": "hunter2"}), "shared secret"),
            (json!({"keys": []}), "no private key"),
            (json!({"keys": [{"kty": "RSA", "n": "AA", "e": "AQAB"}]}), "public JWK"),
            (json!({"keys": "hunter2"}), "neither"),
            (json!(["hunter2"]), "neither"),
            (json!({"kty": "OKP", "d": 1}), "neither"),
        ] {
            let fault = found(&document, None).unwrap_err().to_string();
            assert!(fault.contains(reason) && !fault.contains("hunter2"), "{document}: {fault}");
        }
    }
}
