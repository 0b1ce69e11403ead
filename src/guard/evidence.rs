//! What can prove who somebody is, and what it says.

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
    /// The other shared secret, while one is replaced by the next.
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
    /// Its name in the JSON answer.
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

/// One way to prove who somebody is.
pub trait Evidence {
    /// What it is called in a reason.
    fn name(&self) -> &'static str;

    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error>;
}

#[derive(Debug)]
pub enum Finding {
    Proven { matched: Matched, said: Box<Claims> },
    Refused { reasons: Vec<String>, warnings: Vec<String> },
}

impl Finding {
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reasons: vec![reason.into()], warnings: Vec::new() }
    }
}

/// How claims are read and judged.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Which roles make a service, and where roles stand.
    pub rules: Rules,
    /// Audiences that must be named, or else that is a problem.
    pub audiences: Vec<String>,
    /// How far two clocks may be apart.
    pub leeway: Duration,
}

/// What credentials say, and what speaks against believing them.
#[derive(Debug)]
pub struct Claims {
    /// The JOSE header, or the header fields of a gateway.
    pub header: Option<Map<String, Value>>,
    pub payload: Map<String, Value>,
    pub identity: Identity,
    pub audiences: Vec<String>,
    /// Why it must not be believed; empty when nothing speaks against it.
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
    /// What a proof of this kind leaves open, in a sentence for when a requirement is not met.
    pub unproven: Option<&'static str>,
}

impl Claims {
    /// Reads claims and judges issuer, audience and times beside the `problems` that are known already.
    pub(super) fn from_claims(
        (header, claims): (Option<Map<String, Value>>, Map<String, Value>),
        source: Source,
        (reading, issuer, expires): (&Reading, Option<&str>, bool),
        mut problems: Vec<String>,
        now: Moment,
    ) -> Self {
        let expected = Expected { issuer, audiences: &reading.audiences, expires, leeway: reading.leeway };
        problems.extend(validity::problems(&claims, &expected, now.epoch()));
        Self {
            identity: identity::from_claims(&claims, &reading.rules, source),
            audiences: claim::list(&claims, "aud").into_iter().map(str::to_owned).collect(),
            warnings: header
                .as_ref()
                .map(|header| warnings::find_warnings(header, &claims, now.epoch()))
                .unwrap_or_default(),
            header,
            payload: claims,
            problems,
            unproven: None,
        }
    }

    /// Who is known by a secret alone.
    pub(super) fn from_secret(identity: Identity) -> Self {
        Self {
            header: None,
            payload: Map::new(),
            identity,
            audiences: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            unproven: None,
        }
    }

    /// Proven by this when nothing speaks against it, nor against presenting it bare.
    pub(super) fn into_finding(mut self, matched: Matched) -> Finding {
        self.problems.extend(token_type_check::find_misuse(self.header.as_ref(), &self.payload));
        if self.problems.is_empty() {
            return Finding::Proven { matched, said: Box::new(self) };
        }
        Finding::Refused { reasons: self.problems, warnings: self.warnings }
    }
}
