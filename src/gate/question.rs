//! One question of a proxy: may the original request pass, and who is it?

use tokio::time::timeout;

use super::answer::{Answer, Challenge};
use super::credential::{Credential, INVALID_PROOF, INVALID_TOKEN, PresentedToken};
use super::evaluator::PATIENCE;
use super::log::Entry;
use super::original_request::{OriginalRequest, find_url};
use super::profile::Profile;
use super::service::Gate;
use super::token_review::Review;
use crate::error::gate;
use crate::guard::{Decision, Presentation, Presented, Proof, Requirements, Unproven};
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
        let review = match Review::read(body) {
            Ok(review) => review,
            Err(why) => {
                let entry =
                    Entry { status: 400, decision: "deny", how: "none", reason: why.to_owned(), ..Entry::default() };
                return (Answer::text(400, format!("{why}\n")), entry);
            }
        };
        let field = Secret::new(format!("Bearer {}", review.token.expose()));
        let proof = match self.prove(&Presented::from_field(field)).await {
            Ok(proof) => proof,
            Err(reason) => return unavailable(reason),
        };
        let decision = proof.meet(&self.options.requirements);
        let reason = self.secrets.redact(&decision.reason);
        let body = review.respond(&decision, proof.audiences(), &reason);
        let answer = Answer { body, ..Answer::decision(200, "", &[]) };
        let how = decision.matched.map_or("none", crate::guard::Matched::name);
        let made = if decision.allowed { "allow" } else { "deny" };
        (answer, Entry { status: 200, decision: made, how, reason, ..Entry::default() })
    }

    /// What is proven, or why that can't be known now.
    async fn prove(&self, offered: &Presented) -> Result<Proof, String> {
        match timeout(PATIENCE, self.methods.prove(offered, self.clock.now())).await {
            Ok(Ok(proof)) => Ok(proof),
            Ok(Err(error)) => Err(self.secrets.redact(&error.chain())),
            Err(_) => Err(gate::too_slow().message),
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
            Credential::None => return self.refuse(false, None, requirements, "there is no credential"),
            Credential::Unusable { reason, error } => {
                return self.refuse(error == Some(INVALID_PROOF), error, requirements, reason);
            }
            Credential::Presented(offered) => *offered,
        };
        let proof = match self.prove(&offered.credential).await {
            Ok(proof) => proof,
            Err(reason) => return unavailable(reason),
        };
        let proof = match self.check_possession(proof, head, original, &offered).await {
            Ok(proof) => proof,
            Err(Unproven::Token(reason)) => return self.refuse(true, Some(INVALID_TOKEN), requirements, reason),
            Err(Unproven::Proof(reason)) => return self.refuse(true, Some(INVALID_PROOF), requirements, &reason),
            Err(Unproven::Unknown) => {
                return unavailable("whether the DPoP proof was used before is not known".to_owned());
            }
        };
        let decision = proof.meet(requirements);
        let how = decision.matched.map_or("none", crate::guard::Matched::name);
        match &decision.identity {
            None => {
                let reason = self.secrets.redact(&decision.reason);
                self.refuse(offered.is_dpop, Some(INVALID_TOKEN), requirements, &reason)
            }
            Some(who) if decision.allowed => {
                let token = offered.credential.token.as_ref();
                let (answer, entry) = self.admit(Some(who), token, original, (how, &decision.reason));
                (answer, Entry { subject: who.subject.clone().or_else(|| who.name.clone()), ..entry })
            }
            Some(_) => self.forbid(offered.is_dpop, &decision, requirements, how),
        }
    }

    async fn check_possession(
        &self,
        proof: Proof,
        head: &Head,
        original: &OriginalRequest,
        offered: &PresentedToken,
    ) -> Result<Proof, Unproven> {
        // The fields of a gateway are no token.
        let Some(token) = &offered.credential.token else { return Ok(proof) };
        let known = original.known().filter(|_| offered.proof.is_some());
        let request = known.and_then(|(method, target)| Some((method, find_url(head, target)?)));
        let shown = Presentation {
            token,
            is_dpop: offered.is_dpop,
            proof: offered.proof.as_deref(),
            request: request.as_ref().map(|(method, url)| (*method, url.as_str())),
        };
        let now = self.clock.now();
        let (proof, used) = proof.check_possession(shown, &self.used_proofs, now)?;
        match (&self.replicas, used) {
            (Some(replicas), Some(used)) if !replicas.is_first_use(&used, now).await => Err(Unproven::used_before()),
            _ => Ok(proof),
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
        let joins = self.options.profile.joins_roles();
        for role in who.iter().flat_map(|who| &who.roles).filter(|role| joins && role.contains(',')) {
            self.log.fault(&format!("the role {} is left out, because it contains a comma", self.secrets.redact(role)));
        }
        (answer, Entry { status: 200, decision: "allow", how, reason: reason.to_owned(), ..Entry::default() })
    }

    fn refuse(&self, is_dpop: bool, error: Option<&str>, requirements: &Requirements, reason: &str) -> Answered {
        let challenge = self.challenge(is_dpop, error, requirements);
        let answer = Answer::decision(401, reason, &[]).field("WWW-Authenticate", challenge);
        (answer, Entry { status: 401, decision: "deny", how: "none", reason: reason.to_owned(), ..Entry::default() })
    }

    fn forbid(&self, is_dpop: bool, decision: &Decision, requirements: &Requirements, how: &'static str) -> Answered {
        let (challenge, reason) =
            (self.challenge(is_dpop, Some("insufficient_scope"), requirements), decision.reason.clone());
        let answer = Answer::decision(403, &reason, &decision.missing).field("WWW-Authenticate", challenge);
        let subject = decision.identity.as_ref().and_then(|who| who.subject.clone().or_else(|| who.name.clone()));
        (answer, Entry { status: 403, decision: "deny", how, reason, subject, ..Entry::default() })
    }

    fn challenge(&self, is_dpop: bool, error: Option<&str>, requirements: &Requirements) -> String {
        let (realm, metadata) = (&self.options.realm, self.options.resource_metadata.as_deref());
        Challenge { is_dpop, realm, error, scopes: &requirements.scopes, metadata }.to_field()
    }
}

/// Neither a yes nor a no: what proves it can't be asked.
fn unavailable(reason: String) -> Answered {
    let answer = Answer::decision(503, "what proves it can't be asked", &[]).field("Retry-After", RETRY_AFTER);
    (answer, Entry { status: 503, decision: "error", how: "none", reason, ..Entry::default() })
}
