//! The global options, and what stands in for those that were not given: flag > environment > project > user >
//! default. A project may only name a zone, so it has no say here.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Origin, Paths, Setting, Settings, Zone};
use crate::error::Error;

use super::Context;

/// The deadline when nobody sets one.
const DEADLINE: Duration = Duration::from_secs(30);

impl Context {
    /// What the user's settings say; nothing where there is no home. Whoever sends a request, waits or starts a command
    /// asks this first: a proxy that is gone round in silence may show the request to a network that should not see it.
    pub fn settings(&self) -> Result<Settings, Error> {
        let found = self.paths_or_none().and_then(|paths| match paths {
            Some(_) => Ok(self.config()?.settings()?),
            None => Ok(Settings::default()),
        });
        match found {
            Err(_) if self.environment.flag("HALLPASS_NO_CACHE") && self.is_bare() => Ok(Settings::default()),
            found => found,
        }
    }

    /// Whether there is no configuration, wherever it would lie.
    fn is_bare(&self) -> bool {
        let config = Paths::find(&self.environment).map(|paths| paths.config_file);
        config.is_ok_and(|path| {
            // A home that we may not look into holds nothing of ours.
            path.symlink_metadata()
                .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied))
        })
    }

    /// The settings as far as they can be read: what does not parse ends the command where it matters.
    fn user(&self) -> Settings {
        self.settings().unwrap_or_default()
    }

    /// How long this command may take.
    pub fn patience(&self) -> Setting<Duration> {
        let user = self.user().deadline.map(|span| Setting::new(span, Origin::User));
        self.options.deadline.clone().or(user).unwrap_or(Setting::new(DEADLINE, Origin::Default))
    }

    /// The certificates that are trusted besides those of the system.
    pub fn cacert(&self, zone: Option<&Zone>) -> Option<Setting<PathBuf>> {
        let zone = zone.and_then(|zone| zone.cacert.clone()).map(|path| Setting::new(path, Origin::Zone));
        let user = self.user().cacert.map(|path| Setting::new(path, Origin::User));
        self.options.cacert.clone().or(zone).or(user)
    }

    /// The proxy that was named: `--proxy`, else the user's; the system's variables come after.
    pub fn proxy(&self) -> Option<Setting<String>> {
        let flag = self.options.proxy.clone().map(|url| Setting::new(url, Origin::Flag));
        let user = self.user().proxy.map(|url| Setting::new(url, Origin::User));
        flag.or(user)
    }
}
