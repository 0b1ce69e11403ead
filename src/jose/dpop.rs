//! Proofs of possession (DPoP, RFC 9449): a key, a proof for one request, and what a proof says.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Algorithm, Fault, SigningKey, decode, sign_with_header, thumbprint, verify};
use crate::secret::Secret;

const TYPE: &str = "dpop+jwt";

/// The key that tokens are bound to.
#[derive(Clone)]
pub struct ProofKey {
    key: SigningKey,
    /// Without its name and purpose, which are not needed.
    public: Value,
    thumbprint: String,
}

#[derive(Debug, Clone, Copy)]
pub struct ProofClaims<'a> {
    pub method: &'a str,
    /// The request's URL; query and fragment are ignored.
    pub url: &'a str,
    pub jti: &'a str,
    pub issued_at: i64,
    pub nonce: Option<&'a str>,
    pub token: Option<&'a Secret>,
}

impl ProofKey {
    pub fn generate() -> Result<Self, Fault> {
        Self::of(SigningKey::generate(Algorithm::Es256)?)
    }

    pub fn from_pem(pem: &Secret) -> Result<Self, Fault> {
        Self::of(SigningKey::from_text(pem, None, None)?)
    }

    pub fn pem(&self) -> Result<Secret, Fault> {
        self.key.private_pem()
    }

    fn of(key: SigningKey) -> Result<Self, Fault> {
        let mut public = key.public_jwk();
        if let Some(members) = public.as_object_mut() {
            members.retain(|name, _| !["kid", "use", "alg"].contains(&name.as_str()));
        }
        let thumbprint = thumbprint(&public).ok_or(Fault::Key("it has no thumbprint"))?;
        Ok(Self { key, public, thumbprint })
    }

    /// Its RFC 7638 thumbprint: the `jkt` of tokens that are bound to it (RFC 9449 §6.1).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    pub fn prove(&self, request: &ProofClaims<'_>) -> Result<Secret, Fault> {
        let mut claims = json!({
            "jti": request.jti,
            "htm": request.method,
            "htu": target(request.url),
            "iat": request.issued_at,
        });
        if let Some(nonce) = request.nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(token) = request.token {
            claims["ath"] = json!(token_hash(token));
        }
        sign_with_header(&self.key, json!({"typ": TYPE, "jwk": self.public}), &claims)
    }
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProofKey({})", self.thumbprint)
    }
}

/// Without query and fragment (RFC 9449 §4.2); a URL without a path is requested as `/`.
pub fn target(url: &str) -> Cow<'_, str> {
    let target = url.split(['?', '#']).next().unwrap_or_default();
    let has_path = target.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    if has_path { target.into() } else { format!("{target}/").into() }
}

/// The `ath` of an access token: base64url of its SHA-256 (RFC 9449 §4.2).
pub fn token_hash(token: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose().as_bytes()))
}

/// A proof whose signature is verified with the key inside it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Proof {
    #[serde(skip)]
    pub thumbprint: String,
    pub jti: String,
    #[serde(rename = "htm")]
    pub method: String,
    #[serde(rename = "htu")]
    pub url: String,
    /// In epoch seconds.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    pub nonce: Option<String>,
    #[serde(rename = "ath")]
    pub token_hash: Option<String>,
}

/// RFC 9449 §4.3, steps 2 to 7: the caller checks that it is for this request, fresh and new.
pub fn read(proof: &str) -> Result<Proof, Fault> {
    let header = decode(proof)?.header;
    if header.get("typ").and_then(Value::as_str) != Some(TYPE) {
        return Err(Fault::Malformed("its typ is not dpop+jwt"));
    }
    let jwk = header.get("jwk").filter(|jwk| jwk.is_object()).ok_or(Fault::Malformed("it has no jwk"))?;
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|private| jwk.get(private).is_some()) {
        return Err(Fault::Malformed("its jwk contains a private key"));
    }
    let thumbprint = thumbprint(jwk).ok_or(Fault::Malformed("its jwk is no public key"))?;
    let claims = verify(proof, &json!({"keys": [jwk]}))?.claims;
    let claims = serde_json::from_value(Value::Object(claims)).ok().filter(|proof: &Proof| !proof.jti.is_empty());
    let claims = claims.ok_or(Fault::Malformed("a claim of a proof is missing or has a wrong type"))?;
    Ok(Proof { thumbprint, ..claims })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::{Fault, Proof, ProofClaims, ProofKey, read, target, token_hash};
    use crate::jose::{Algorithm, SigningKey, decode, sign};
    use crate::secret::Secret;

    /// The thumbprint of the key in the examples (RFC 9449 §6.1).
    const KEY: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    // RFC 9449 §4.1: a proof for the token endpoint.
    const AT_TOKEN: &str = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik",
        "VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR",
        "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE",
        "QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj",
        "oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia",
        "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg",
        "4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    );

    // RFC 9449 §7.1: a proof for a protected resource.
    const AT_RESOURCE: &str = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik",
        "VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR",
        "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE",
        "QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj",
        "oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z",
        "WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF",
        "c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E",
        "OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    );

    fn occasion<'a>(nonce: Option<&'a str>, token: Option<&'a Secret>) -> ProofClaims<'a> {
        ProofClaims {
            method: "GET",
            url: "https://rs.example/a?b#c",
            jti: "j-1",
            issued_at: 1_795_341_600,
            nonce,
            token,
        }
    }

    #[test]
    fn proofs_of_rfc_9449_are_read() {
        let proof = read(AT_TOKEN).unwrap();
        assert_eq!((proof.thumbprint.as_str(), proof.jti.as_str()), (KEY, "-BwC3ESc6acc2lTc"));
        assert_eq!((proof.method.as_str(), proof.url.as_str()), ("POST", "https://server.example.com/token"));
        assert_eq!((proof.issued_at, proof.nonce, proof.token_hash), (1_562_262_616, None, None));
        let proof = read(AT_RESOURCE).unwrap();
        assert_eq!((proof.thumbprint.as_str(), proof.method.as_str()), (KEY, "GET"));
        let token = Secret::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        assert_eq!(proof.token_hash, Some(token_hash(&token)));
    }

    #[test]
    fn token_hash_of_rfc_9449() {
        // RFC 9449 §7.1
        let token = Secret::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        assert_eq!(token_hash(&token), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[test]
    fn what_is_proven_reads_back() {
        let key = ProofKey::generate().unwrap();
        let pem = key.pem().unwrap();
        let token = Secret::new("at");
        let proof = key.prove(&occasion(Some("n-1"), Some(&token))).unwrap();
        let expected = Proof {
            thumbprint: key.thumbprint().to_owned(),
            jti: "j-1".to_owned(),
            method: "GET".to_owned(),
            url: "https://rs.example/a".to_owned(),
            issued_at: 1_795_341_600,
            nonce: Some("n-1".to_owned()),
            token_hash: Some(token_hash(&token)),
        };
        assert_eq!(read(proof.expose()).unwrap(), expected);
        let bare = decode(key.prove(&occasion(None, None)).unwrap().expose()).unwrap();
        assert_eq!(bare.claims.keys().collect::<Vec<_>>(), ["jti", "htm", "htu", "iat"]);
        assert_eq!(bare.header.keys().collect::<Vec<_>>(), ["typ", "jwk", "alg"]);
        assert_eq!(bare.header["jwk"].as_object().unwrap().len(), 4);
        assert_eq!(ProofKey::from_pem(&pem).unwrap().thumbprint(), key.thumbprint());
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }

    #[test]
    fn query_and_fragment_do_not_count() {
        for (url, expected) in [
            ("https://a.example/t", "https://a.example/t"),
            ("https://a.example/t?x=1#f", "https://a.example/t"),
            ("https://a.example/t#f?x", "https://a.example/t"),
            ("https://a.example:8443/T/?", "https://a.example:8443/T/"),
            ("https://a.example:8443", "https://a.example:8443/"),
            ("https://a.example?x=/", "https://a.example/"),
        ] {
            assert_eq!(target(url), expected);
        }
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let signing = SigningKey::generate(Algorithm::Es256).unwrap();
        let claims = json!({"jti": "j", "htm": "POST", "htu": "https://a.example/", "iat": 1});
        let plain = sign(&signing, &claims, Some("dpop+jwt")).unwrap();
        assert_eq!(read(plain.expose()), Err(Fault::Malformed("it has no jwk")));
        assert_eq!(
            read(sign(&signing, &claims, None).unwrap().expose()),
            Err(Fault::Malformed("its typ is not dpop+jwt"))
        );
        assert!(matches!(read("abc"), Err(Fault::Malformed(_))));
        let altered = AT_TOKEN.replacen("-BwC", "-BwD", 1).replace("eyJqdGkiOiItQndD", "eyJqdGkiOiItQndE");
        assert_eq!(read(&altered), Err(Fault::Signature));
        let (head, rest) = AT_TOKEN.split_once('.').unwrap();
        let head: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
        for (change, expected) in [
            (json!({"d": "AAAA"}), "its jwk contains a private key"),
            (json!({"kty": "oct"}), "its jwk is no public key"),
        ] {
            let mut head = head.clone();
            head["jwk"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let proof = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(head.to_string()));
            assert_eq!(read(&proof), Err(Fault::Malformed(expected)));
        }
        let mut none = head;
        none["alg"] = json!("none");
        let proof = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(none.to_string()));
        assert_eq!(read(&proof), Err(Fault::Algorithm("none".to_owned())));
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for bad in ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"] {
            let fault = ProofKey::from_pem(&Secret::new(bad)).unwrap_err();
            assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{fault}");
        }
    }
}
