//! An object of claims that somebody else has proven: an introspection answer, a userinfo answer.

use serde_json::{Map, Value};

use super::evidence::{Evidence, Finding, Matched, Reading, Said};
use super::offered::Offered;
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::Source;

/// Claims are believed as they are.
#[derive(Debug)]
pub struct Claims {
    /// How they are read.
    pub reading: Reading,
}

impl Evidence for Claims {
    fn name(&self) -> &'static str {
        Matched::Claims.name()
    }

    fn weigh(&self, offered: &Offered, now: Moment) -> Result<Finding, Error> {
        let Some(claims) = &offered.claims else { return Ok(Finding::refused("there are no claims")) };
        let mut said = claimed(claims.clone(), &self.reading, now);
        let who = &said.identity;
        // An object that is an error, or nothing at all, is no proof of anybody.
        if !said.claims.contains_key("active") && who.subject.is_none() && who.client_id.is_none() {
            said.problems.push("the claims name nobody: neither active, nor sub, nor a client".to_owned());
        }
        said.warnings.push("nobody proved these claims here: they are as true as their source".to_owned());
        Ok(said.judged(Matched::Claims))
    }
}

/// What claims say. Where `active` stands it must be the value true (RFC 7662 §2.2).
pub fn claimed(claims: Map<String, Value>, reading: &Reading, now: Moment) -> Said {
    let (source, problems) = match claims.get("active") {
        None => (Source::Jwt, Vec::new()),
        Some(Value::Bool(true)) => (Source::Introspection, Vec::new()),
        Some(_) => (Source::Introspection, vec!["its active is not true".to_owned()]),
    };
    Said::of((None, claims), source, (reading, None, false), problems, now)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Claims, Evidence as _, Finding, Offered, Reading};
    use crate::edges::Moment;

    fn lets_in(claims: &Value) -> bool {
        let offered = Offered::claims(claims.as_object().unwrap().clone());
        let found = Claims { reading: Reading::default() }.weigh(&offered, Moment::from_epoch(1000)).unwrap();
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
}
