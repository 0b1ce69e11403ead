//! Claims that somebody else has verified: an introspection response, a userinfo response.

use serde_json::{Map, Value};

use super::evidence::{Claims, Evidence, Finding, Matched, Reading};
use super::presented::Presented;
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::Source;

#[derive(Debug)]
pub struct ProvidedClaims {
    pub reading: Reading,
}

impl Evidence for ProvidedClaims {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        let Some(claims) = &offered.claims else {
            return Ok(Finding::refused(Matched::Claims.name(), "there are no claims"));
        };
        let mut found = read_claims(claims.clone(), &self.reading, now);
        let who = &found.identity;
        // An error object, or an empty one, proves nothing.
        if !found.payload.contains_key("active") && who.subject.is_none() && who.client_id.is_none() {
            found.problems.push("the claims contain neither active, nor sub, nor a client".to_owned());
        }
        found.warnings.push("these claims were not verified: they are as trustworthy as their source".to_owned());
        Ok(found.into_finding(Matched::Claims))
    }
}

/// Reads claims. `active`, if present, must be the value true (RFC 7662 §2.2).
pub fn read_claims(claims: Map<String, Value>, reading: &Reading, now: Moment) -> Claims {
    let (source, problems) = match claims.get("active") {
        None => (Source::Jwt, Vec::new()),
        Some(Value::Bool(true)) => (Source::Introspection, Vec::new()),
        Some(_) => (Source::Introspection, vec!["active is not true".to_owned()]),
    };
    Claims::from_claims((None, claims), source, (reading, None, false), problems, now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{Finding, Presented, ProvidedClaims, Reading};
    use crate::edges::Moment;
    use crate::guard::{Evidence, Requirements, decide};

    fn lets_in(claims: &Value) -> bool {
        let offered = Presented::from_claims(claims.as_object().unwrap().clone());
        let found =
            ProvidedClaims { reading: Reading::default() }.evaluate(&offered, Moment::from_epoch(1000)).unwrap();
        matches!(found, Finding::Proven { .. })
    }

    #[test]
    fn claims_must_name_somebody_or_be_active() {
        for claims in [json!({"active": true}), json!({"sub": "u"}), json!({"client_id": "c"}), json!({"azp": "c"})] {
            assert!(lets_in(&claims), "{claims}");
        }
        for claims in [
            json!({}),
            json!({"active": false, "sub": "u"}),
            json!({"active": "true", "sub": "u"}),
            json!({"active": 1, "sub": "u"}),
            json!({"active": null, "sub": "u"}),
            json!({"sub": null}),
            json!({"sub": ""}),
            json!({"sub": ["u"]}),
            json!({"sub": 1}),
            json!({"error": "invalid_token", "error_description": "x"}),
            json!({"realm_access": {"roles": ["admin"]}}),
            json!({"sub": "u", "exp": 1000}),
            json!({"sub": "u", "exp": true}),
            json!({"sub": "u", "cnf": {"jkt": "x"}}),
        ] {
            assert!(!lets_in(&claims), "{claims}");
        }
    }

    /// A value of any type in claims.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (999_i64..1002).prop_map(Value::from),
            "[ab ]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("roles|a|jkt", inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    const NAMES: &str = "active|sub|client_id|azp|exp|nbf|aud|scope|realm_access|resource_access|typ|cnf|events";

    proptest! {
        #[test]
        fn no_claims_are_too_strange_to_be_judged_right(
            named: bool, members in prop::collection::btree_map(NAMES, anything(), 0..5), role in "[ab]", scope in "[ab]"
        ) {
            let mut claims: Map<String, Value> = members.into_iter().collect();
            if named {
                claims.insert("sub".to_owned(), json!("u"));
                claims.remove("active");
            }
            let now = Moment::from_epoch(1000);
            let all: Vec<Box<dyn Evidence>> = vec![Box::new(ProvidedClaims { reading: Reading::default() })];
            let decided = |requirements: &Requirements| {
                decide(&all, requirements, &Presented::from_claims(claims.clone()), now).unwrap().allowed
            };
            let text = |name: &str| claims.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            let free = Requirements::default();
            if decided(&free) {
                let active = claims.get("active");
                prop_assert!(active.is_none_or(|active| *active == json!(true)));
                prop_assert!(active.is_some() || text("sub") || text("client_id") || text("azp"));
                prop_assert!(claims.get("exp").is_none_or(|exp| exp.is_null() || exp.as_i64() > Some(1000)));
                prop_assert!(claims.get("cnf").is_none_or(Value::is_null));
            }
            // What is required is in the claims as a string of its own.
            let whole = Value::Object(claims.clone()).to_string();
            let roles = Requirements { roles: vec![role.clone()], ..Requirements::default() };
            if decided(&roles) {
                let access = &claims["realm_access"]["roles"];
                prop_assert!(access == &json!(role) || access.as_array().is_some_and(|all| all.contains(&json!(role))));
                prop_assert!(decided(&free), "{whole}");
            }
            let scopes = Requirements { scopes: vec![scope.clone()], admin_roles: vec![role], ..Requirements::default() };
            if decided(&scopes) {
                prop_assert!(claims["scope"].to_string().contains(&scope));
                prop_assert!(decided(&free), "{whole}");
            }
        }
    }
}
