//! The webhook by which a Kubernetes API server asks who a bearer token is (authentication.k8s.io/v1 TokenReview). Pure.

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::guard::Decision;
use crate::secret::Secret;

const VERSION: &str = "authentication.k8s.io/v1";
const KIND: &str = "TokenReview";

/// What is asked: whose token it is, and whether it is meant for one of these audiences, where there are any.
#[derive(Debug)]
pub struct Review {
    pub token: Secret,
    audiences: Vec<String>,
}

impl Review {
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        let review: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
        if review["apiVersion"] != VERSION || review["kind"] != KIND {
            return Err("the body is not a TokenReview of authentication.k8s.io/v1");
        }
        // What is no bearer token is one that nobody has.
        let token = review["spec"]["token"].as_str().map(Secret::new).ok_or("its spec has no token")?;
        let audiences = match &review["spec"]["audiences"] {
            Value::Null => Vec::new(),
            audiences => Vec::deserialize(audiences).map_err(|_| "its audiences are not a list of strings")?,
        };
        Ok(Self { token, audiences })
    }

    /// The answer: who it is, or why nobody. Whoever has no name is nobody to Kubernetes. `audiences` are those of the token;
    /// one that names none is meant for all.
    pub fn respond(&self, decision: &Decision, audiences: &[String], reason: &str) -> String {
        let shared: Vec<_> = self.audiences.iter().filter(|asked| audiences.contains(asked)).collect();
        let is_foreign = !self.audiences.is_empty() && !audiences.is_empty() && shared.is_empty();
        let who = decision.identity.as_ref().filter(|_| decision.allowed && !is_foreign);
        let name = who.and_then(|who| who.name.as_ref().or(who.subject.as_ref()).or(who.client_id.as_ref()));
        let mut status = match who.zip(name) {
            Some((who, name)) => json!({
                "authenticated": true,
                "user": {"username": name, "uid": who.subject.as_deref().unwrap_or_default(), "groups": who.roles},
            }),
            None if decision.allowed && is_foreign => {
                json!({"authenticated": false, "error": "the token is for another audience"})
            }
            None if decision.allowed => json!({"authenticated": false, "error": "the token has no name"}),
            None => json!({"authenticated": false, "error": reason}),
        };
        if status["authenticated"] == true && !shared.is_empty() {
            status["audiences"] = json!(shared);
        }
        json!({"apiVersion": VERSION, "kind": KIND, "status": status}).to_string() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Decision, Review};
    use crate::identity::{Identity, Source};

    fn review(spec: &Value) -> Result<Review, &'static str> {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec});
        Review::read(body.to_string().as_bytes())
    }

    fn status(review: &Review, allowed: bool, name: Option<&str>, audiences: &[&str]) -> Value {
        let identity = Identity::from_secret(Source::TokenFile, name.map(str::to_owned), String::new());
        let decision = Decision {
            allowed,
            reason: String::new(),
            missing: Vec::new(),
            matched: None,
            identity: Some(identity),
            warnings: Vec::new(),
        };
        let audiences: Vec<_> = audiences.iter().map(|audience| (*audience).to_owned()).collect();
        let answer: Value = serde_json::from_str(&review.respond(&decision, &audiences, "why")).unwrap();
        assert_eq!(answer["apiVersion"], "authentication.k8s.io/v1");
        answer["status"].clone()
    }

    #[test]
    fn token_of_review_is_read() {
        assert_eq!(review(&json!({"token": "abc"})).unwrap().token.expose(), "abc");
        for spec in [
            json!({}),
            json!({"token": 1}),
            json!({"token": "abc", "audiences": "api"}),
            json!({"token": "abc", "audiences": [1]}),
        ] {
            assert!(review(&spec).is_err(), "{spec}");
        }
        for body in ["", "{}", r#"{"apiVersion":"authentication.k8s.io/v1beta1","kind":"TokenReview"}"#] {
            assert!(Review::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn whoever_has_no_name_is_nobody() {
        let review = review(&json!({"token": "abc"})).unwrap();
        let user = json!({"authenticated": true, "user": {"username": "ci", "uid": "", "groups": []}});
        assert_eq!(status(&review, true, Some("ci"), &["api"]), user);
        assert_eq!(status(&review, true, None, &[]), json!({"authenticated": false, "error": "the token has no name"}));
        assert_eq!(status(&review, false, Some("ci"), &[]), json!({"authenticated": false, "error": "why"}));
    }

    #[test]
    fn audiences_that_both_name_are_answered() {
        let review = review(&json!({"token": "abc", "audiences": ["api", "other"]})).unwrap();
        assert_eq!(status(&review, true, Some("ci"), &["x", "api"])["audiences"], json!(["api"]));
        let none = status(&review, true, Some("ci"), &[]);
        assert_eq!((&none["authenticated"], none.get("audiences")), (&json!(true), None), "it is for all");
        assert_eq!(status(&review, true, Some("ci"), &["x"])["authenticated"], json!(false));
    }
}
