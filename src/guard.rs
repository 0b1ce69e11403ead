//! Does this credential get in? An evidence looks at what is offered and says who it is, or why it proves nothing; the
//! requirements say what is missing; the decision says yes or no and why. One mechanism for `check`, `inspect` and a gate.
//!
//! Fail closed: yes on positive proof only. Nothing here speaks to the network: what must be asked (an introspection
//! endpoint, an issuer's keys) is handed in as [`Introspector`] and [`Keys`].

mod claims;
mod decision;
mod evidence;
mod introspection;
mod jwks;
mod kong;
mod presented;
mod requirement;
pub mod signature;
mod static_secret;
mod token_file;
mod token_list;
mod token_type_check;

pub use claims::{ProvidedClaims, read_claims};
pub use decision::{Decision, decide};
pub use evidence::{Claims, Evidence, Matched, Reading};
pub use introspection::{Introspection, Introspector};
pub use jwks::{Jwks, Keys, decode_token};
pub use kong::{GatewaySignature, Kong, read_gateway};
pub use presented::Presented;
pub use requirement::Requirements;
pub use static_secret::StaticSecret;
pub use token_file::TokenFile;
pub use token_list::TokenList;
