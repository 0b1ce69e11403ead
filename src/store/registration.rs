//! Unfinished registrations, one journal for each zone, so that a registration whose response was lost is not sent twice.
//!
//! A registration access token may be valid for one use, and a client secret is returned once. So a response is stored
//! whole before it is used, and its entry stays until the vault has its secrets.

mod earlier;
mod entry;
mod journal;

pub use entry::{Entry, State};
pub use journal::{Journal, Registrations};
