//! `hallpass vault …`: where secrets rest.

pub mod list;
pub mod r#move;
pub mod status;

/// Look after the vault, where secrets rest
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass vault status")]
pub struct Args {}
