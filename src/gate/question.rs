//! One question of a proxy: may the original request pass, and who is it?

use std::sync::Arc;

use tokio::time::timeout;

use super::answer::{Answer, challenge};
use super::credential::Credential;
use super::evaluator::PATIENCE;
use super::log::Entry;
use super::original_request::OriginalRequest;
use super::profile::Profile;
use super::service::Gate;
use super::token_review;
use crate::guard::{Decision, Presented, Proof, Requirements};
use crate::http::wire::Head;
use crate::identity::Identity;
use crate::secret::Secret;

/// When a proxy may ask again after a failure.
const RETRY_AFTER: &str = "2";

/// The answer, and what is reported of it.
pub type Answered = (Answer, Entry);

impl Gate {
    /// `below` is what follows `/auth` in the target of the question.
    pub(super) async fn decide(&self, head: &Head, method: &str, below: &str, requirements: &Requirements) -> Answered {
        let original = OriginalRequest::read(head, method, below);
        let (answer, mut entry) = self.judge(head, &original, requirements).await;
        if let Some((method, target)) = original.known() {
            entry.method = Some(method.to_owned());
            entry.path = Some(target.split('?').next().unwrap_or_default().to_owned());
        }
        (answer, entry)
    }

    /// Who the token of a Kubernetes webhook's question is.
    pub(super) async fn review(&self, body: &[u8]) -> Answered {
        let token = match token_review::read_token(body) {
            Ok(token) => token,
            Err(why) => {
                let entry =
                    Entry { status: 400, decision: "deny", how: "none", reason: why.to_owned(), ..Entry::default() };
                return (Answer::text(400, format!("{why}\n")), entry);
            }
        };
        let field = Secret::new(format!("Bearer {}", token.expose()));
        let proof = match self.prove(Presented::from_field(field)).await {
            Ok(proof) => proof,
            Err(reason) => return unavailable(reason),
        };
        let decision = proof.meet(&self.options.requirements);
        let reason = self.secrets.redact(&decision.reason);
        let answer = Answer { body: token_review::respond(&decision, &reason), ..Answer::decision(200, "", &[]) };
        let how = decision.matched.map_or("none", crate::guard::Matched::name);
        let made = if decision.allowed { "allow" } else { "deny" };
        (answer, Entry { status: 200, decision: made, how, reason, ..Entry::default() })
    }

    /// What is proven, or why that can't be known now.
    async fn prove(&self, offered: Presented) -> Result<Arc<Proof>, String> {
        let now = self.clock.now();
        match timeout(PATIENCE, self.decisions.find(&self.evaluator, offered, now)).await {
            Ok(Ok(proof)) => Ok(proof),
            Ok(Err(error)) => Err(self.secrets.redact(&error.chain())),
            Err(_) => Err("timed out waiting for what proves the credential".to_owned()),
        }
    }

    async fn judge(&self, head: &Head, original: &OriginalRequest, requirements: &Requirements) -> Answered {
        if original.fits(&self.options.excluded) {
            return self.admit(None, None, original, ("exclude", "the path is excluded"));
        }
        let offered = match Credential::read(head, self.options.accepted, original) {
            Credential::None if original.fits(&self.options.optional) => {
                return self.admit(None, None, original, ("optional", "the path needs no credential"));
            }
            Credential::None => return self.refuse(None, requirements, "there is no credential"),
            Credential::Unusable { reason, is_bad } => {
                return self.refuse(is_bad.then_some("invalid_token"), requirements, reason);
            }
            Credential::Presented(offered) => *offered,
        };
        let token = offered.token.clone();
        let proof = match self.prove(offered).await {
            Ok(proof) => proof,
            Err(reason) => return unavailable(reason),
        };
        let decision = proof.meet(requirements);
        let reason = self.secrets.redact(&decision.reason);
        let how = decision.matched.map_or("none", crate::guard::Matched::name);
        match &decision.identity {
            None => self.refuse(Some("invalid_token"), requirements, &reason),
            Some(who) if decision.allowed => {
                let (answer, entry) = self.admit(Some(who), token.as_ref(), original, (how, &reason));
                (answer, Entry { subject: who.subject.clone().or_else(|| who.name.clone()), ..entry })
            }
            Some(_) => self.forbid(&decision, reason, requirements, how),
        }
    }

    fn admit(
        &self,
        who: Option<&Identity>,
        token: Option<&Secret>,
        original: &OriginalRequest,
        (how, reason): (&'static str, &str),
    ) -> Answered {
        let mut answer = Answer::decision(200, reason, &[]);
        let fields = self.options.profile.fields(who);
        if let Some(key) = &self.signing_key {
            for (name, value) in key.sign(&fields, original, self.clock.now()) {
                answer = answer.field(name, value);
            }
        }
        for (name, value) in fields {
            answer = answer.field(name, value);
        }
        if self.options.forward_token && self.options.profile == Profile::Oauth2Proxy {
            let token = token.map(|token| token.expose().to_owned()).unwrap_or_default();
            answer = answer.field("X-Auth-Request-Access-Token", token);
        }
        for role in who.iter().flat_map(|who| &who.roles).filter(|role| role.contains(',')) {
            self.log.fault(&format!("the role {} is left out, because it contains a comma", self.secrets.redact(role)));
        }
        (answer, Entry { status: 200, decision: "allow", how, reason: reason.to_owned(), ..Entry::default() })
    }

    fn refuse(&self, error: Option<&str>, requirements: &Requirements, reason: &str) -> Answered {
        let metadata = self.options.resource_metadata.as_deref();
        let challenge = challenge(&self.options.realm, error, &requirements.scopes, metadata);
        let answer = Answer::decision(401, reason, &[]).field("WWW-Authenticate", challenge);
        (answer, Entry { status: 401, decision: "deny", how: "none", reason: reason.to_owned(), ..Entry::default() })
    }

    fn forbid(&self, decision: &Decision, reason: String, requirements: &Requirements, how: &'static str) -> Answered {
        let metadata = self.options.resource_metadata.as_deref();
        let challenge = challenge(&self.options.realm, Some("insufficient_scope"), &requirements.scopes, metadata);
        let answer = Answer::decision(403, &reason, &decision.missing).field("WWW-Authenticate", challenge);
        let subject = decision.identity.as_ref().and_then(|who| who.subject.clone().or_else(|| who.name.clone()));
        (answer, Entry { status: 403, decision: "deny", how, reason, subject, ..Entry::default() })
    }
}

/// Neither a yes nor a no: what proves it can't be asked.
fn unavailable(reason: String) -> Answered {
    let answer = Answer::decision(503, "what proves it can't be asked", &[]).field("Retry-After", RETRY_AFTER);
    (answer, Entry { status: 503, decision: "error", how: "none", reason, ..Entry::default() })
}
