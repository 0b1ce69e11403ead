//! What another program needs so that it calls its helper: links, and lines in its configuration.
//!
//! A change adds what is missing and nothing else, so that a second installation changes nothing, and taking it back leaves
//! the files as they were.

mod change;
mod members;
mod plan;

pub use change::{Change, State};
pub use plan::{Plan, PlanFlags, program_names};
