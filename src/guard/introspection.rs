//! Introspection at the authorization server (RFC 7662).

use serde_json::{Map, Value};

use super::evidence::{Claims, Evidence, Finding, Matched, Reading};
use super::presented::{NO_TOKEN, Presented};
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::Source;
use crate::jose;
use crate::secret::Secret;

/// The code with which a server says that it can't introspect this kind of token.
const UNSUPPORTED: &str = "unsupported_token_type";
/// The same in words of our own: whoever asks a gate learns neither the server's nor where it is.
const NOT_OF_THIS_KIND: &str = "the server can't introspect a token of this kind (unsupported_token_type)";

pub trait Introspector {
    fn introspect(&self, token: &Secret) -> Result<Map<String, Value>, Error>;

    /// Why an inactive answer may be unexpected.
    fn explain_inactive(&self, token: &Secret) -> Option<String>;
}

#[derive(Debug)]
pub struct Introspection<I> {
    pub server: I,
    pub reading: Reading,
}

impl<I: Introspector> Introspection<I> {
    /// Asks the server. Only the value true counts as active (RFC 7662 §2.2).
    pub fn read(&self, token: &Secret, now: Moment) -> Result<Claims, Error> {
        let claims = self.server.introspect(token)?;
        let mut problems = Vec::new();
        if claims.get("active") != Some(&Value::Bool(true)) {
            problems.push("the server says it is inactive".to_owned());
            problems.extend(self.server.explain_inactive(token));
        }
        let header = jose::decode(token.expose()).ok().map(|decoded| decoded.header);
        Ok(Claims::from_claims((header, claims), Source::Introspection, (&self.reading, None, false), problems, now))
    }
}

impl<I: Introspector> Evidence for Introspection<I> {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        let Some(token) = &offered.token else { return Ok(Finding::refused(Matched::Introspection.name(), NO_TOKEN)) };
        let mut claims = match self.read(token, now) {
            // The server is well, and can't prove a token of this kind, such as a JWT that it keeps nowhere (RFC 7009 §2.2.1).
            Err(error) if error.code.as_deref() == Some(UNSUPPORTED) => {
                return Ok(Finding::refused(Matched::Introspection.name(), NOT_OF_THIS_KIND));
            }
            read => read?,
        };
        // A server may leave out what the token itself is bound to (RFC 9449 §6.2).
        if let Some(own) = jose::decode(token.expose()).ok().and_then(|mut decoded| decoded.claims.remove("cnf")) {
            claims.payload.entry("cnf").or_insert(own);
            claims.find_binding(&self.reading);
        }
        Ok(claims.into_finding(Matched::Introspection))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Error, Evidence as _, Finding, Introspection, Introspector, Presented, Reading, Secret};
    use crate::edges::Moment;

    /// A server that always says the same.
    struct Says(Value);

    impl Introspector for Says {
        fn introspect(&self, _token: &Secret) -> Result<Map<String, Value>, Error> {
            self.0.as_object().cloned().ok_or_else(|| Error::refused("no object"))
        }

        fn explain_inactive(&self, _token: &Secret) -> Option<String> {
            Some("strange".to_owned())
        }
    }

    fn weighed(answer: Value) -> Finding {
        let evidence = Introspection { server: Says(answer), reading: Reading::default() };
        evidence.evaluate(&Presented::from_token(Secret::new("opaque")), Moment::from_epoch(1000)).unwrap()
    }

    #[test]
    fn active_counts_only_as_true() {
        assert!(matches!(weighed(json!({"active": true})), Finding::Proven { .. }));
        for answer in [
            json!({"active": "true", "sub": "u"}),
            json!({"active": 1, "sub": "u"}),
            json!({"active": null}),
            json!({"active": [true]}),
            json!({"active": false}),
            json!({"sub": "u"}),
            json!({}),
            json!({"Active": true}),
        ] {
            assert!(matches!(weighed(answer.clone()), Finding::Refused { .. }), "{answer}");
        }
    }

    #[test]
    fn active_answer_may_still_be_out_of_its_time() {
        for answer in [
            json!({"active": true, "exp": 1000}),
            json!({"active": true, "nbf": 1006}),
            json!({"active": true, "exp": "soon"}),
            json!({"active": true, "cnf": {"jkt": "x"}}),
        ] {
            assert!(matches!(weighed(answer.clone()), Finding::Refused { .. }), "{answer}");
        }
    }
}
