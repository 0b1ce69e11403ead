//! How the claims of a credential are read: the flags of `inspect` and `check`.

use std::time::Duration;

use crate::edges::parse_span;
use crate::guard::Reading;
use crate::identity::Rules;

#[derive(Debug, clap::Args)]
pub struct ReadingFlags {
    /// Realm role that marks a service account (default: service and service-account); repeatable
    #[arg(long, value_name = "ROLE", value_parser = parse_name)]
    service_role: Vec<String>,
    /// Also read roles from this claim, such as groups or a.b; repeatable
    #[arg(long, value_name = "PATH", value_parser = parse_name)]
    role_claim: Vec<String>,
    /// Allowed clock skew (default: 5s for nbf, none for exp)
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    leeway: Option<Duration>,
}

impl ReadingFlags {
    /// How claims are read, with the audiences that they must have.
    pub fn reading(&self, audiences: &[String]) -> Reading {
        let rules = Rules { service_roles: self.service_role.clone(), role_claims: self.role_claim.clone() };
        Reading { rules, audiences: audiences.to_vec(), leeway: self.leeway, takes_proofs: false }
    }
}

/// An empty name would require nothing: probably its variable was not set.
pub fn parse_name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty; omit the flag to require nothing".to_owned());
    }
    Ok(text.to_owned())
}
