//! The global options, and what stands in for those that were not given: flag > environment > project > user >
//! default. A project may only name a zone, so it has no say here.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Origin, Setting, Zone, resolve};

use super::Context;

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

/// The deadline when nobody sets one.
const DEADLINE: Duration = Duration::from_secs(30);

impl Context {
    /// What the user's settings say. For a zone of the environment, and for none, a configuration that can't be read says
    /// nothing.
    fn user(&self) -> crate::config::Settings {
        self.config().ok().and_then(|config| config.settings().ok()).unwrap_or_default()
    }

    /// How long this command may take.
    pub fn patience(&self) -> Setting<Duration> {
        let user = self.user().deadline.map(|span| Setting::new(span, Origin::User));
        resolve([self.options.deadline.clone(), user]).unwrap_or(Setting::new(DEADLINE, Origin::Default))
    }

    /// The certificates that are trusted besides those of the system.
    pub fn cacert(&self, zone: Option<&Zone>) -> Option<Setting<PathBuf>> {
        let zone = zone.and_then(|zone| zone.cacert.clone()).map(|path| Setting::new(path, Origin::Zone));
        let user = self.user().cacert.map(|path| Setting::new(path, Origin::User));
        resolve([self.options.cacert.clone(), zone, user])
    }

    /// The proxy that was named: `--proxy`, else the user's; the system's variables come after.
    pub fn proxy(&self) -> Option<Setting<String>> {
        let flag = self.options.proxy.clone().map(|url| Setting::new(url, Origin::Flag));
        let user = self.user().proxy.map(|url| Setting::new(url, Origin::User));
        resolve([flag, user])
    }
}
