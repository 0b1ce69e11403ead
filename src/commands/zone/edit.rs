//! `hallpass zone edit`: changes what is named and nothing else.

use crate::commands::Outcome;
use crate::commands::choice::ChoiceParser;
use crate::config::table::SETTINGS;
use crate::config::{Backend, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::token::session;
use crate::flows::zone::{NewSecrets, pin_vault_for_dpop};
use crate::store::SecretKind;
use crate::text::sanitize;

pub use super::add::Answer;
use super::flags::{Flags, parse_issuer};
use super::show::show_plain;

/// Change settings of a zone
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Ask for other scopes, and no longer for an audience
  $ hallpass zone edit prod --scope 'read write' --unset audience

  # Replace the client secret
  $ hallpass zone edit prod --client-secret-from env:CI_SECRET")]
pub struct Args {
    /// The zone
    #[arg(add = crate::commands::completions::zones())]
    name: String,
    /// The issuer, exactly as in the metadata
    #[arg(long, value_name = "URL", value_parser = parse_issuer)]
    issuer: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// Vault for secrets stored from now on; `hallpass vault move` moves the present ones
    #[arg(long, value_name = "VAULT", value_parser = crate::commands::choice::vault_parser())]
    vault: Option<Backend>,
    /// Reset this setting to its default; repeatable
    #[arg(long, value_name = "KEY", value_parser = setting_parser(), hide_possible_values = true)]
    unset: Vec<String>,
    /// Make it the default zone
    #[arg(long)]
    default: bool,
}

/// Takes the key of a setting that a zone can do without.
fn setting_parser() -> ChoiceParser<impl Fn(&str) -> bool + Clone> {
    let keys = || SETTINGS.iter().filter(|row| row.can_unset).map(|row| row.key);
    ChoiceParser::new(keys().collect(), move |text| keys().any(|key| key == text.replace('-', "_")))
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let of_zone = args.issuer.is_none() && args.vault.is_none() && args.unset.is_empty() && !args.default;
    if of_zone && args.flags.is_empty(cx) {
        return Err(error::zone::nothing_to_change());
    }
    let mut planned = cx.configured_zone(&args.name, "can't be edited: change the variables")?;
    apply_changes(cx, args, &mut planned)?;
    pin_vault_for_dpop(cx, &mut planned)?;
    let secrets = NewSecrets::read(cx, args.flags.secrets(), &planned)?;
    // Another process may have changed it meanwhile: the flags are applied on top of that.
    let (before, zone, default) = cx.edit_config_with(
        |config| {
            let before = config.zone(&args.name)?.ok_or_else(|| error::zone::removed_meanwhile(&planned.name))?;
            let mut zone = before.clone();
            apply_changes(cx, args, &mut zone)?;
            zone.vault = zone.vault.or(planned.vault);
            secrets.apply_locations(&mut zone);
            config.set_zone(&zone)?;
            if args.default {
                config.set_default(&zone.name)?;
            }
            let default = config.default_zone() == Some(zone.name.as_str());
            Ok((before, zone, default))
        },
        |(before, zone, _), write| secrets.save(cx, Some(before), zone, write),
    )?;
    session::forget_replaced(cx, Some(&before), &zone);
    let moved = !before.is_same_client(&zone);
    for (kind, flag) in
        [(SecretKind::ClientSecret, "--client-secret-from -"), (SecretKind::PrivateKey, "--private-key-from -")]
    {
        if moved && zone.stores(kind.name()) && args.flags.source(kind).is_none() {
            let what = kind.name().replace('_', " ");
            cx.ui.warn(&format!(
                "the stored {what} belongs to the former issuer, client or endpoint and will not be sent"
            ));
            cx.ui.info(&format!("store the right one: hallpass zone edit {} {flag}", zone.name));
        }
    }
    let changes = list_changes(&before, &zone, &secrets, args.default);
    let line = format!("zone {} {}", zone.name, if changes.is_empty() { "is as it was" } else { "changed: " });
    Ok(Outcome::view(Answer::new(&zone, default, line + &sanitize(&changes.join("; ")))))
}

/// What is different now, as a person reads it. A secret may be another one in the same place.
fn list_changes(before: &Zone, zone: &Zone, secrets: &NewSecrets, default: bool) -> Vec<String> {
    let mut changes = Vec::new();
    for (row, now, is_set) in zone.settings() {
        let was = (row.get)(before).show(row).filter(|_| (row.is_set)(before));
        let renewed = is_set && secrets.has_stored(row.key);
        if Some(&now).filter(|_| is_set) == was.as_ref() && !renewed {
            continue;
        }
        let hidden = row.key == "header";
        let was = was
            .filter(|was| !hidden && *was != now)
            .map_or_else(String::new, |was| format!(" (was {})", show_plain(&was)));
        changes.push(match (is_set, hidden) {
            (false, _) => format!("{} unset{was}", row.key),
            (true, true) => row.key.to_owned(),
            (true, false) if renewed => {
                format!("{} {} in the {} vault{was}", row.key, show_plain(&now), zone.vault.unwrap_or(Backend::Keyring))
            }
            (true, false) => format!("{} {}{was}", row.key, show_plain(&now)),
        });
    }
    changes.extend(default.then(|| "it is the default zone".to_owned()));
    changes
}

/// Makes the changes that do not concern a secret.
fn apply_changes(cx: &Context, args: &Args, zone: &mut Zone) -> Result<(), Error> {
    let (issuer, client_id) = (zone.issuer.clone(), zone.client_id.clone());
    for key in &args.unset {
        zone.unset(key).map_err(|fault| error::zone::invalid_setting(&fault))?;
    }
    if let Some(issuer) = &args.issuer {
        zone.issuer.clone_from(issuer);
    }
    if let Some(backend) = args.vault {
        refuse_losing_secrets(cx, zone, backend, args)?;
        zone.vault = Some(backend);
    }
    args.flags.apply(cx, zone)?;
    // Another client has another registration, or none.
    if issuer != zone.issuer || client_id != zone.client_id {
        zone.registration_client_uri = None;
    }
    Ok(())
}

/// A zone pinned to another vault would no longer find the secrets in the present one.
fn refuse_losing_secrets(cx: &Context, before: &Zone, backend: Backend, args: &Args) -> Result<(), Error> {
    let stored = |kind: SecretKind| before.stores(kind.name()) && args.flags.source(kind).is_none();
    let stays = before.dpop || SecretKind::ALL.into_iter().any(stored) || session::may_exist(cx, before)?;
    if stays && before.vault != Some(backend) {
        return Err(error::zone::secrets_in_other_vault(&before.name, backend));
    }
    Ok(())
}
