//! The global options.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Setting;

/// The global options: flag or environment, as the dispatcher found them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `-z`.
    pub zone: Option<String>,
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--no-input` or `HALLPASS_NO_INPUT`.
    pub no_input: bool,
    /// `--deadline` or `HALLPASS_DEADLINE`.
    pub deadline: Option<Setting<Duration>>,
    /// `--cacert` or `HALLPASS_CACERT`.
    pub cacert: Option<Setting<PathBuf>>,
    /// `--header`, repeated.
    pub headers: Vec<(String, String)>,
    /// `--proxy`; the variables of the system are read where it is used.
    pub proxy: Option<String>,
    /// `--no-breaker`.
    pub no_breaker: bool,
}
