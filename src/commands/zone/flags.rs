//! The flags of `zone add` and `zone edit`, made from the table of settings.

use std::path::{Path, PathBuf};

use clap::builder::ValueHint;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::commands::choice::ChoiceParser;
use crate::config::row::{Flag, Row};
use crate::config::table::SETTINGS;
use crate::config::{Origin, ValueKind, Zone, check_issuer};
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::zone::SecretInput;
use crate::oauth::client_auth::Method;
use crate::oauth::issuer;
use crate::source::Source;
use crate::store::SecretKind;

#[derive(Debug, Default, Clone)]
pub struct Flags {
    given: Vec<(&'static str, Vec<String>)>,
    /// Whether a person answered in place of some of them.
    asked: bool,
}

/// The settings that say how a client authenticates.
const PROOFS: [&str; 7] =
    ["auth", "client_secret", "client_secret_ref", "private_key", "private_key_ref", "client_assertion_ref", "cert"];

/// Those of [`Flags`] with which `login` may make a client authenticate: by a secret or a key.
#[derive(Debug, Default, Clone)]
pub struct ProofFlags(pub Flags);

impl Flags {
    /// Whether nothing was given, not even a global flag that becomes a setting here.
    pub fn is_empty(&self, cx: &Context) -> bool {
        let has_cacert = cx.options.cacert.as_ref().is_some_and(|cacert| cacert.origin == Origin::Flag);
        self.given.is_empty() && cx.options.headers.is_empty() && !has_cacert
    }

    /// Writes what was given into the zone, except secrets; `--header` and `--cacert` are settings of the zone here.
    pub fn apply(&self, cx: &Context, zone: &mut Zone) -> Result<(), Error> {
        self.set_given(cx, zone)?;
        apply_global_flags(cx, zone);
        if zone.cert.is_none() && (self.value("cert_key").is_some() || self.value("cert_key_ref").is_some()) {
            return Err(error::zone::no_certificate());
        }
        zone.check_all().map_err(|fault| error::zone::invalid_setting(&fault))
    }

    /// As [`Flags::apply`], without the global flags and unchecked.
    pub fn set_given(&self, cx: &Context, zone: &mut Zone) -> Result<(), Error> {
        for (row, texts) in self.given.iter().filter_map(|(key, texts)| Some((Row::by_key(key)?, texts))) {
            let field = (row.get_mut)(zone);
            let texts = match field.kind() {
                ValueKind::Secret => continue,
                ValueKind::Path => texts
                    .iter()
                    .map(|text| require_utf8(row, make_absolute(cx, Path::new(text))))
                    .collect::<Result<_, _>>()?,
                _ => texts.clone(),
            };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            field.set(row, &texts).map_err(|reason| error::zone::invalid_setting(&format!("{} {reason}", row.key)))?;
        }
        Ok(())
    }

    /// The source from which a secret of this kind is copied into the vault.
    pub fn source(&self, kind: SecretKind) -> Option<Source> {
        self.value(kind.name())?.parse().ok()
    }

    pub fn secrets(&self) -> Vec<SecretInput> {
        let reference = |kind: SecretKind| self.value(&format!("{}_ref", kind.name()))?.parse().ok();
        let input =
            |kind| SecretInput { kind, copied: self.source(kind), referenced: reference(kind), names_flag: self.asked };
        SecretKind::ALL.map(input).into()
    }

    /// Whether a flag says how the client proves itself.
    pub fn has_proof(&self) -> bool {
        PROOFS.iter().any(|key| self.has(key))
    }

    /// The method that a flag names, if none gives what it needs.
    pub fn method_alone(&self) -> Option<Method> {
        let has_means = PROOFS[1..].iter().any(|key| self.has(key));
        self.value("auth").filter(|_| !has_means)?.parse().ok()
    }

    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Adds the flag of this setting, as a person answered it.
    pub fn set(&mut self, key: &'static str, text: &str) {
        self.given.push((key, vec![text.to_owned()]));
        self.asked = true;
    }

    fn value(&self, key: &str) -> Option<&str> {
        let (_, texts) = self.given.iter().find(|(given, _)| *given == key)?;
        texts.last().map(String::as_str)
    }
}

impl clap::Args for Flags {
    fn augment_args(command: Command) -> Command {
        add_arguments(command, |_| true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let given = |key| {
            matches!(matches.try_contains_id(key), Ok(true))
                && matches.value_source(key) == Some(ValueSource::CommandLine)
        };
        for row in SETTINGS.iter().filter(|row| row.flag.is_some() && given(row.key)) {
            let texts = match (row.get)(&Zone::default()).kind() {
                ValueKind::Switch => Vec::new(),
                _ => matches.get_many::<String>(row.key).unwrap_or_default().cloned().collect(),
            };
            self.given.push((row.key, texts));
        }
        Ok(())
    }
}

impl clap::Args for ProofFlags {
    fn augment_args(command: Command) -> Command {
        add_arguments(command, |row| PROOFS[..5].contains(&row.key))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for ProofFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn add_arguments(command: Command, wanted: impl Fn(&Row) -> bool) -> Command {
    let rows = SETTINGS.iter().filter_map(|row| Some((row, row.flag.as_ref()?)));
    rows.filter(|(row, _)| wanted(row)).fold(command, |command, (row, flag)| command.arg(build_argument(row, flag)))
}

/// Makes `--header` and `--cacert` settings of a zone.
pub fn apply_global_flags(cx: &Context, zone: &mut Zone) {
    if !cx.options.headers.is_empty() {
        zone.headers.clone_from(&cx.options.headers);
    }
    if let Some(cacert) = cx.options.cacert.as_ref().filter(|cacert| cacert.origin == Origin::Flag) {
        zone.cacert = Some(make_absolute(cx, &cacert.value));
    }
}

fn build_argument(row: &'static Row, flag: &'static Flag) -> Arg {
    let zone = Zone::default();
    let field = (row.get)(&zone);
    let argument = Arg::new(row.key).long(flag.name).aliases(flag.aliases).help(flag.help);
    let argument = match field.kind() {
        ValueKind::Switch => return argument.action(ArgAction::SetTrue),
        ValueKind::Many => argument.action(ArgAction::Append),
        ValueKind::Path => argument.value_hint(ValueHint::AnyPath),
        ValueKind::One => argument,
        ValueKind::Secret if row.key.ends_with("_ref") => argument,
        ValueKind::Secret => argument.conflicts_with(format!("{}_ref", row.key)),
    };
    let argument = argument.value_name(flag.value_name);
    match field.choices() {
        choices if choices.is_empty() => {
            argument.value_parser(|text: &str| row.check_value(text).map(|()| text.to_owned()))
        }
        choices => argument.value_parser(ChoiceParser::new(choices, |text| row.check_value(text).is_ok())),
    }
}

/// A path is read from other directories later.
fn make_absolute(cx: &Context, path: &Path) -> PathBuf {
    cx.environment.current_dir.as_ref().map_or_else(|| path.to_owned(), |directory| directory.join(path))
}

fn require_utf8(row: &Row, path: PathBuf) -> Result<String, Error> {
    let text = path.into_os_string().into_string();
    text.map_err(|_| error::zone::invalid_setting(&format!("{} must be a path in UTF-8", row.key)))
}

/// An issuer that a zone may have, byte for byte as given.
pub fn parse_issuer(text: &str) -> Result<String, String> {
    check_issuer(text).map_err(|fault| fault.to_string())?;
    match issuer::of_url(text) {
        issuer if issuer == text => Ok(issuer),
        issuer => Err(format!("this is a URL of its metadata or endpoints; the issuer is probably {issuer}")),
    }
}
