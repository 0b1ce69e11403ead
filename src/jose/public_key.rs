//! The public key of a JWK, for one algorithm (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Family};
use crate::hex;
use crate::text::sanitize;

/// The encodings of the points of Ed25519 whose order is 1, 2, 4 or 8, the sign apart; three are not canonical. Anybody
/// can sign for such a key.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// The key, or why it is unusable, in words.
pub(super) fn read_public_key(jwk: &Map<String, Value>, algorithm: Algorithm) -> Result<DecodingKey, String> {
    let key = match algorithm.family() {
        Family::Rsa => DecodingKey::from_rsa_components(&integer(jwk, "n")?, &integer(jwk, "e")?),
        Family::P256 => DecodingKey::from_ec_components(&coordinate(jwk, "x", 32)?, &coordinate(jwk, "y", 32)?),
        Family::P384 => DecodingKey::from_ec_components(&coordinate(jwk, "x", 48)?, &coordinate(jwk, "y", 48)?),
        Family::Ed25519 => {
            let mut point = octets(jwk, "x")?;
            if let Some(last) = point.last_mut() {
                *last &= 0x7f;
            }
            if SMALL_ORDER.contains(&hex::encode(&point).as_str()) {
                return Err("it is malformed: its point is of small order".to_owned());
            }
            DecodingKey::from_ed_components(&coordinate(jwk, "x", 32)?)
        }
    };
    key.map_err(|_| "it is malformed".to_owned())
}

/// Why a key is not for signatures by this algorithm (RFC 8725 §3.1), in words.
pub(super) fn check_purpose(jwk: &Map<String, Value>, algorithm: Algorithm) -> Result<(), String> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let (kty, crv) = algorithm.family().key_type();
    if member("kty") != Some(kty) || crv.is_some() && member("crv") != crv {
        return Err(format!("it is of another type than {algorithm} needs"));
    }
    let verifies = |all: &Vec<Value>| all.iter().any(|one| one == "verify");
    if member("use").is_some_and(|purpose| purpose != "sig")
        || jwk.get("key_ops").and_then(Value::as_array).is_some_and(|all| !verifies(all))
    {
        return Err("it is not for signatures (use, key_ops)".to_owned());
    }
    // EdDSA and Ed25519 name the same algorithm (RFC 9864 §2.2).
    let is_same = |other: Algorithm| {
        other == algorithm || (other.family() == Family::Ed25519 && algorithm.family() == Family::Ed25519)
    };
    match member("alg") {
        Some(name) if !name.parse().is_ok_and(is_same) => Err(format!("it is for {}, not {algorithm}", sanitize(name))),
        _ => Ok(()),
    }
}

fn octets(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or_else(|| format!("it has no {name}"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("it is malformed: its {name} is not base64url without padding"))
}

/// RFC 7518 §6.3.1.1 names the makers that write a leading zero octet.
fn integer(jwk: &Map<String, Value>, name: &str) -> Result<String, String> {
    let octets = octets(jwk, name)?;
    let start = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len());
    Ok(URL_SAFE_NO_PAD.encode(&octets[start..]))
}

fn coordinate(jwk: &Map<String, Value>, name: &str, length: usize) -> Result<String, String> {
    let octets = octets(jwk, name)?;
    if octets.len() == length {
        return Ok(URL_SAFE_NO_PAD.encode(octets));
    }
    Err(format!("it is malformed: its {name} has {} octets in place of {length}", octets.len()))
}
