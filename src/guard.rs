//! Checks credentials. An evidence evaluates what is presented; the requirements name what is missing; the decision is
//! yes or no and why. It fails closed: yes on positive proof only. What needs the network is passed in as
//! [`Introspector`] and [`Keys`].

mod claims;
mod decision;
mod evidence;
mod introspection;
mod jwks;
mod kong;
mod path_rule;
mod possession;
mod presented;
mod replay_window;
mod requirement;
pub mod signature;
mod static_secret;
mod token_file;
mod token_list;
mod token_type_check;

pub use claims::{ProvidedClaims, read_claims};
pub use decision::{Decision, Findings, Proof, decide};
pub use evidence::{Claims, Evidence, Finding, Matched, Reading, SharedEvidence};
pub use introspection::{Introspection, Introspector};
pub use jwks::{Jwks, Keys, decode_token};
pub use kong::{GatewaySignature, Kong, read_gateway};
pub use path_rule::PathRule;
pub use possession::{Presentation, Unproven};
pub use presented::{NO_TOKEN, Presented};
pub use replay_window::{ReplayWindow, UsedProof};
pub use requirement::Requirements;
pub use static_secret::StaticSecret;
pub use token_file::TokenFile;
pub use token_list::TokenList;
