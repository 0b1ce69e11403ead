//! `hallpass client rotate`: a new secret or key for a registered client.

use serde_json::json;

use crate::commands::Outcome;
use crate::config::{SecretLocation, Zone};
use crate::context::Context;
use crate::error::{Error, client_metadata};
use crate::flows::registration::management::RegisteredClient;
use crate::jose::{Algorithm, SigningKey};
use crate::oauth::client_auth::Method;
use crate::oauth::registration::client_metadata;
use crate::secret::Secret;
use crate::store::SecretKind;

pub use super::answer::Answer;

/// Renew the secret or key of the zone's client
///
/// A client with private_key_jwt gets a new key of the same kind. Any other requests a new secret with an update; exit 5 if
/// the server keeps the old one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Get a new client secret and store it in the vault
  $ hallpass client rotate -z mine")]
pub struct Args {
    /// Also print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    if zone.auth == Some(Method::None) {
        return Err(client_metadata::public_client(&zone.name));
    }
    let by_key =
        zone.private_key != SecretLocation::None && zone.auth.is_none_or(|method| method == Method::PrivateKeyJwt);
    if by_key && zone.private_key != SecretLocation::Stored {
        return Err(client_metadata::key_elsewhere(&zone.name));
    }
    let mut client = RegisteredClient::open(cx, &zone, None)?;
    let before = client.show()?;
    let mut metadata = client_metadata(&before);
    let former = match before.client_secret {
        None if zone.client_secret == SecretLocation::Stored => cx.stored(&zone, SecretKind::ClientSecret)?,
        secret => secret,
    };
    let key = if by_key { Some(SigningKey::generate(present_algorithm(cx, &zone)?)?) } else { None };
    if let Some(key) = &key {
        metadata.remove("jwks_uri");
        metadata.insert("jwks".to_owned(), json!({"keys": [key.public_jwk()]}));
    }
    // Without its secret in the update, a server gives a new one (RFC 7592 §2.2).
    let secret = former.as_ref().filter(|_| key.is_some());
    let registration = client.update(&metadata, secret, key.as_ref())?;
    let is_new = |now: &Secret| !former.as_ref().is_some_and(|former| former.matches(now));
    if key.is_none() && !registration.client_secret.as_ref().is_some_and(is_new) {
        return Err(client_metadata::secret_unchanged(&zone.name));
    }
    let (asked, zone) = (Some(&metadata), Some(&client.zone));
    Ok(Outcome::view(Answer::new(cx, registration, asked, zone, key.is_some(), args.show_secrets)?))
}

/// What the present key signs with.
fn present_algorithm(cx: &Context, zone: &Zone) -> Result<Algorithm, Error> {
    if let Some(algorithm) = zone.algorithm {
        return Ok(algorithm);
    }
    let key = cx.private_key(zone)?.ok_or_else(|| client_metadata::no_private_key(&zone.name))?;
    Ok(key.algorithm())
}
