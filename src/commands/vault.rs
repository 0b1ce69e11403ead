//! `hallpass vault …`: where secrets are stored.

pub mod list;
pub mod r#move;
pub mod status;

/// Manage the vault that stores secrets
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show which vault is used, and whether it can be
  $ hallpass vault status")]
pub struct Args {}
