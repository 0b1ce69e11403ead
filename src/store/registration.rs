//! What is not finished of registrations, one journal for each zone: a registration whose response was lost is not sent
//! twice, what a server gave stays here until it is saved, and so do private keys whose public halves were sent.
//!
//! A registration access token may be good for one use only, and a client secret is given once. So a response is written
//! down whole before anything else is done with it, and its entry goes when the vault has what was in it.

mod earlier;
mod entry;
mod journal;
mod text;

pub use entry::{Entry, State};
pub use journal::{Journal, Registrations};
