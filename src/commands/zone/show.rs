//! `hallpass zone show`: settings with their origins; secrets as `stored`, `referenced` or `none`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::config::row::{Row, Variable};
use crate::config::{Origin, Zone};
use crate::context::{Chosen, Context};
use crate::error::Error;
use crate::flows::client::credential;
use crate::flows::discovery;
use crate::output::{Cell, Render, Style, Table, Text};

/// In place of a header's value, which may be a credential.
const HIDDEN: &str = "[hidden]";

/// The member of the JSON that is no setting: what chose the zone.
const CHOSEN_BY: &str = "chosen_by";

/// Show a zone: what is set, with its origin
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the settings of the zone, and where each comes from
  $ hallpass zone show

  # Every setting, as JSON
  $ hallpass zone show prod --all --json")]
pub struct Args {
    /// The zone (default: the one in effect)
    #[arg(add = crate::commands::completions::zones())]
    name: Option<String>,
    /// Show every setting, those that are not set as well
    #[arg(long)]
    all: bool,
    /// Also print the values of headers
    #[arg(long)]
    show_secrets: bool,
}

/// A zone and its settings.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone.
    name: String,
    /// What is set, or every setting with `--all`, with its origin, by its key in the configuration.
    #[serde(flatten, serialize_with = "by_key")]
    #[schemars(with = "BTreeMap<String, Setting>")]
    settings: Vec<(String, Setting)>,
    /// What named the zone.
    #[serde(skip)]
    named_by: String,
}

/// A setting and where it comes from.
#[derive(Serialize, JsonSchema)]
pub struct Setting {
    /// The value; null when there is none.
    value: Value,
    /// Where it was set.
    origin: String,
}

fn by_key<S: Serializer>(settings: &[(String, Setting)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(settings.iter().map(|(key, setting)| (key, setting)))
}

impl Render for Answer {
    fn text(&self) -> Text {
        // What chose the zone is the origin of its name.
        let settings = self.settings.iter().filter(|(key, _)| key != CHOSEN_BY);
        let settings = settings.map(|(key, one)| vec![key.clone(), show_plain(&one.value), one.origin.clone()]);
        let named = std::iter::once(vec!["name".to_owned(), self.name.clone(), self.named_by.clone()]);
        let rows: Vec<Vec<String>> = named.chain(settings).collect();
        let screen_row =
            |row: &Vec<String>| vec![Cell::name(&row[0]), Cell::from(&row[1]), Cell::from(&row[2]).style(Style::Dim)];
        let head = &["setting", "value", "origin"];
        Text::Shown { screen: Table { head, rows: rows.iter().map(screen_row).collect(), ..Table::default() }, rows }
    }
}

/// The value of a setting, as a person reads it.
pub fn show_plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(show_plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// The vault is not opened.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let Chosen { zone, origin } = match &args.name {
        Some(name) => cx.zone_named(name, Origin::Flag)?,
        None => cx.zone()?,
    };
    if !zone.ephemeral() {
        // A misspelled key does nothing.
        cx.ui.warn_each(cx.config()?.warnings());
    }
    let zone = credential::with_proofs(cx, &zone)?.into_owned();
    let named_by = origin.to_string();
    let mut settings = vec![(CHOSEN_BY.to_owned(), json!(origin.to_string()), origin.to_string())];
    for (row, value, given) in zone.settings() {
        let origin = if !given {
            Origin::Default
        } else if zone.ephemeral() {
            Origin::Environment(find_variable(cx, row))
        } else {
            Origin::User
        };
        let hides = row.key == "header" && !args.show_secrets;
        let value = if row.key == "grant" {
            json!(zone.grant().to_string())
        } else if hides {
            zone.headers.iter().map(|(name, _)| format!("{name}:{HIDDEN}")).collect()
        } else {
            value
        };
        settings.push((row.key.to_owned(), value, origin.to_string()));
    }
    if zone.auth.is_none() {
        choose_auth(cx, &zone, &mut settings);
    }
    add_overrides(cx, &zone, &mut settings)?;
    settings.retain(|(_, _, origin)| args.all || *origin != Origin::Default.to_string());
    let named_by = if args.name.is_some() { "argument".to_owned() } else { named_by };
    let settings = settings.into_iter().map(|(key, value, origin)| (key, Setting { value, origin })).collect();
    Ok(Outcome::view(Answer { name: zone.name, settings, named_by }))
}

/// The variable that makes a setting of the ephemeral zone.
fn find_variable(cx: &Context, row: &Row) -> &'static str {
    let reference = Row::by_key(&format!("{}_ref", row.key)).and_then(|row| row.variable);
    match row.variable.or(reference) {
        Some(Variable::Secret { file, .. }) if cx.environment.text(file).is_some() => file,
        Some(variable) => variable.name(),
        None => "HALLPASS_ISSUER",
    }
}

/// Shows the method that a mint would use, from metadata that is known already.
fn choose_auth(cx: &Context, zone: &Zone, settings: &mut [(String, Value, String)]) {
    let known = discovery::cached_metadata(cx, zone);
    let Ok(listed) = credential::list_methods(known.as_ref(), "token_endpoint") else { return };
    if let (Ok(method), Some(slot)) =
        (credential::choose_method(zone, listed.as_deref()), settings.iter_mut().find(|(name, ..)| name == "auth"))
    {
        slot.1 = json!(method.to_string());
        slot.2 = if known.is_some() { Origin::Discovered } else { Origin::Default }.to_string();
    }
}

/// What flags, environment and user settings override in this call.
fn add_overrides(cx: &Context, zone: &Zone, settings: &mut Vec<(String, Value, String)>) -> Result<(), Error> {
    cx.settings()?;
    let patience = cx.patience();
    let mut over = vec![("deadline", json!(format!("{}s", patience.value.as_secs_f64())), patience.origin.to_string())];
    if let Some(cacert) = cx.cacert(Some(zone)) {
        over.push(("cacert", json!(cacert.value), cacert.origin.to_string()));
    }
    if let Some(proxy) = cx.proxy() {
        over.push(("proxy", json!(without_user(&proxy.value)), proxy.origin.to_string()));
    }
    for (name, value, origin) in over {
        settings.retain(|(known, ..)| known != name);
        settings.push((name.to_owned(), value, origin));
    }
    Ok(())
}

/// A proxy's URL without its user and password.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let bare = rest.rsplit_once('@').map_or(rest, |(_, bare)| bare);
    if scheme.is_empty() { bare.to_owned() } else { format!("{scheme}://{bare}") }
}

#[cfg(test)]
mod tests {
    use super::without_user;

    #[test]
    fn proxy_is_shown_without_its_password() {
        assert_eq!(without_user("http://u:hunter2@p.example:8080"), "http://p.example:8080");
        assert_eq!(without_user("u:hunt@er2@p.example"), "p.example");
        assert_eq!(without_user("http://p.example/"), "http://p.example/");
    }
}
