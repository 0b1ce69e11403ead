//! `hallpass client …`: clients register and manage their registration (RFC 7591, RFC 7592).

pub mod answer;
pub mod delete;
mod flags;
pub mod list;
pub mod metadata;
pub mod register;
pub mod rotate;
pub mod show;
pub mod update;

use crate::oauth::native_client;

/// Register and manage a client at an authorization server
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the clients registered by this installation
  $ hallpass client list")]
pub struct Args {}

/// The URL of a client ID metadata document.
pub fn parse_document_url(text: &str) -> Result<String, &'static str> {
    native_client::check_document_url(text).map(|()| text.to_owned())
}
