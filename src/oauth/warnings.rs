//! What is unusual about a token, though not wrong: an operator wants to know it.

use serde_json::{Map, Value};

use super::claim;
use crate::text::sanitize;

const LONG_LIFETIME: i64 = 24 * 3600;

const CLOCK_SKEW: i64 = 60;

/// Members of a header that lead to keys of the token's own choice (RFC 8725 §3.10).
const OWN_KEYS: [&str; 5] = ["jku", "x5u", "jwk", "x5c", "crit"];

/// What is unusual about header and claims at this second, in words.
pub fn find_warnings(header: &Map<String, Value>, claims: &Map<String, Value>, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    match claim::text(header, "alg").unwrap_or_default() {
        alg if alg.eq_ignore_ascii_case("none") => found.push("unsigned token (alg is none)".to_owned()),
        alg if alg.starts_with("HS") => {
            found.push(format!("{} needs a shared secret: only its issuer can verify it", sanitize(alg)));
        }
        _ => {}
    }
    for name in OWN_KEYS.into_iter().filter(|name| header.contains_key(*name)) {
        found.push(format!("the header has {name}, which is never followed"));
    }
    match claim::text(claims, "typ").unwrap_or_default() {
        "ID" => found.push("it is an ID token, which is for a client, not for an API".to_owned()),
        "Refresh" | "Offline" => found.push("it is a refresh token, which only the token endpoint accepts".to_owned()),
        _ => {}
    }
    if claims.get("aud").is_none_or(Value::is_null) {
        found.push("no aud: not limited to any API".to_owned());
    }
    let (issued, expires) = (claim::date(claims, "iat"), claim::date(claims, "exp"));
    if expires.is_none() {
        found.push("no exp: it never expires".to_owned());
    }
    if issued.is_some_and(|issued| issued > now.saturating_add(CLOCK_SKEW)) {
        found.push("it was issued in the future: one of the clocks is wrong".to_owned());
    }
    if let (Some(issued), Some(expires)) = (issued, expires)
        && expires.saturating_sub(issued) > LONG_LIFETIME
    {
        found.push(format!("it lives {} hours", expires.saturating_sub(issued) / 3600));
    }
    let bound = |name: &str| claims.get("cnf").and_then(|cnf| cnf.get(name)).is_some();
    if bound("jkt") {
        found.push("it is bound to a key: it needs a DPoP proof (RFC 9449)".to_owned());
    }
    if bound("x5t#S256") {
        found.push("it is bound to a certificate: it needs mutual TLS (RFC 8705)".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::find_warnings;

    fn odd(header: Value, claims: Value) -> Vec<String> {
        let (Value::Object(header), Value::Object(claims)) = (header, claims) else { panic!() };
        find_warnings(&header, &claims, 1000)
    }

    #[test]
    fn ordinary_token_is_not_odd() {
        assert_eq!(
            odd(json!({"alg": "RS256"}), json!({"aud": "a", "iat": 900, "exp": 1200, "typ": "Bearer"})),
            [""; 0]
        );
    }

    #[test]
    fn each_oddity_has_its_word() {
        let usual = || json!({"aud": "a", "iat": 900, "exp": 1200});
        let with = |name: &str, value: Value| {
            let mut claims = usual();
            claims[name] = value;
            claims
        };
        for (header, claims, word) in [
            (json!({"alg": "none"}), usual(), "unsigned token"),
            (json!({"alg": "HS512"}), usual(), "HS512 needs a shared secret"),
            (json!({"alg": "RS256", "jku": "https://x"}), usual(), "jku"),
            (json!({"jwk": {}}), usual(), "jwk"),
            (json!({}), with("typ", json!("ID")), "ID token"),
            (json!({}), with("typ", json!("Offline")), "refresh token"),
            (json!({}), with("aud", json!(null)), "no aud"),
            (json!({}), with("exp", json!(null)), "no exp"),
            (json!({}), with("iat", json!(1061)), "in the future"),
            (json!({}), with("exp", json!(900 + 25 * 3600)), "25 hours"),
            (json!({}), with("cnf", json!({"jkt": "x"})), "DPoP"),
            (json!({}), with("cnf", json!({"x5t#S256": "x"})), "mutual TLS"),
        ] {
            let found = odd(header, claims.clone());
            assert!(found.len() == 1 && found[0].contains(word), "{word}: {found:?}");
        }
    }
}
