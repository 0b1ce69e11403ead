//! `hallpass vault …`: where secrets are stored.

pub mod list;
pub mod r#move;
pub mod status;

/// Manage the vault that stores secrets
///
/// There are two: keyring, the one of the operating system, and sealed, an encrypted file. A zone stays in the vault where
/// it was made (zone add --vault, HALLPASS_VAULT) until `vault move`. The sealed vault is opened by a passphrase, which is
/// asked for on a terminal, or by a key, for a machine where nobody types it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show which vault is used, and whether it can be
  $ hallpass vault status

  # Make a key for the sealed vault, unless there is one, and use it
  $ (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key)
  $ export HALLPASS_VAULT=sealed
  $ export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key")]
pub struct Args {}
