//! The webhook by which a Kubernetes API server asks who a bearer token is (authentication.k8s.io/v1 TokenReview). Pure.

use serde_json::{Value, json};

use crate::guard::Decision;
use crate::oauth::bearer::is_b64token;
use crate::secret::Secret;

const VERSION: &str = "authentication.k8s.io/v1";
const KIND: &str = "TokenReview";

/// The token that is asked about.
pub fn read_token(body: &[u8]) -> Result<Secret, &'static str> {
    let review: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    if review["apiVersion"] != VERSION || review["kind"] != KIND {
        return Err("the body is not a TokenReview of authentication.k8s.io/v1");
    }
    let token = review["spec"]["token"].as_str().filter(|token| is_b64token(token));
    token.map(Secret::new).ok_or("its spec has no bearer token")
}

/// The answer: who it is, or why nobody. Whoever has no name is nobody to Kubernetes.
pub fn respond(decision: &Decision, reason: &str) -> String {
    let who = decision.identity.as_ref().filter(|_| decision.allowed);
    let name = who.and_then(|who| who.name.as_ref().or(who.subject.as_ref()).or(who.client_id.as_ref()));
    let status = match who.zip(name) {
        Some((who, name)) => json!({
            "authenticated": true,
            "user": {"username": name, "uid": who.subject.as_deref().unwrap_or_default(), "groups": who.roles},
        }),
        None if decision.allowed => json!({"authenticated": false, "error": "the token has no name"}),
        None => json!({"authenticated": false, "error": reason}),
    };
    json!({"apiVersion": VERSION, "kind": KIND, "status": status}).to_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::{Decision, read_token, respond};
    use crate::identity::{Identity, Source};

    #[test]
    fn token_of_review_is_read() {
        let review = |version: &str, token: &str| {
            format!(r#"{{"apiVersion":"{version}","kind":"TokenReview","spec":{{"token":"{token}"}}}}"#)
        };
        let good = review("authentication.k8s.io/v1", "abc");
        assert_eq!(read_token(good.as_bytes()).unwrap().expose(), "abc");
        for bad in
            ["", "{}", &review("authentication.k8s.io/v1beta1", "abc"), &review("authentication.k8s.io/v1", "a b")]
        {
            assert!(read_token(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn whoever_has_no_name_is_nobody() {
        let decided = |allowed: bool, name: Option<&str>| {
            let identity = Identity::from_secret(Source::TokenFile, name.map(str::to_owned), String::new());
            let decision = Decision {
                allowed,
                reason: String::new(),
                missing: Vec::new(),
                matched: None,
                identity: Some(identity),
                warnings: Vec::new(),
            };
            let answer: serde_json::Value = serde_json::from_str(&respond(&decision, "why")).unwrap();
            (answer["status"]["authenticated"] == true, answer["status"]["user"]["username"] == "ci")
        };
        assert_eq!(decided(true, Some("ci")), (true, true));
        assert_eq!(decided(true, None), (false, false));
        assert_eq!(decided(false, Some("ci")), (false, false));
    }
}
