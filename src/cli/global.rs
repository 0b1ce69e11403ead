//! The options that every subcommand takes, and the environment behind them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, ColorChoice};

use crate::commands::completions;
use crate::config::{Origin, Setting};
use crate::context::Options;
use crate::edges::{Environment, VariableFault, parse_span};
use crate::error::Error;
use crate::error::usage::{self, Help};
use crate::output::{FORMATS, Format, Verbosity};

use super::entry::Formats;

/// The options that every subcommand takes.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use this zone
    #[arg(short, long, global = true, value_name = "NAME", add = completions::zones())]
    zone: Option<String>,
    /// Output JSON; an error is one JSON line on stderr
    #[arg(long, global = true)]
    json: bool,
    /// Output format
    #[arg(long, global = true, value_name = "FORMAT", conflicts_with = "json", value_parser = format_parser())]
    format: Option<&'static Format>,
    /// Print only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Show steps; -vv also HTTP, secrets redacted
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Print the request as a redacted curl command and send nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Never prompt
    #[arg(long, global = true)]
    no_input: bool,
    /// Time limit for the whole command, such as 30s
    #[arg(long, global = true, value_name = "SPAN", value_parser = parse_span)]
    deadline: Option<Duration>,
    /// Also trust the certificates in this PEM file
    #[arg(long, global = true, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Send this header with every request
    #[arg(long, global = true, value_name = "NAME:VALUE", value_parser = header_field)]
    header: Vec<(String, String)>,
    /// Use this proxy (http, https, socks5, socks5h), except for loopback
    #[arg(long, global = true, value_name = "URL")]
    proxy: Option<String>,
    /// Ignore the circuit breaker
    #[arg(long, global = true)]
    no_breaker: bool,
    /// Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = har_parser())]
    har: Option<PathBuf>,
    /// Colour
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<ColorChoice>,
}

/// The variables that stand in for global flags and hold text; those that choose a zone or a credential are checked by
/// whoever reads them.
const TEXTS: [&str; 3] = ["HALLPASS_LOG", "HALLPASS_FORMAT", "HALLPASS_DEADLINE"];

/// The values of `HALLPASS_LOG`.
const VERBOSITIES: [&str; 3] = ["quiet", "steps", "wire"];

impl Globals {
    /// The format of the answer. `HALLPASS_FORMAT` may be one for tokens, which other subcommands ignore.
    pub fn format(&self, environment: &Environment, formats: Formats) -> &'static Format {
        let flag = if self.json { Some(Format::JSON) } else { self.format };
        let variable = || Format::find(environment.text("HALLPASS_FORMAT")?);
        let applies = |format: &&Format| !format.is_for_tokens() || formats == Formats::Token;
        flag.or_else(|| variable().filter(applies)).unwrap_or(Format::TEXT)
    }

    pub fn verbosity(&self, environment: &Environment) -> Verbosity {
        match (self.quiet, self.verbose, environment.text("HALLPASS_LOG")) {
            (true, _, _) | (false, 0, Some("quiet")) => Verbosity::Quiet,
            (false, 0, Some("steps")) | (false, 1, _) => Verbosity::Steps,
            (false, 0, Some("wire")) | (false, 2.., _) => Verbosity::Wire,
            (false, 0, _) => Verbosity::Normal,
        }
    }

    /// Whether colour was asked for or forbidden.
    pub fn color(&self) -> Option<bool> {
        match self.color? {
            ColorChoice::Always => Some(true),
            ColorChoice::Never => Some(false),
            ColorChoice::Auto => None,
        }
    }

    pub fn options(&self, environment: &Environment, asks_server: bool, formats: Formats) -> Result<Options, Error> {
        if self.format.is_some_and(Format::is_for_tokens) && formats == Formats::Plain {
            return Err(usage::format_of_tokens());
        }
        if self.dry_run && !asks_server {
            return Err(Error::nothing_sent());
        }
        // One that can't be read must not look unset.
        let unreadable = |name: &&str| environment.os(name).is_some_and(|value| value.to_str().is_none());
        if let Some(name) = TEXTS.into_iter().find(unreadable) {
            return Err(VariableFault::NotUtf8(name).into());
        }
        let refuse =
            |name, values: &[&str]| Err(usage::invalid_value(name, "").help(Help::PossibleValues(values.join(", "))));
        if environment.text("HALLPASS_LOG").is_some_and(|verbosity| !VERBOSITIES.contains(&verbosity)) {
            return refuse("HALLPASS_LOG", &VERBOSITIES);
        }
        if environment.text("HALLPASS_FORMAT").is_some_and(|name| Format::find(name).is_none()) {
            return refuse("HALLPASS_FORMAT", &FORMATS.iter().map(|format| format.name).collect::<Vec<_>>());
        }
        Ok(Options {
            zone: self.zone.clone(),
            dry_run: self.dry_run,
            format_given: self.format.is_some(),
            no_input: self.no_input || environment.flag("HALLPASS_NO_INPUT"),
            deadline: self.deadline(environment)?,
            cacert: self.cacert(environment),
            headers: self.header.clone(),
            proxy: self.proxy.clone(),
            no_breaker: self.no_breaker,
            har: self.har.clone(),
            sources: Vec::new(),
        })
    }

    fn deadline(&self, environment: &Environment) -> Result<Option<Setting<Duration>>, Error> {
        const NAME: &str = "HALLPASS_DEADLINE";
        let setting = match (self.deadline, environment.text(NAME)) {
            (Some(span), _) => Setting::new(span, Origin::Flag),
            (None, Some(text)) => {
                let span = parse_span(text).map_err(|reason| usage::invalid_value(NAME, &reason))?;
                Setting::new(span, Origin::Environment(NAME))
            }
            (None, None) => return Ok(None),
        };
        if setting.value.is_zero() {
            return Err(usage::zero_deadline());
        }
        Ok(Some(setting))
    }

    fn cacert(&self, environment: &Environment) -> Option<Setting<PathBuf>> {
        const NAME: &str = "HALLPASS_CACERT";
        let flag = self.cacert.clone().map(|path| Setting::new(path, Origin::Flag));
        let variable = environment.os(NAME).filter(|path| !path.is_empty());
        flag.or_else(|| variable.map(|path| Setting::new(path.into(), Origin::Environment(NAME))))
    }
}

/// A path, but for `-`: stdout is for the answer.
fn har_parser() -> impl TypedValueParser<Value = PathBuf> {
    let check = |path: PathBuf| if path == Path::new("-") { Err("expected a file, not stdout") } else { Ok(path) };
    PathBufValueParser::new().try_map(check)
}

fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    PossibleValuesParser::new(FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.help)))
        .map(|name| Format::find(&name).unwrap_or(Format::TEXT))
}

/// How wide the terminal is: a positive `COLUMNS` overrides what the terminal says.
pub fn find_columns(environment: &Environment, terminal: Option<u16>) -> Option<u16> {
    let variable = environment.text("COLUMNS").and_then(|columns| columns.parse().ok());
    variable.filter(|columns| *columns > 0).or(terminal)
}

/// Whether somebody may be watching, on a terminal that can clear a line.
pub fn allows_spinner(environment: &Environment) -> bool {
    let forbidden = environment.flag("HALLPASS_NO_SPINNER") || environment.flag("CI");
    !forbidden && environment.text("TERM") != Some("dumb")
}

/// Reads `NAME:VALUE`; the value may be a credential, so it is never echoed.
fn header_field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME:VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    use clap::{Args as _, FromArgMatches as _};

    use super::{Formats, Globals, TEXTS};
    use crate::edges::Environment;

    #[test]
    fn variable_that_cannot_be_read_does_not_look_unset() {
        let matches = Globals::augment_args(clap::Command::new("x")).get_matches_from(["x"]);
        let globals = Globals::from_arg_matches(&matches).unwrap();
        for name in TEXTS {
            let environment = Environment::of([(OsString::from(name), OsString::from_vec(vec![0xff]))]);
            let error = globals.options(&environment, true, Formats::Token).unwrap_err();
            assert_eq!((error.exit, error.message), (3, format!("{name} is not UTF-8")));
        }
        assert!(globals.options(&Environment::default(), true, Formats::Token).is_ok());
    }
}
