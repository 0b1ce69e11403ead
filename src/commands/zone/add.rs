//! `hallpass zone add`: a new zone, its secret first.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::commands::interview;
use crate::config::{Backend, SecretLocation, Zone};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error};
use crate::flows::token::session;
use crate::flows::zone::{NewSecrets, pin_vault_for_dpop};
use crate::output::{Render, Text};

use super::flags::{Flags, parse_issuer};

/// Add a zone
///
/// On a terminal, without name or issuer, it asks for what is missing. --header and --cacert become settings of the zone. The first zone added becomes the default.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # A service; its secret is read from stdin and stored in the vault
  $ printf %s "$CI_SECRET" | hallpass zone add ci \
      --issuer https://sso.example/realms/acme --client-id deploy \
      --client-secret-from -

  # The secret is not stored, but read at every use
  $ hallpass zone add ci --issuer https://sso.example/realms/acme \
      --client-id deploy --client-secret-ref env:CI_SECRET

  # A client that signs with a private key
  $ hallpass zone add signed --issuer https://sso.example/realms/acme \
      --client-id signer --private-key-from file:key.pem

  # A workload whose platform signs the assertion
  $ hallpass zone add build --issuer https://sso.example/realms/acme \
      --client-id workload --client-assertion-ref env:CI_ASSERTION"#)]
pub struct Args {
    /// Its name: lower-case letters, digits, - and _
    name: Option<String>,
    /// The issuer, exactly as in the metadata
    #[arg(long, value_name = "URL", value_parser = parse_issuer)]
    issuer: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// Vault for its secrets: keyring or sealed (default: `HALLPASS_VAULT`, else keyring)
    #[arg(long, value_name = "VAULT", value_parser = crate::commands::choice::vault_parser())]
    vault: Option<Backend>,
    /// Make it the default zone
    #[arg(long)]
    default: bool,
    /// Replace the zone of this name
    #[arg(long)]
    replace: bool,
}

/// The zone as it is now.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Its name.
    name: String,
    /// Its issuer.
    issuer: String,
    /// Its client.
    client_id: Option<String>,
    /// `stored`, `referenced` or `none`.
    client_secret: &'static str,
    /// `stored`, `referenced` or `none`.
    private_key: &'static str,
    /// Where the key of its certificate is: `stored`, `referenced` or `none`.
    cert_key: &'static str,
    /// Where its secrets are stored; null when it has none.
    vault: Option<String>,
    /// Whether it is the default zone now.
    default: bool,
    /// What a person reads.
    #[serde(skip)]
    line: String,
}

impl Answer {
    /// Describes a zone after it was added, replaced or changed; `line` says so to a person.
    pub fn new(zone: &Zone, default: bool, line: String) -> Self {
        Self {
            name: zone.name.clone(),
            issuer: zone.issuer.clone(),
            client_id: zone.client_id.clone(),
            client_secret: zone.client_secret.as_str(),
            private_key: zone.private_key.as_str(),
            cert_key: zone.cert_key.as_str(),
            vault: zone.vault.map(|vault| vault.to_string()),
            default,
            line,
        }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.line.clone())
    }
}

/// Says where the secrets of a new zone are, and whether it is the default one.
fn describe(zone: &Zone, default: bool, done: &str) -> String {
    let secrets = zone.secret_locations().into_iter().zip(["client secret", "private key", "certificate's key"]);
    let secret: String = secrets
        .map(|((_, location), what)| match (location, zone.vault) {
            (SecretLocation::Stored, Some(vault)) => format!("; its {what} is stored in the {vault} vault"),
            (SecretLocation::Referenced(_), _) => format!("; its {what} is read at every use"),
            _ => String::new(),
        })
        .collect();
    let default = if default { "; it is the default zone" } else { "" };
    format!("zone {} {done}{secret}{default}", zone.name)
}

/// What is known of the zone before anything is done.
struct Wanted {
    name: String,
    issuer: String,
    flags: Flags,
}

/// What was given; a person is asked for the rest when the name or the issuer is missing.
fn complete(cx: &Context, args: &Args) -> Result<Wanted, Error> {
    let mut flags = args.flags.clone();
    if let (Some(name), Some(issuer)) = (&args.name, &args.issuer) {
        return Ok(Wanted { name: name.clone(), issuer: issuer.clone(), flags });
    }
    if !cx.may_ask() {
        return Err(error::new_zone::incomplete(args.name.is_none(), args.issuer.is_none()));
    }
    let zones = cx.config()?.zones();
    let is_free = |name: &str| args.replace || !zones.contains(&name);
    let issuer = args.issuer.clone().map_or_else(|| interview::ask_issuer(cx, "--issuer"), Ok)?;
    let name = args.name.clone().map_or_else(|| interview::ask_name(cx, &issuer, "NAME", is_free), Ok)?;
    if !flags.has("client_id")
        && let Some(id) = interview::ask_client_id(cx)?
    {
        flags.set("client_id", &id);
    }
    if flags.has("client_id") {
        interview::complete_proof(cx, &mut flags, "secret")?;
    }
    Ok(Wanted { name, issuer, flags })
}

/// Checks name, vault and secret before anything is written.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let refuse_existing = |name: &str, exists: bool| {
        if exists && !args.replace { Err(error::zone::exists_unreplaced(name)) } else { Ok(()) }
    };
    if let Some(name) = &args.name {
        check_new_name(name)?;
        refuse_existing(name, cx.config()?.zones().contains(&name.as_str()))?;
    }
    let Wanted { name, issuer, flags } = complete(cx, args)?;
    let former = cx.config()?.zone(&name).ok().flatten();
    let mut zone = Zone::new(&name, &issuer);
    zone.vault = args.vault;
    flags.apply(cx, &mut zone)?;
    pin_vault_for_dpop(cx, &mut zone)?;
    let secrets = NewSecrets::read(cx, flags.secrets(), &zone)?;
    secrets.apply_locations(&mut zone);
    let (done, default) = cx.edit_config_with(
        |config| {
            let exists = config.zones().contains(&zone.name.as_str());
            refuse_existing(&zone.name, exists)?;
            config.put_zone(&zone)?;
            if args.default {
                config.set_default(&zone.name)?;
            }
            let default = config.default_zone() == Some(zone.name.as_str());
            Ok((if exists { "replaced" } else { "added" }, default))
        },
        |_, write| secrets.save(cx, former.as_ref(), &zone, write),
    )?;
    session::forget_replaced(cx, former.as_ref(), &zone);
    let line = describe(&zone, default, done);
    Ok(Outcome::view(Answer::new(&zone, default, line)))
}
