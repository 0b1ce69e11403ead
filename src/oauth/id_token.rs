//! What an ID token must say to be ours (`OpenID` Connect Core §3.1.3.7). Its signature is the caller's to verify first.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::claim;
use super::fault::Fault;
use super::validity;
use crate::secret::Secret;
use crate::text::sanitize;

const WHAT: &str = "the ID token";
pub const LEEWAY: Duration = Duration::from_secs(60);

/// What the claim `nonce` must be (§3.1.3.7).
#[derive(Debug, Clone, Copy)]
pub enum Nonce<'a> {
    /// The one of the authorization request.
    Sent(&'a str),
    /// None was sent: a token that has one answers another request.
    NotSent,
    /// The token answers no authorization request.
    NotJudged,
}

impl Nonce<'_> {
    fn fits(self, found: Option<&str>) -> bool {
        match self {
            Self::Sent(nonce) => found.is_some_and(|found| Secret::new(found).matches(&Secret::new(nonce))),
            Self::NotSent => found.is_none(),
            Self::NotJudged => true,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: Nonce<'a>,
    /// The access token that came with it, for `at_hash`.
    pub access_token: Option<&'a Secret>,
    /// How old the sign-in may be, where that was asked for.
    pub max_age: Option<Duration>,
}

/// Judges header and claims at this second. `at_hash` is optional in the code flow (§3.1.3.6).
pub fn check(
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
    now: i64,
) -> Result<(), Fault> {
    let audiences = [expected.client_id.to_owned()];
    let (issuer, audiences) = (Some(expected.issuer), audiences.as_slice());
    let valid = validity::Expected {
        issuer,
        audiences,
        expires: true,
        issued: true,
        leeway: LEEWAY,
        early: LEEWAY,
        numeric: true,
    };
    validity::check(WHAT, claims, &valid, now)?;
    match claims.get("azp") {
        None | Some(Value::Null) if claim::list(claims, "aud").len() > 1 => {
            return refuse("it has several audiences and no azp");
        }
        None | Some(Value::Null) => {}
        Some(azp) if azp == expected.client_id => {}
        Some(_) => {
            let azp = claim::text(claims, "azp").map_or_else(|| "not a string".to_owned(), sanitize);
            return refuse(format!("its azp is {azp}, not {}", sanitize(expected.client_id)));
        }
    }
    if claim::text(claims, "sub").is_none() {
        return refuse("it has no sub");
    }
    if !expected.nonce.fits(claim::text(claims, "nonce")) {
        return refuse("its nonce is not the one that was sent");
    }
    if let Some(token) = expected.access_token
        && let Some(hash) = claims.get("at_hash").filter(|hash| !hash.is_null())
        && !at_hash(header, token).is_some_and(|right| *hash == right)
    {
        return refuse("its at_hash is not that of the access token");
    }
    if let Some(longest) = expected.max_age {
        let auth_time = claim::date(claims, "auth_time").ok_or_else(|| untrusted("it has no auth_time"))?;
        let longest = i64::try_from(longest.saturating_add(LEEWAY).as_secs()).unwrap_or(i64::MAX);
        if auth_time.saturating_add(longest) < now {
            return refuse("the person signed in longer ago than was asked for");
        }
    }
    Ok(())
}

/// The left half of the hash that belongs to the header's `alg` (§3.1.3.6), base64url.
fn at_hash(header: &Map<String, Value>, token: &Secret) -> Option<String> {
    let text = token.expose();
    let hash = match claim::text(header, "alg")? {
        alg if alg.ends_with("256") => Sha256::digest(text).to_vec(),
        alg if alg.ends_with("384") => Sha384::digest(text).to_vec(),
        // Ed25519 hashes by SHA-512 (RFC 8032 §5.1).
        alg if alg.ends_with("512") || matches!(alg, "EdDSA" | "Ed25519") => Sha512::digest(text).to_vec(),
        _ => return None,
    };
    Some(URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]))
}

fn untrusted(reason: impl Into<String>) -> Fault {
    Fault::NotTrusted { what: WHAT, reason: reason.into() }
}

fn refuse(reason: impl Into<String>) -> Result<(), Fault> {
    Err(untrusted(reason))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Map, Value, json};

    use super::{Expected, Nonce, check};
    use crate::secret::Secret;

    const NOW: i64 = 1_311_280_970;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    // OpenID Connect Core §2
    fn claims() -> Value {
        json!({"iss": "https://server.example.com", "sub": "24400320", "aud": "s6BhdRkqt3", "nonce": "n-0S6_WzA2Mj",
            "exp": 1_311_281_970, "iat": 1_311_280_970, "auth_time": 1_311_280_969})
    }

    fn judged(claims: Value, change: impl Fn(&mut Expected<'_>)) -> Result<(), String> {
        let mut expected = Expected {
            issuer: "https://server.example.com",
            client_id: "s6BhdRkqt3",
            nonce: Nonce::Sent("n-0S6_WzA2Mj"),
            access_token: None,
            max_age: None,
        };
        change(&mut expected);
        check(&map(json!({"alg": "RS256"})), &map(claims), &expected, NOW).map_err(|fault| fault.to_string())
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    #[test]
    fn example_of_openid_connect_passes() {
        assert_eq!(judged(claims(), |_| {}), Ok(()));
        assert_eq!(judged(with("aud", json!(["s6BhdRkqt3"])), |_| {}), Ok(()));
        let mut several = with("aud", json!(["other", "s6BhdRkqt3"]));
        several["azp"] = json!("s6BhdRkqt3");
        assert_eq!(judged(several, |_| {}), Ok(()));
        assert_eq!(judged(with("nonce", json!("unasked")), |expected| expected.nonce = Nonce::NotJudged), Ok(()));
        assert_eq!(judged(with("nonce", json!(null)), |expected| expected.nonce = Nonce::NotSent), Ok(()));
        assert!(judged(with("nonce", json!("unasked")), |expected| expected.nonce = Nonce::NotSent).is_err());
        assert_eq!(judged(with("exp", json!(NOW - 59)), |_| {}), Ok(()), "clocks differ");
        assert_eq!(judged(claims(), |expected| expected.max_age = Some(Duration::ZERO)), Ok(()));
    }

    #[test]
    fn one_wrong_claim_is_enough() {
        for (name, value, reason) in [
            ("iss", json!("https://server.example.com/"), "its iss is https://server.example.com/"),
            ("iss", json!(null), "its iss is absent"),
            ("aud", json!("other"), "its aud is other"),
            ("aud", json!([]), "its aud is absent"),
            ("aud", json!(["s6BhdRkqt3", "other"]), "no azp"),
            ("azp", json!("other"), "its azp is other"),
            ("azp", json!(1), "its azp"),
            ("sub", json!(""), "no sub"),
            ("sub", json!(null), "no sub"),
            ("exp", json!(null), "no exp"),
            ("exp", json!(NOW - 60), "expired"),
            ("iat", json!({}), "no iat"),
            ("iat", json!(NOW + 61), "from the future"),
            ("nbf", json!(NOW + 61), "not valid yet"),
            ("nonce", json!("other"), "nonce"),
            ("nonce", json!(null), "nonce"),
        ] {
            let fault = judged(with(name, value.clone()), |_| {}).unwrap_err();
            assert!(
                fault.starts_with("the ID token is not to be trusted") && fault.contains(reason),
                "{name}: {fault}"
            );
        }
        let asked = |expected: &mut Expected<'_>| expected.max_age = Some(Duration::from_secs(10));
        assert!(judged(with("auth_time", json!(NOW - 71)), asked).unwrap_err().contains("longer ago"));
        assert!(judged(with("auth_time", json!(null)), asked).unwrap_err().contains("no auth_time"));
    }

    #[test]
    fn hash_of_access_token_fits() {
        // OpenID Connect Core A.3
        let token = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        let other = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Z");
        let hash = with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"));
        let expected = |token| Expected {
            issuer: "https://server.example.com",
            client_id: "s6BhdRkqt3",
            nonce: Nonce::NotJudged,
            access_token: Some(token),
            max_age: None,
        };
        let judge = |alg: &str, token| check(&map(json!({"alg": alg})), &map(hash.clone()), &expected(token), NOW);
        assert!(judge("RS256", &token).is_ok() && judge("ES256", &token).is_ok());
        for (alg, token) in [("RS256", &other), ("RS512", &token), ("EdDSA", &token), ("none", &token)] {
            assert!(judge(alg, token).unwrap_err().to_string().contains("at_hash"), "{alg}");
        }
        let odd = check(&map(json!({"alg": "RS256"})), &map(with("at_hash", json!(1))), &expected(&token), NOW);
        assert!(odd.is_err());
    }
}
