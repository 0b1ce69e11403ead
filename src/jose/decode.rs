//! Decodes tokens without verifying them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Fault;

const LONGEST: usize = 64 * 1024;

#[derive(Clone, PartialEq)]
pub struct Decoded {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoded(…)")
    }
}

/// Decodes a JWS in compact form (RFC 7515 §3.1) strictly: three parts of base64url without padding, header and claims
/// one JSON object each without repeated members, at most 64 KiB in all.
pub fn decode(token: &str) -> Result<Decoded, Fault> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    if token.len() > LONGEST {
        return Err(Fault::Malformed("it is longer than 64 KiB"));
    }
    let (header, claims) = match (token.split('.').count(), signed.split_once('.')) {
        (3, Some(parts)) => parts,
        (5, _) => return Err(Fault::Encrypted),
        _ => return Err(Fault::Malformed("it does not have three parts")),
    };
    let header = object(header, "its header is not base64url", "its header is not one JSON object")?;
    let claims = object(claims, "its claims are not base64url", "its claims are not one JSON object")?;
    URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Malformed("its signature is not base64url"))?;
    Ok(Decoded { header, claims })
}

fn object(part: &str, encoding: &'static str, shape: &'static str) -> Result<Map<String, Value>, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Malformed(encoding))?;
    match serde_json::from_slice(&bytes) {
        Ok(Unique(Value::Object(members))) => Ok(members),
        _ => Err(Fault::Malformed(shape)),
    }
}

/// A value in whose objects all members have different names: two `alg`, or two `roles` further inside, would mean
/// different things to different readers (RFC 7515 §4, RFC 7519 §4).
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Unique(Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut members = Map::new();
        while let Some((name, Unique(value))) = access.next_entry::<String, Unique>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a repeated member"));
            }
        }
        Ok(Unique(Value::Object(members)))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{Fault, decode};

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn example_of_rfc_7519_is_read() {
        // RFC 7519 §3.1
        let decoded = decode(concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ))
        .unwrap();
        assert_eq!(decoded.header["typ"], "JWT");
        assert_eq!(decoded.claims["exp"], 1_300_819_380);
        assert_eq!(decoded.claims["http://example.com/is_root"], true);
    }

    #[test]
    fn unsigned_token_can_be_looked_at() {
        let unsigned = token(r#"{"alg":"none"}"#, "{}");
        assert!(decode(unsigned.strip_suffix("c2ln").unwrap()).is_ok());
    }

    #[test]
    fn what_is_not_token_is_refused() {
        let padded = format!("{}.e30=.c2ln", URL_SAFE_NO_PAD.encode("{}"));
        for bad in [
            String::new(),
            "opaque".to_owned(),
            "a.b".to_owned(),
            "....".to_owned() + "..",
            padded,
            "e30.e30.c2l+".to_owned(),
            "e30.e31.c2ln".to_owned(),
            token("[]", "{}"),
            token("{}", "1"),
            token("{} {}", "{}"),
            token(r#"{"alg":"none","alg":"ES256"}"#, "{}"),
            token("{}", r#"{"exp":1,"exp":9}"#),
            token("{}", r#"{"realm_access":{"roles":[],"roles":["admin"]}}"#),
            token("{}", r#"{"a":[{"b":1,"b":2}]}"#),
            token(r#"{"alg":"none","jwk":{"kty":"EC","kty":"OKP"}}"#, "{}"),
            token("{}", &format!(r#"{{"a":{}}}"#, "[".repeat(100_000))),
            token("{}", &format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000))),
        ] {
            assert!(matches!(decode(&bad), Err(Fault::Malformed(_))), "{bad}");
        }
        assert_eq!(decode("e30.e30.e30.e30.e30"), Err(Fault::Encrypted));
    }
}
