//! A token that its issuer signed.

use super::evidence::{Claims, Evidence, Finding, Matched, Reading};
use super::presented::{NO_TOKEN, Presented};
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::Source;
use crate::jose::{self, Decoded, Fault};
use crate::oauth::{claim, validity};
use crate::secret::Secret;

pub trait Keys {
    /// Verifies the signature; the outer error means that the keys could not be fetched.
    fn verify(&self, token: &Secret) -> Result<Result<Decoded, Fault>, Error>;
}

#[derive(Debug)]
pub struct Jwks<K> {
    pub keys: K,
    /// The issuer, byte for byte, or the template of its tenants.
    pub issuer: String,
    pub reading: Reading,
}

impl<K: Keys> Jwks<K> {
    /// Reads the token, and finds problems with signature, issuer and times.
    pub fn read(&self, token: &Secret, now: Moment) -> Result<Result<Claims, Fault>, Error> {
        let decoded = match jose::decode(token.expose()) {
            Ok(decoded) => decoded,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut problems = Vec::new();
        // A token of another issuer is not verified with these keys.
        if validity::other_issuer(&decoded.claims, &self.issuer).is_none()
            && let Err(fault) = self.keys.verify(token)?
        {
            problems.push(fault.to_string());
        }
        let how = (&self.reading, Some(self.issuer.as_str()), true);
        Ok(Ok(Claims::from_claims((Some(decoded.header), decoded.claims), Source::Jwt, how, problems, now)))
    }
}

impl<K: Keys> Evidence for Jwks<K> {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        let Some(token) = &offered.token else { return Ok(Finding::refused(Matched::Jwks.name(), NO_TOKEN)) };
        Ok(match self.read(token, now)? {
            Ok(mut claims) => {
                // An issuer signs other things than access tokens (RFC 9068 §2.2 wants both in one).
                if ["sub", "client_id", "azp"].iter().all(|name| claim::text(&claims.payload, name).is_none()) {
                    claims.problems.push("it has neither sub nor a client".to_owned());
                }
                claims.into_finding(Matched::Jwks)
            }
            Err(fault) => Finding::refused(Matched::Jwks.name(), fault.to_string()),
        })
    }
}

/// Reads a token without verifying anything.
pub fn decode_token(token: &Secret, reading: &Reading, now: Moment) -> Result<Claims, Fault> {
    let Decoded { header, claims } = jose::decode(token.expose())?;
    Ok(Claims::from_claims((Some(header), claims), Source::Jwt, (reading, None, false), Vec::new(), now))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::{Decoded, Error, Evidence as _, Fault, Finding, Jwks, Keys, Presented, Reading, Secret};
    use crate::edges::Moment;
    use crate::jose;

    /// Keys that fit every token, none, or can't be had.
    enum Ring {
        All,
        None,
        Down,
    }

    impl Keys for Ring {
        fn verify(&self, token: &Secret) -> Result<Result<Decoded, Fault>, Error> {
            match self {
                Self::All => Ok(jose::decode(token.expose())),
                Self::None => Ok(Err(Fault::Signature)),
                Self::Down => Err(Error::new(crate::error::Kind::Network, 6, "down")),
            }
        }
    }

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(header), part(claims))
    }

    fn weighed(keys: Ring, token: &str) -> Result<bool, Error> {
        let evidence = Jwks { keys, issuer: "https://i".to_owned(), reading: Reading::default() };
        let found = evidence.evaluate(&Presented::from_token(Secret::new(token)), Moment::from_epoch(1000))?;
        Ok(matches!(found, Finding::Proven { .. }))
    }

    #[test]
    fn signature_issuer_and_times_must_all_be_right() {
        let plain = json!({"alg": "ES256"});
        let good = token(&plain, &json!({"sub": "u", "iss": "https://i", "exp": 1001}));
        assert!(weighed(Ring::All, &good).unwrap());
        assert!(!weighed(Ring::None, &good).unwrap());
        assert_eq!(weighed(Ring::Down, &good).unwrap_err().exit, 6);
        for claims in [
            json!({"sub": "u", "iss": "https://i"}),
            json!({"sub": "u", "iss": "https://i", "exp": null}),
            json!({"sub": "u", "iss": "https://i", "exp": 1000}),
            json!({"sub": "u", "iss": "https://i", "exp": "x"}),
            json!({"sub": "u", "iss": "https://i", "exp": 1001, "nbf": 1006}),
            json!({"sub": "u", "iss": "https://i", "exp": 1001, "nbf": {}}),
            json!({"sub": "u", "iss": "https://i/", "exp": 1001}),
            json!({"sub": "u", "iss": ["https://i"], "exp": 1001}),
            json!({"sub": "u", "iss": null, "exp": 1001}),
            json!({"sub": "u", "exp": 1001}),
            json!({"iss": "https://i", "exp": 1001}),
            json!({"sub": "", "iss": "https://i", "exp": 1001}),
            json!({"sub": "u", "iss": "https://i", "exp": 1001, "cnf": {"jkt": "x"}}),
        ] {
            assert!(!weighed(Ring::All, &token(&plain, &claims)).unwrap(), "{claims}");
        }
        let logout = token(&json!({"typ": "logout+jwt"}), &json!({"sub": "u", "iss": "https://i", "exp": 1001}));
        assert!(!weighed(Ring::All, &logout).unwrap());
    }

    #[test]
    fn what_another_issuer_says_asks_for_no_keys() {
        let other = token(&json!({}), &json!({"iss": "https://other", "exp": 1001}));
        assert!(!weighed(Ring::Down, &other).unwrap());
        for junk in ["", "opaque", "a.b.c", "e30.e30.e30.e30.e30", "e30.W10.", "\u{0}.\u{0}.\u{0}"] {
            assert!(!weighed(Ring::Down, junk).unwrap(), "{junk}");
        }
    }
}
