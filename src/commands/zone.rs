//! `hallpass zone …`: named issuers with their client and settings.

pub mod add;
pub mod default;
pub mod edit;
pub mod export;
mod flags;
pub mod has;
pub mod import;
pub mod list;
pub mod path;
pub mod remove;
pub mod rename;
pub mod show;

pub use flags::{Flags, ProofFlags, apply_global_flags, parse_issuer};

/// Manage zones: a named issuer with its client and settings
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show all zones
  $ hallpass zone list")]
pub struct Args {}
