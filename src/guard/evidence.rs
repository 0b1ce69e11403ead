//! How a credential is evaluated, and what that finds.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::edges::Moment;
use crate::error::Error;
use crate::identity::{self, Identity, Rules, Source};
use crate::oauth::validity::{self, Expected};
use crate::oauth::{claim, warnings};

use super::presented::Presented;
use super::token_type_check;

/// How much earlier than its `nbf` a token is accepted unless the caller says: its issuer's clock may be ahead.
const EARLY: Duration = Duration::from_secs(5);

/// What clocks may differ by: a token that is not valid for longer is meant for later.
const LIKELY_SKEW: i64 = 300;

/// What proved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    /// A token of a token file.
    TokenFile,
    /// A token of an environment variable.
    TokensEnv,
    /// The shared secret.
    Primary,
    /// The other shared secret, during rotation.
    Alternate,
    /// The authorization server's word (RFC 7662).
    Introspection,
    /// The signature of the issuer.
    Jwks,
    /// Claims that were handed in.
    Claims,
    /// Header fields of a gateway.
    Kong,
}

impl Matched {
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenFile => "token_file",
            Self::TokensEnv => "tokens_env",
            Self::Primary => "primary",
            Self::Alternate => "alternate",
            Self::Introspection => "introspection",
            Self::Jwks => "jwks",
            Self::Claims => "claims",
            Self::Kong => "kong",
        }
    }
}

/// One way to prove a user or service.
pub trait Evidence {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error>;
}

/// An evidence that several threads use.
pub type SharedEvidence = Arc<dyn Evidence + Send + Sync>;

impl<E: Evidence + ?Sized> Evidence for &E {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        (**self).evaluate(offered, now)
    }
}

impl<E: Evidence + ?Sized> Evidence for Arc<E> {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        (**self).evaluate(offered, now)
    }
}

#[derive(Debug)]
pub enum Finding {
    Proven { matched: Matched, claims: Box<Claims> },
    Refused { method: &'static str, reasons: Vec<String>, warnings: Vec<String> },
}

impl Finding {
    pub fn refused(method: &'static str, reason: impl Into<String>) -> Self {
        Self::Refused { method, reasons: vec![reason.into()], warnings: Vec::new() }
    }

    /// Proven by a secret alone, whose owner nothing names but a label.
    pub(super) fn proven_by_secret(
        matched: Matched,
        label: Option<String>,
        secret: &str,
        warnings: Vec<String>,
    ) -> Self {
        let source = if matched == Matched::TokenFile { Source::TokenFile } else { Source::StaticSecret };
        let reason = format!("{secret} does not identify a user or service");
        let claims = Claims { warnings, ..Claims::from_identity(Identity::from_secret(source, label, reason)) };
        Self::Proven { matched, claims: Box::new(claims) }
    }
}

/// How claims are read and judged.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub rules: Rules,
    /// Audiences that `aud` must contain.
    pub audiences: Vec<String>,
    /// Allowed clock skew; without one a token may be a little early, but never late.
    pub leeway: Option<Duration>,
    /// Whether a token may be bound to a key, because its proof of possession is checked afterwards.
    pub takes_proofs: bool,
}

/// What a credential claims, and the problems with it.
#[derive(Debug)]
pub struct Claims {
    /// The JOSE header, or the header fields of a gateway.
    pub header: Option<Map<String, Value>>,
    pub payload: Map<String, Value>,
    pub identity: Identity,
    pub audiences: Vec<String>,
    /// Why it must not be accepted.
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
    /// What a proof of this kind does not prove, for when a requirement is not met.
    pub unproven: Option<&'static str>,
    /// The key that it is bound to (RFC 9449 §6): nothing is proven before a proof of possession is checked.
    pub bound_to: Option<String>,
}

impl Claims {
    /// Reads claims, and adds the problems with issuer, audience and times.
    pub(super) fn from_claims(
        (header, claims): (Option<Map<String, Value>>, Map<String, Value>),
        source: Source,
        (reading, issuer, expires): (&Reading, Option<&str>, bool),
        mut problems: Vec<String>,
        now: Moment,
    ) -> Self {
        let typ = header.as_ref().and_then(|header| claim::text(header, "typ"));
        let expected = Expected {
            issuer,
            audiences: &reading.audiences,
            expires,
            issued: false,
            leeway: reading.leeway.unwrap_or_default(),
            early: reading.leeway.unwrap_or(EARLY),
            numeric: header.is_some(),
        };
        problems.extend(validity::problems(&claims, &expected, now.epoch()));
        // Of an inactive token a server says nothing else.
        let has_claims = claims.get("active") != Some(&Value::Bool(false));
        let known = header.as_ref().filter(|_| has_claims);
        let mut warnings: Vec<String> =
            known.into_iter().flat_map(|header| warnings::find_warnings(header, &claims, now.epoch())).collect();
        let early = claim::date(&claims, "nbf").map_or(0, |nbf| nbf.saturating_sub(now.epoch()));
        if (1..=LIKELY_SKEW).contains(&early)
            && u64::try_from(early).is_ok_and(|early| early > expected.early.as_secs())
        {
            warnings.push(format!("nbf is {early} s ahead: where the clocks differ that much, add --leeway {early}s"));
        }
        let mut read = Self {
            identity: identity::from_claims(&claims, typ, &reading.rules, source),
            audiences: claim::list(&claims, "aud").into_iter().map(str::to_owned).collect(),
            warnings,
            header,
            payload: claims,
            problems,
            unproven: None,
            bound_to: None,
        };
        read.find_binding(reading);
        read
    }

    /// Finds the key that it is bound to, for who checks proofs.
    pub(super) fn find_binding(&mut self, reading: &Reading) {
        let key = token_type_check::bound_key(&self.payload).filter(|_| reading.takes_proofs);
        self.bound_to = key.map(str::to_owned);
    }

    pub fn from_identity(identity: Identity) -> Self {
        Self {
            header: None,
            payload: Map::new(),
            identity,
            audiences: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            unproven: None,
            bound_to: None,
        }
    }

    /// Proven when there is no problem, nor a reason against presenting the token as it is.
    pub(super) fn into_finding(mut self, matched: Matched) -> Finding {
        let misuse = token_type_check::find_misuse(self.header.as_ref(), &self.payload, self.bound_to.is_some());
        self.problems.extend(misuse);
        if self.problems.is_empty() {
            return Finding::Proven { matched, claims: Box::new(self) };
        }
        Finding::Refused { method: matched.name(), reasons: self.problems, warnings: self.warnings }
    }
}
