//! `hallpass client rotate`: a new secret or key for a registered client.

use serde_json::json;

use crate::commands::Outcome;
use crate::config::{Held, Zone};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, exit};
use crate::flows::registration::management::Registered;
use crate::flows::registration::rescue::Key;
use crate::oauth::client_auth::Method;
use crate::oauth::registration::{changes, whole};
use crate::store::Kind;

pub use super::answer::Answer;
use super::answer::{Shown, warn_of_expiry};

/// Renew the secret or key of the zone's client
///
/// A client with private_key_jwt gets a new key of the same kind. Another one asks for a new secret by an update; servers
/// that keep the old one are exit 5.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass client register \"$HALLPASS_ISSUER\" --grant client_credentials --save-as mine && hallpass client rotate -z mine && hallpass token -z mine"
)]
pub struct Args {
    /// Show the secrets in the answer as well
    #[arg(long)]
    show_secrets: bool,
}

/// Rotates.
///
/// # Errors
/// 5 when the server keeps the old secret, 8 when an answer was lost: then the new key is in a file that the error names.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    if zone.auth == Some(Method::None) {
        return Err(Error::usage(format!("the client of zone {} is public: it has nothing to rotate", zone.name)));
    }
    let by_key = zone.private_key != Held::None && zone.auth.is_none_or(|method| method == Method::PrivateKeyJwt);
    if by_key && zone.private_key != Held::Stored {
        return Err(Error::usage(format!("the key of zone {} rests elsewhere and is renewed there", zone.name)));
    }
    let mut registered = Registered::of(cx, &zone, None)?;
    let before = registered.show()?;
    let mut metadata = whole(&before);
    let former = match before.client_secret.clone() {
        None if zone.client_secret == Held::Stored => cx.stored(&zone, Kind::ClientSecret)?,
        secret => secret,
    };
    let key = if by_key { Some(Key::generate(&algorithm(cx, &zone)?)?) } else { None };
    if let Some(key) = &key {
        metadata.remove("jwks_uri");
        metadata.insert("jwks".to_owned(), json!({"keys": [key.public]}));
    }
    // Without its secret in the update, a server gives a new one (RFC 7592 §2.2).
    let secret = former.as_ref().filter(|_| key.is_some());
    let registration = registered.update(&metadata, secret, key.as_ref())?;
    let same = match (&former, &registration.client_secret) {
        (_, None) => true,
        (Some(former), Some(now)) => former.matches(now),
        (None, Some(_)) => false,
    };
    if key.is_none() && same {
        return Err(Error::new(ErrorKind::Protocol, exit::REFUSED, "the server kept the old client secret")
            .hint("let its administrator renew it, then: hallpass zone edit ZONE --client-secret-from -"));
    }
    warn_of_expiry(cx, &registration, Some(&zone.name));
    Ok(Outcome::view(Answer::from(Shown {
        changes: changes(&metadata, &registration.members),
        registration,
        saved: Some((zone.name.clone(), cx.backend_of(&zone)?.to_string())),
        key: key.is_some(),
        secrets: args.show_secrets,
        whole: false,
    })))
}

/// What the present key signs with.
fn algorithm(cx: &Context, zone: &Zone) -> Result<String, Error> {
    if let Some(algorithm) = &zone.algorithm {
        return Ok(algorithm.to_string());
    }
    if cx.options.dry_run {
        return Ok("ES256".to_owned());
    }
    let key = cx.private_key(zone)?.ok_or_else(|| Error::config(format!("zone {} has no private key", zone.name)))?;
    Ok(key.algorithm().name().to_owned())
}
