//! `hallpass client update`: other metadata for a registered client.

use crate::commands::Outcome;
use crate::config::Held;
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::management::Registered;
use crate::oauth::registration::{changes, whole};
use crate::store::Kind;

pub use super::answer::Answer;
use super::answer::{Shown, warn_of_expiry};
use super::flags::Flags;

/// Change the registration of the zone's client
///
/// The registration is read, changed by what is given, and sent back whole: RFC 7592 takes what is left out for deleted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass client register \"$HALLPASS_ISSUER\" --grant client_credentials --save-as mine && hallpass client update -z mine --name 'Nightly job' --contact ops@example.com"
)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Take this member out; repeats
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Show the secrets in the answer as well
    #[arg(long)]
    show_secrets: bool,
}

/// Updates.
///
/// # Errors
/// 3 when the client did not register from here, 5 when the server refuses, 8 when an answer was lost.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    let mut registered = Registered::of(cx, &zone, None)?;
    let before = registered.show()?;
    let mut metadata = whole(&before);
    let key = args.flags.apply(cx, &mut metadata)?;
    for name in &args.unset {
        if name == "client_id" {
            return Err(Error::usage("a client can't be without its client_id"));
        }
        metadata.remove(name);
    }
    // A server may take a secret that is left out for one to be replaced (RFC 7592 §2.2).
    let secret = match before.client_secret {
        None if registered.zone.client_secret == Held::Stored => cx.stored(&registered.zone, Kind::ClientSecret)?,
        secret => secret,
    };
    let registration = registered.update(&metadata, secret.as_ref(), key.as_ref())?;
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
