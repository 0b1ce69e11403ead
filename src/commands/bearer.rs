//! `hallpass bearer …`: token files, one bearer token per line.

pub mod add;
pub mod change;
pub mod check;
pub mod disable;
pub mod enable;
mod expiry;
pub mod generate;
pub mod lint;
pub mod list;
pub mod prune;
pub mod remove;
pub mod rotate;
mod selector;
mod token_line;
mod token_spec;

/// Manage a token file: one bearer token per line
///
/// A line that starts with # is a comment. Metadata is kept in the comment above a token; a disabled token is in a comment
/// that starts with #hallpass-off:. Every other byte of the file is preserved, and toolregistry-server can load it. An
/// empty file accepts no token.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Generate a token for a caller; the file gets it too
  $ hallpass bearer generate tokens.txt --label deploy >deploy.token

  # Show what is in the file
  $ hallpass bearer list tokens.txt")]
pub struct Args {}
