//! `hallpass client update`: other metadata for a registered client.

use crate::commands::Outcome;
use crate::config::SecretLocation;
use crate::context::Context;
use crate::error::{Error, client_metadata};
use crate::flows::registration::management::RegisteredClient;
use crate::oauth::registration::client_metadata;
use crate::store::SecretKind;

pub use super::answer::Answer;
use super::flags::Flags;

/// Change the registration of the zone's client
///
/// Reads the registration, changes what is given and sends it back whole: omitted members are deleted (RFC 7592).
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Change its name and its contact
  $ hallpass client update -z mine --name 'Nightly job' \
      --contact ops@acme.example")]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Remove this member; repeatable
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Also print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let mut client = RegisteredClient::open(cx, &cx.zone()?.zone, None)?;
    let before = client.show()?;
    let mut former = client_metadata(&before);
    let mut metadata = former.clone();
    if !args.show_secrets {
        former.values_mut().for_each(|value| cx.ui.secrets().redact_strings(value));
    }
    let key = args.flags.apply(cx, &mut metadata)?;
    for name in &args.unset {
        if name == "client_id" {
            return Err(client_metadata::client_id_unset());
        }
        metadata.remove(name);
    }
    // A server may replace a secret that the update omits (RFC 7592 §2.2).
    let secret = match before.client_secret {
        None if client.zone.client_secret == SecretLocation::Stored => {
            cx.stored(&client.zone, SecretKind::ClientSecret)?
        }
        secret => secret,
    };
    let registration = client.update(&metadata, secret.as_ref(), key.as_ref())?;
    let (asked, zone) = (Some(&metadata), Some(&client.zone));
    let answer = Answer::new(cx, registration, asked, zone, key.is_some(), args.show_secrets)?;
    Ok(Outcome::view(answer.with_former(&former)))
}
