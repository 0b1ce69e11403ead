//! Tokens that are valid, but not meant to be presented bare.

use serde_json::{Map, Value};

use crate::oauth::claim;
use crate::text::sanitize;

/// Why a valid token must not be accepted: one that is bound to a key or a certificate proves nothing without them
/// (RFC 9449 §7.2, RFC 8705 §3), and one of another type is no access token (RFC 8725 §3.11). With `proof_follows` its
/// proof of possession is checked afterwards.
pub(super) fn find_misuse(
    header: Option<&Map<String, Value>>,
    claims: &Map<String, Value>,
    proof_follows: bool,
) -> Vec<String> {
    let mut found = Vec::new();
    let typ = header.and_then(|header| claim::text(header, "typ")).unwrap_or_default().to_ascii_lowercase();
    let short = typ.strip_prefix("application/").unwrap_or(&typ);
    if short.ends_with("+jwt") && short != "at+jwt" {
        found.push(format!("its typ is {}, so it is not an access token", sanitize(short)));
    }
    // Keycloak says it in `typ`, others in `token_type` (RFC 7662 §2.2) or `token_use`.
    let says = |kinds: &[&str]| {
        let mut said = ["typ", "token_type", "token_use"].into_iter().filter_map(|name| claim::text(claims, name));
        said.any(|said| kinds.iter().any(|kind| said.eq_ignore_ascii_case(kind)))
    };
    if says(&["refresh", "offline", "refresh_token"]) {
        found.push("it is a refresh token, not an access token".to_owned());
    }
    // Only ID tokens have these hashes (OpenID Connect Core §3.3.2.11).
    if says(&["id", "id_token"]) || ["at_hash", "c_hash", "s_hash"].iter().any(|name| claims.contains_key(*name)) {
        found.push("it is an ID token, not an access token".to_owned());
    }
    if found.is_empty() && !is_marked(short, claims) && looks_like_id_token(short, claims) {
        found.push("it looks like an ID token, and nothing in it marks an access token (RFC 8725 §3.11)".to_owned());
    }
    if says(&["logout"]) {
        found.push("it is a logout token, not an access token".to_owned());
    }
    if claims.get("cnf").is_none_or(Value::is_null) && says(&["dpop", "pop", "mac"]) {
        found.push("it requires a proof of possession, which is not verified here".to_owned());
    }
    if claims.get("events").is_some_and(Value::is_object) {
        found.push("it is a security event token (RFC 8417), not an access token".to_owned());
    }
    let bound = claims.get("cnf").filter(|bound| !bound.is_null() && !proof_follows);
    let Some(bound) = bound else { return found };
    found.push(if bound.get("jkt").is_some() {
        "it is bound to a key, and DPoP proofs are not checked here (RFC 9449 §7.2)".to_owned()
    } else if bound.get("x5t#S256").is_some() {
        "it is bound to a certificate, which is not checked here (RFC 8705 §3)".to_owned()
    } else {
        "it is bound to something that is not checked here (cnf, RFC 7800)".to_owned()
    });
    found
}

/// The thumbprint of the key that a token is bound to (RFC 9449 §6.1), where it is bound to that alone.
pub(super) fn bound_key(claims: &Map<String, Value>) -> Option<&str> {
    let bound = claims.get("cnf")?.as_object().filter(|bound| bound.len() == 1)?;
    bound.get("jkt")?.as_str().filter(|key| !key.is_empty())
}

/// Whether it has what ID tokens have and access tokens have only beside a mark of their own (OpenID Connect Core §2).
fn looks_like_id_token(typ: &str, claims: &Map<String, Value>) -> bool {
    let has = |name: &str| claims.get(name).is_some_and(|value| !value.is_null());
    has("nonce") || typ == "jwt" && ["auth_time", "acr", "amr"].into_iter().any(has)
}

/// Whether something marks an access token: its type (RFC 9068 §2.1; Keycloak's claim `typ`), scopes, or a client for
/// which it is not meant alone, as an ID token would be.
fn is_marked(typ: &str, claims: &Map<String, Value>) -> bool {
    let client = ["client_id", "azp"].into_iter().find_map(|name| claim::text(claims, name));
    let foreign = |client: &str| claim::list(claims, "aud").into_iter().any(|audience| audience != client);
    typ == "at+jwt"
        || claim::text(claims, "typ").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
        || ["scope", "scp"].into_iter().any(|name| !claim::list(claims, name).is_empty())
        || client.is_some_and(foreign)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{bound_key, find_misuse};

    fn count(header: &Value, claims: &Value) -> usize {
        find_misuse(header.as_object(), claims.as_object().unwrap(), false).len()
    }

    #[test]
    fn access_token_may_say_so_or_say_nothing() {
        for typ in [json!("JWT"), json!("at+jwt"), json!("application/AT+JWT"), json!("jose"), json!(null), json!(1)] {
            assert_eq!(count(&json!({"typ": typ}), &json!({"cnf": null})), 0, "{typ}");
        }
        assert_eq!(count(&json!(null), &json!({})), 0);
        for typ in ["logout+jwt", "application/token-introspection+JWT", "dpop+jwt", "secevent+jwt"] {
            assert_eq!(count(&json!({"typ": typ}), &json!({})), 1, "{typ}");
        }
    }

    #[test]
    fn token_for_another_purpose_is_no_access_token() {
        for claims in [
            json!({"typ": "Refresh"}),
            json!({"typ": "offline"}),
            json!({"typ": "Logout"}),
            json!({"events": {}}),
            json!({"token_type": "refresh_token"}),
            json!({"token_use": "refresh_token"}),
            json!({"token_use": "id"}),
            json!({"typ": "ID"}),
            json!({"at_hash": "x"}),
            json!({"token_type": "DPoP"}),
            json!({"token_type": "mac"}),
        ] {
            assert_eq!(count(&json!({}), &claims), 1, "{claims}");
        }
        for claims in
            [json!({"typ": "Bearer"}), json!({"typ": "service"}), json!({"typ": ["Refresh"]}), json!({"events": null})]
        {
            assert_eq!(count(&json!({}), &claims), 0, "{claims}");
        }
    }

    #[test]
    fn nonce_without_access_token_mark_is_refused() {
        let jwt = json!({"typ": "JWT"});
        for claims in [
            json!({"nonce": "n"}),
            json!({"nonce": "n", "aud": "app", "azp": "app", "sub": "u"}),
            json!({"aud": "app", "auth_time": 1}),
            json!({"aud": ["app"], "client_id": "app", "amr": ["pwd"]}),
        ] {
            assert_eq!(count(&jwt, &claims), 1, "{claims}");
        }
        for mark in [
            json!({"scope": "openid"}),
            json!({"scp": ["a"]}),
            json!({"typ": "Bearer"}),
            json!({"azp": "app", "aud": ["api", "app"]}),
        ] {
            let mut claims = json!({"nonce": "n", "auth_time": 1, "aud": "app"});
            claims.as_object_mut().unwrap().extend(mark.as_object().unwrap().clone());
            assert_eq!(count(&jwt, &claims), 0, "{claims}");
        }
        assert_eq!(count(&json!({"typ": "at+jwt"}), &json!({"nonce": "n", "amr": ["pwd"]})), 0);
        assert_eq!(count(&json!({}), &json!({"auth_time": 1, "nonce": null})), 0);
    }

    #[test]
    fn bound_token_proves_nothing_alone() {
        for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({"jwk": {}}), json!({}), json!("x"), json!([])]
        {
            assert_eq!(count(&json!({}), &json!({"cnf": cnf})), 1, "{cnf}");
        }
    }

    #[test]
    fn only_key_alone_can_be_proven() {
        let bound = |cnf: &Value| bound_key(json!({"cnf": cnf}).as_object().unwrap()).map(str::to_owned);
        assert_eq!(bound(&json!({"jkt": "x"})).as_deref(), Some("x"));
        for cnf in [
            json!({"jkt": "x", "x5t#S256": "y"}),
            json!({"jkt": ""}),
            json!({"jkt": ["x"]}),
            json!({"x5t#S256": "y"}),
            json!({}),
            json!("jkt"),
            json!(null),
        ] {
            assert_eq!(bound(&cnf), None, "{cnf}");
        }
        let claims = json!({"cnf": {"jkt": "x"}, "typ": "Refresh"});
        assert_eq!(
            find_misuse(None, claims.as_object().unwrap(), true).len(),
            1,
            "a proof makes no access token of it"
        );
    }
}
