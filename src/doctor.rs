//! Why does it not work: one check after the other, each of which judges one thing.
//!
//! Each check is one file: it looks, and says what it found and what to do. The [`plan`] has their order and what each
//! needs, so that one cause is one `fail`, and what can't be judged because of it is `skip` and names it.

#![allow(clippy::unnecessary_wraps, reason = "all checks have one signature")]

mod case;
mod check;
mod client;
mod finding;
mod local;
mod plan;
mod pseudonym;
mod remedy;
mod server;
mod token;

pub use case::{Case, Questions};
pub use finding::{Finding, State};
pub use plan::examine;
pub use pseudonym::Pseudonyms;
pub use server::{Server, recognize};
