//! `hallpass client register`: a new client at an authorization server (RFC 7591).

use serde_json::Map;

use crate::commands::Outcome;
use crate::commands::zone::parse_issuer;
use crate::config::{SecretLocation, Zone, derive_zone_name};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error, client_metadata};
use crate::flows::registration::register::{self, RegistrationRequest};
use crate::oauth::grant::Grant;
use crate::source::Source;

pub use super::answer::Answer;
use super::flags::Flags;

/// Register a client and save it as a zone
///
/// Sends only what is given. The client is saved before it is shown, and the command for its first token is printed:
/// `hallpass token -z ZONE`, or `hallpass login -z ZONE` where a user signs in. With -z it is registered at that zone's
/// issuer, and saved into the zone if that has no client yet.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Register a service and save it as zone ci
  $ hallpass client register https://sso.example/realms/acme \
      --grant client_credentials --save-as ci

  # A command-line program that users sign in to
  $ hallpass client register https://sso.example/realms/acme \
      --name 'My tool' --redirect-uri http://127.0.0.1/callback \
      --auth-method none --save-as tool

  # Where the server wants an initial access token
  $ hallpass client register https://sso.example/realms/acme \
      --initial-token-from env:INITIAL_TOKEN \
      --grant client_credentials --save-as jobs

  # A client that signs with a key generated here
  $ hallpass client register https://sso.example/realms/acme \
      --grant client_credentials --auth-method private_key_jwt \
      --generate-key ES256 --save-as signed")]
pub struct Args {
    /// The issuer (default: the zone's)
    #[arg(value_name = "ISSUER", value_parser = parse_issuer)]
    issuer: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// The initial access token, if the server requires one
    #[arg(long, value_name = "SOURCE")]
    initial_token_from: Option<Source>,
    /// Save as this zone (default: a name from the issuer)
    #[arg(long, value_name = "ZONE", conflicts_with = "no_save")]
    save_as: Option<String>,
    /// Save nothing (secrets are printed)
    #[arg(long)]
    no_save: bool,
    /// Replace the zone or its client, even if the outcome of an earlier registration is unknown
    #[arg(long, conflicts_with = "no_save")]
    replace: bool,
    /// Also print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = target_zone(cx, args)?;
    let mut metadata = Map::new();
    let key = args.flags.apply(cx, &mut metadata)?;
    if key.is_some() && args.no_save {
        return Err(client_metadata::key_without_save());
    }
    let initial_token = match &args.initial_token_from {
        Some(source) => Some(cx.read_hidden(source, "initial access token", None)?),
        None => None,
    };
    let has_key = key.is_some();
    let (save, replace) = (!args.no_save, args.replace);
    let client =
        register::register_client(cx, RegistrationRequest { zone, metadata, initial_token, key, save, replace })?;
    let saved = client.backend.is_some();
    let manageable = client.registration.client_uri.is_some() && client.registration.access_token.is_some();
    let has_key = has_key || (client.resumed && client.zone.private_key == SecretLocation::Stored);
    let zone = Some(&client.zone).filter(|_| saved);
    let answer = Answer::new(cx, client.registration, Some(&client.asked), zone, has_key, args.show_secrets)?;
    if !manageable {
        cx.ui.info(
            "the server returned no registration_client_uri and access token, so this client can't be managed from here",
        );
    }
    if saved {
        cx.ui.info(&format!("registered; {}", next_command(&client.zone)));
    }
    Ok(Outcome::view(answer))
}

fn next_command(zone: &Zone) -> String {
    let name = &zone.name;
    match zone.grant() {
        Grant::AuthorizationCode | Grant::DeviceCode => format!("sign in: hallpass login -z {name}"),
        Grant::TokenExchange => format!("a token: hallpass exchange -z {name} --subject-token-from SOURCE"),
        Grant::JwtBearer => format!("a token: hallpass token -z {name} --assertion-from SOURCE"),
        Grant::ClientCredentials | Grant::Extension(_) => format!("a token: hallpass token -z {name}"),
    }
}

fn target_zone(cx: &Context, args: &Args) -> Result<Zone, Error> {
    let base = match &args.issuer {
        Some(issuer) => {
            if cx.options.zone.is_some() {
                return Err(client_metadata::issuer_and_zone());
            }
            Zone::new("", issuer)
        }
        None => cx.zone()?.zone,
    };
    let fresh = args.issuer.is_some() || base.ephemeral();
    let name = match (&args.save_as, fresh) {
        (Some(name), _) => name.clone(),
        (None, false) => base.name.clone(),
        (None, true) => derive_zone_name(&base.issuer).unwrap_or_default(),
    };
    if args.no_save {
        let name = if fresh { "new".to_owned() } else { name };
        return Ok(Zone { name, vault: None, ..base.without_client() });
    }
    if name.is_empty() {
        return Err(error::zone::no_derived_name("--save-as"));
    }
    check_new_name(&name)?;
    let there = cx.config()?.zone(&name)?;
    let into_itself = !fresh && name == base.name;
    match &there {
        Some(zone) if into_itself && zone.client_id.is_none() => {}
        Some(_) if args.replace => {}
        Some(zone) if into_itself => return Err(client_metadata::exists(&zone.name)),
        Some(zone) => return Err(error::zone::exists_unreplaced(&zone.name)),
        None => {}
    }
    Ok(Zone { name, vault: there.and_then(|zone| zone.vault), ..base.without_client() })
}
