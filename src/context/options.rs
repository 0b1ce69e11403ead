//! The global options.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Setting;
use crate::source::Source;

/// The global options: flag or environment, as the dispatcher found them.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Options {
    pub zone: Option<String>,
    pub dry_run: bool,
    pub no_input: bool,
    /// Whether a flag, and not a variable, chose the format of the answer.
    pub format_given: bool,
    pub deadline: Option<Setting<Duration>>,
    pub cacert: Option<Setting<PathBuf>>,
    pub headers: Vec<(String, String)>,
    /// `--proxy`; the variables of the system are read where it is used.
    pub proxy: Option<String>,
    pub no_breaker: bool,
    /// Where the HTTP of this command is written.
    pub har: Option<PathBuf>,
    /// The sources among the arguments of the subcommand.
    pub sources: Vec<Source>,
}
