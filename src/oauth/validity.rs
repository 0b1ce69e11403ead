//! Whether a token may be believed now: issuer, audience, times (RFC 7519 §4.1, RFC 9068 §4), not its signature.

use std::time::Duration;

use serde_json::{Map, Value};

use super::claim;
use super::fault::Fault;
use super::issuer;
use crate::text::sanitize;

#[derive(Debug, Clone, Default)]
pub struct Expected<'a> {
    pub issuer: Option<&'a str>,
    /// Every one of these must be in `aud`.
    pub audiences: &'a [String],
    /// Whether it must say when it expires.
    pub expires: bool,
    /// Whether it must say when it was issued.
    pub issued: bool,
    pub leeway: Duration,
    /// The same for `nbf` alone, where it is more.
    pub early: Duration,
    /// Whether times must be numbers, as in a JWT (RFC 7519 §2).
    pub numeric: bool,
}

/// The first of [`problems`], as the fault of a document.
pub fn check(what: &'static str, claims: &Map<String, Value>, expected: &Expected<'_>, now: i64) -> Result<(), Fault> {
    let problem = problems(claims, expected, now).into_iter().next();
    problem.map_or(Ok(()), |reason| Err(Fault::NotTrusted { what, reason }))
}

/// Everything that speaks against a token at this second, in words; nothing when it is valid.
pub fn problems(claims: &Map<String, Value>, expected: &Expected<'_>, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    let [leeway, early] = [expected.leeway, expected.leeway.max(expected.early)]
        .map(|span| i64::try_from(span.as_secs()).unwrap_or(i64::MAX));
    found.extend(expected.issuer.and_then(|issuer| other_issuer(claims, issuer)));
    let audiences = claim::list(claims, "aud");
    for audience in expected.audiences.iter().filter(|audience| !audiences.contains(&audience.as_str())) {
        let aud = if audiences.is_empty() { "absent".to_owned() } else { sanitize(&audiences.join(", ")) };
        found.push(format!("its aud is {aud}, which does not name {}", sanitize(audience)));
    }
    for name in
        ["exp", "nbf"].into_iter().filter(|name| expected.numeric && claims.get(*name).is_some_and(Value::is_string))
    {
        found.push(format!("its {name} is a string, not a number"));
    }
    match (claims.get("exp").filter(|exp| !exp.is_null()), claim::date(claims, "exp")) {
        (None, _) if expected.expires => found.push("it has no exp".to_owned()),
        (Some(_), None) => found.push("its exp is no time".to_owned()),
        (Some(_), Some(exp)) if now >= exp.saturating_add(leeway) => found.push("it has expired".to_owned()),
        _ => {}
    }
    match claim::date(claims, "iat") {
        None if expected.issued => found.push("it has no iat".to_owned()),
        Some(iat) if expected.issued && iat > now.saturating_add(leeway) => {
            found.push("it is from the future: one of the clocks is wrong".to_owned());
        }
        _ => {}
    }
    match (claims.get("nbf").filter(|nbf| !nbf.is_null()), claim::date(claims, "nbf")) {
        (Some(_), None) => found.push("its nbf is no time".to_owned()),
        (Some(_), Some(nbf)) if nbf > now.saturating_add(early) => found.push("it is not valid yet (nbf)".to_owned()),
        _ => {}
    }
    found
}

/// What speaks against a token of another issuer than this one, byte for byte. With a template the tenant in its `iss`
/// must be the one of its `tid`.
pub fn other_issuer(claims: &Map<String, Value>, issuer: &str) -> Option<String> {
    let iss = claim::text(claims, "iss");
    let tenant = Some(claim::text(claims, "tid").unwrap_or_default());
    (!iss.is_some_and(|iss| issuer::fits(issuer, iss, tenant)))
        .then(|| format!("its iss is {}, not {}", iss.map_or_else(|| "absent".to_owned(), sanitize), sanitize(issuer)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Expected, problems};

    fn judged(claims: Value, expected: &Expected<'_>) -> Vec<String> {
        let Value::Object(claims) = claims else { panic!("{claims}") };
        problems(&claims, expected, 1000)
    }

    #[test]
    fn times_of_jwt_are_numbers() {
        let claims = json!({"exp": "1001", "nbf": "999"});
        let jwt = Expected { numeric: true, ..Expected::default() };
        assert_eq!(
            judged(claims.clone(), &jwt),
            ["its exp is a string, not a number", "its nbf is a string, not a number"]
        );
        assert_eq!(judged(claims, &Expected::default()), [""; 0]);
    }

    #[test]
    fn early_token_may_have_leeway_of_its_own() {
        let expected = Expected { early: Duration::from_secs(5), ..Expected::default() };
        assert_eq!(judged(json!({"nbf": 1005}), &expected), [""; 0]);
        assert_eq!(judged(json!({"nbf": 1006, "exp": 1000}), &expected).len(), 2);
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let audiences = ["a".to_owned(), "b".to_owned()];
        let strict =
            Expected { issuer: Some("https://i"), audiences: &audiences, expires: true, ..Expected::default() };
        assert_eq!(judged(json!({"iss": "https://i", "aud": ["b", "a"], "exp": 1001}), &strict), [""; 0]);
        assert_eq!(
            judged(json!({"iss": "https://i/", "aud": "a", "exp": 1000, "nbf": 1001}), &strict),
            [
                "its iss is https://i/, not https://i",
                "its aud is a, which does not name b",
                "it has expired",
                "it is not valid yet (nbf)"
            ]
        );
        assert_eq!(
            judged(json!({"nbf": []}), &strict),
            [
                "its iss is absent, not https://i",
                "its aud is absent, which does not name a",
                "its aud is absent, which does not name b",
                "it has no exp",
                "its nbf is no time"
            ]
        );
    }

    #[test]
    fn border_of_time_is_exact_and_moves_by_leeway() {
        let with = |seconds| Expected { leeway: Duration::from_secs(seconds), ..Expected::default() };
        for (claims, leeway, count) in [
            (json!({"exp": 1000}), 0, 1),
            (json!({"exp": 1001}), 0, 0),
            (json!({"exp": 1000}), 1, 0),
            (json!({"exp": 990}), 10, 1),
            (json!({"exp": 991}), 10, 0),
            (json!({"nbf": 1000}), 0, 0),
            (json!({"nbf": 1001}), 0, 1),
            (json!({"nbf": 1001}), 1, 0),
            (json!({"exp": "never"}), 0, 1),
            (json!({"exp": null}), 0, 0),
            (json!({"exp": i64::MAX}), 10, 0),
            (json!({}), 0, 0),
        ] {
            assert_eq!(judged(claims.clone(), &with(leeway)).len(), count, "{claims} {leeway}");
        }
    }
}
