//! Yes or no, and why.

use crate::edges::Moment;
use crate::error::Error;
use crate::identity::{Identity, Kind};
use crate::text::sanitize;

use super::evidence::{Claims, Evidence, Finding, Matched};
use super::presented::Presented;
use super::requirement::Requirements;

#[derive(Debug)]
pub struct Decision {
    /// Only on positive proof.
    pub allowed: bool,
    pub reason: String,
    /// The requirements that the proven identity does not meet.
    pub missing: Vec<String>,
    pub matched: Option<Matched>,
    /// The proven identity.
    pub identity: Option<Identity>,
    pub warnings: Vec<String>,
}

/// What the evidences say of a credential, before it is known what is required of it.
#[derive(Debug)]
pub enum Proof {
    Proven { matched: Matched, claims: Box<Claims>, warnings: Vec<String> },
    Refused { reason: String, warnings: Vec<String> },
}

/// Evaluates the evidences in order; the first that proves a user or service decides, and must meet the requirements.
pub fn decide(
    evidences: &[Box<dyn Evidence + '_>],
    requirements: &Requirements,
    offered: &Presented,
    now: Moment,
) -> Result<Decision, Error> {
    let mut findings = Findings::new(offered.warnings.clone());
    for evidence in evidences {
        if let Some(proof) = findings.add(evidence.evaluate(offered, now))? {
            return Ok(proof.meet(requirements));
        }
    }
    Ok(findings.conclude()?.meet(requirements))
}

/// What the evidences say of one credential, in their order.
#[derive(Default)]
pub struct Findings {
    warnings: Vec<String>,
    refusals: Vec<(&'static str, String)>,
    failed: Option<Error>,
}

impl Findings {
    pub fn new(warnings: Vec<String>) -> Self {
        Self { warnings, ..Self::default() }
    }

    /// Adds what the next evidence says: the first one that proves a user or service ends the search.
    pub fn add(&mut self, found: Result<Finding, Error>) -> Result<Option<Proof>, Error> {
        match found {
            Ok(Finding::Proven { matched, claims }) => {
                let failed = self.failed.take().map(|error| format!("an earlier check failed: {}", error.chain()));
                self.warnings.extend(failed);
                return Ok(Some(Proof::Proven { matched, claims, warnings: std::mem::take(&mut self.warnings) }));
            }
            Ok(Finding::Refused { method, reasons, warnings }) => {
                self.warnings.extend(warnings);
                self.refusals.push((method, reasons.join(", ")));
            }
            Err(error) if error.silent => return Err(error),
            Err(error) => self.failed = self.failed.take().or(Some(error)),
        }
        Ok(None)
    }

    /// Nothing is proven: a no, unless an evidence could not say.
    pub fn conclude(self) -> Result<Proof, Error> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Proof::Refused { reason: summarize_refusals(&self.refusals), warnings: self.warnings }),
        }
    }
}

impl Proof {
    /// Those that a proven token is meant for.
    pub fn audiences(&self) -> &[String] {
        match self {
            Self::Proven { claims, .. } => &claims.audiences,
            Self::Refused { .. } => &[],
        }
    }

    /// Whether it is enough for these requirements.
    pub fn meet(&self, requirements: &Requirements) -> Decision {
        match self {
            Self::Proven { claims, .. } if claims.bound_to.is_some() => Decision::refuse(BOUND.to_owned(), Vec::new()),
            Self::Proven { matched, claims, warnings } => {
                apply_requirements(requirements, *matched, claims, warnings.clone())
            }
            Self::Refused { reason, warnings } => Decision::refuse(reason.clone(), warnings.clone()),
        }
    }
}

impl Decision {
    fn refuse(reason: String, warnings: Vec<String>) -> Self {
        Self { allowed: false, reason, missing: Vec::new(), matched: None, identity: None, warnings }
    }
}

/// Why a bound token without its proof is refused.
const BOUND: &str = "it is bound to a key, and no proof of possession was checked (RFC 9449 §7.2)";

fn apply_requirements(
    requirements: &Requirements,
    matched: Matched,
    claims: &Claims,
    mut warnings: Vec<String>,
) -> Decision {
    let Claims { identity, audiences, unproven, .. } = claims;
    warnings.extend(claims.warnings.iter().cloned());
    if matched == Matched::Jwks && requirements.audiences.is_empty() {
        warnings.push("the audience was not checked: pass --audience".to_owned());
    }
    let missing = requirements.find_missing(identity, audiences);
    let who = describe_identity(identity).map(|who| who + ", ").unwrap_or_default();
    let reason = if missing.is_empty() {
        let key = requirements
            .find_admin_role(identity)
            .map(|role| format!("; its role {} counts as every role", sanitize(role)));
        format!("{who}proven by {}{}", matched.name(), key.unwrap_or_default())
    } else {
        let unproven = unproven.map(|sentence| format!(": {sentence}")).unwrap_or_default();
        format!("{who}proven by {}, lacks {}{unproven}", matched.name(), sanitize(&missing.join(" ")))
    };
    Decision {
        allowed: missing.is_empty(),
        reason,
        missing,
        matched: Some(matched),
        identity: Some(identity.clone()),
        warnings,
    }
}

/// Describes an identity: `the user alice`.
fn describe_identity(who: &Identity) -> Option<String> {
    let name = sanitize(who.name.as_deref().or(who.subject.as_deref()).or(who.client_id.as_deref())?);
    Some(if who.kind == Kind::Unknown { name } else { format!("the {} {name}", who.kind.name()) })
}

/// Why nothing is proven. The methods are named only where their reasons differ.
fn summarize_refusals(refusals: &[(&str, String)]) -> String {
    match refusals {
        [] => "there was nothing to check".to_owned(),
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other == first) => first.clone(),
        several => several.iter().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::{Claims, Decision, Evidence, Finding, Matched, Presented, Requirements, decide};
    use crate::edges::Moment;
    use crate::error::{Error, Kind, exit};
    use crate::identity::{Identity, Source};

    /// An evidence that always says the same.
    enum Always {
        Yes(&'static str),
        No(&'static str),
        Fails(u8),
    }

    impl Evidence for Always {
        fn evaluate(&self, _offered: &Presented, _now: Moment) -> Result<Finding, Error> {
            match self {
                Self::Yes(name) => {
                    let identity =
                        Identity::from_secret(Source::StaticSecret, Some((*name).to_owned()), "x".to_owned());
                    Ok(Finding::Proven { matched: Matched::Primary, claims: Box::new(Claims::from_identity(identity)) })
                }
                Self::No(why) => Ok(Finding::refused("always", *why)),
                Self::Fails(exit) => Err(Error::new(Kind::Network, *exit, "down")),
            }
        }
    }

    fn decided(evidences: Vec<Always>, requirements: &Requirements) -> Result<Decision, Error> {
        let boxed: Vec<Box<dyn Evidence>> =
            evidences.into_iter().map(|one| Box::new(one) as Box<dyn Evidence>).collect();
        decide(&boxed, requirements, &Presented::default(), Moment::from_epoch(0))
    }

    use Always::{Fails, No, Yes};

    #[test]
    fn first_proof_settles_who_it_is() {
        let free = Requirements::default();
        let yes = decided(vec![No("a"), Yes("one"), Yes("two")], &free).unwrap();
        assert_eq!((yes.allowed, yes.reason.as_str()), (true, "one, proven by primary"));
        let bound = Requirements { scopes: vec!["w".to_owned()], ..free };
        let no = decided(vec![Yes("one"), Fails(6)], &bound).unwrap();
        assert_eq!((no.allowed, no.missing.join(" ")), (false, "scope:w".to_owned()));
        assert_eq!(no.reason, "one, proven by primary, lacks scope:w");
        assert!(no.identity.is_some() && no.matched == Some(Matched::Primary));
    }

    #[test]
    fn who_cannot_say_says_neither_yes_nor_no() {
        let free = Requirements::default();
        for evidences in [vec![Fails(6)], vec![No("a"), Fails(6)], vec![Fails(6), No("a")], vec![Fails(6), Fails(8)]] {
            assert_eq!(decided(evidences, &free).unwrap_err().exit, exit::RETRY);
        }
        let yes = decided(vec![Fails(6), Yes("one")], &free).unwrap();
        assert!(yes.allowed && yes.warnings == ["an earlier check failed: down"]);
    }

    #[test]
    fn no_evidence_is_no() {
        let free = Requirements::default();
        assert!(!decided(vec![], &free).unwrap().allowed);
        assert_eq!(decided(vec![No("a"), No("a")], &free).unwrap().reason, "a");
        let no = decided(vec![No("a"), No("b")], &free).unwrap();
        assert_eq!(no.reason, "always: a; always: b");
        assert!(!no.allowed && no.identity.is_none() && no.matched.is_none());
    }
}
