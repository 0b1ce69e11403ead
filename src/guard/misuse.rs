//! What speaks against letting a token in that is true, but not meant to be presented bare.

use serde_json::{Map, Value};

use crate::oauth::claim;
use crate::text::wash;

/// Why a true token must not count here, in words.
///
/// A token that is bound to a key or a certificate proves nothing without them: whoever stole it could present it
/// (RFC 9449 §7.2, RFC 8705 §3). And a token that says that it is of another type is no access token (RFC 8725 §3.11):
/// an issuer signs answers and messages with the same keys, and a server knows refresh tokens as well.
pub(super) fn of(header: Option<&Map<String, Value>>, claims: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let typ = header.and_then(|header| claim::text(header, "typ")).unwrap_or_default().to_ascii_lowercase();
    let short = typ.strip_prefix("application/").unwrap_or(&typ);
    if short.ends_with("+jwt") && short != "at+jwt" {
        found.push(format!("its typ is {}: it is no access token", wash(short)));
    }
    match claim::text(claims, "typ").unwrap_or_default() {
        "Refresh" | "Offline" => found.push("it is a refresh token: only the token endpoint takes it".to_owned()),
        "Logout" => found.push("it is a logout token, and no access token".to_owned()),
        _ => {}
    }
    if claims.get("events").is_some_and(Value::is_object) {
        found.push("it tells of an event (RFC 8417), and is no access token".to_owned());
    }
    let Some(bound) = claims.get("cnf").filter(|bound| !bound.is_null()) else { return found };
    found.push(if bound.get("jkt").is_some() {
        "it is bound to a key, and no DPoP proof is looked at here (RFC 9449 §7.2)".to_owned()
    } else if bound.get("x5t#S256").is_some() {
        "it is bound to a certificate, and none is looked at here (RFC 8705 §3)".to_owned()
    } else {
        "it is bound to something that is not looked at here (cnf, RFC 7800)".to_owned()
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of;

    fn count(header: &Value, claims: &Value) -> usize {
        of(header.as_object(), claims.as_object().unwrap()).len()
    }

    #[test]
    fn an_access_token_may_say_so_or_say_nothing() {
        for typ in [json!("JWT"), json!("at+jwt"), json!("application/AT+JWT"), json!("jose"), json!(null), json!(1)] {
            assert_eq!(count(&json!({"typ": typ}), &json!({"cnf": null})), 0, "{typ}");
        }
        assert_eq!(count(&json!(null), &json!({})), 0);
        for typ in ["logout+jwt", "application/token-introspection+JWT", "dpop+jwt", "secevent+jwt"] {
            assert_eq!(count(&json!({"typ": typ}), &json!({})), 1, "{typ}");
        }
    }

    #[test]
    fn a_token_for_another_purpose_is_no_access_token() {
        for claims in
            [json!({"typ": "Refresh"}), json!({"typ": "Offline"}), json!({"typ": "Logout"}), json!({"events": {}})]
        {
            assert_eq!(count(&json!({}), &claims), 1, "{claims}");
        }
        for claims in
            [json!({"typ": "Bearer"}), json!({"typ": "service"}), json!({"typ": ["Refresh"]}), json!({"events": null})]
        {
            assert_eq!(count(&json!({}), &claims), 0, "{claims}");
        }
    }

    #[test]
    fn a_bound_token_proves_nothing_alone() {
        for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({"jwk": {}}), json!({}), json!("x"), json!([])]
        {
            assert_eq!(count(&json!({}), &json!({"cnf": cnf})), 1, "{cnf}");
        }
    }
}
