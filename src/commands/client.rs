//! `hallpass client …`: clients register and manage their registration (RFC 7591, RFC 7592).

pub mod answer;
pub mod delete;
mod flags;
pub mod list;
pub mod register;
pub mod rotate;
pub mod show;
pub mod update;

/// Register and manage a client at an authorization server
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the clients registered by this installation
  $ hallpass client list")]
pub struct Args {}
