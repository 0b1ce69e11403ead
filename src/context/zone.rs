//! Which zone a command speaks for: `-z` > `HALLPASS_ZONE` > `HALLPASS_ISSUER …` > `.hallpass.toml` > the default.

use crate::config::{self, Config, EPHEMERAL, Origin, Zone, ephemeral, project};
use crate::error::Error;
use crate::store::directory;
use crate::store::file::{self, Durability};

use super::{Context, LockName};

/// A zone, and who chose it.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The zone with all its settings.
    pub zone: Zone,
    pub origin: Origin,
}

impl Context {
    pub fn zone(&self) -> Result<Chosen, Error> {
        self.zone_or_none()?.ok_or_else(|| {
            let known = self.config().map(|config| config.zones().join(", ")).unwrap_or_default();
            let error = Error::config("no zone is named");
            if known.is_empty() {
                error
                    .because("there are no zones yet")
                    .hint("hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -")
                    .hint("to try it out: hallpass sandbox -- hallpass token")
            } else {
                error.because(format!("known zones: {known}")).hint("name one with -z, or: hallpass zone default NAME")
            }
        })
    }

    /// As [`Context::zone`], but `None` when nothing names a zone.
    pub fn zone_or_none(&self) -> Result<Option<Chosen>, Error> {
        if let Some(name) = &self.options.zone {
            return self.zone_named(name, Origin::Flag).map(Some);
        }
        if let Some(name) = self.environment.text("HALLPASS_ZONE") {
            return self.zone_named(name, Origin::Environment("HALLPASS_ZONE")).map(Some);
        }
        if let Some(zone) = ephemeral::from_environment(&self.environment)? {
            return Ok(Some(Chosen { zone, origin: Origin::Environment("HALLPASS_ISSUER") }));
        }
        if let Some(directory) = &self.environment.current_dir
            && let Some((path, name)) = project::find(directory)?
        {
            return self.zone_named(&name, Origin::Project(path)).map(Some);
        }
        match self.config()?.default_zone() {
            Some(name) => self.zone_named(name, Origin::User).map(Some),
            None => Ok(None),
        }
    }

    pub fn zone_named(&self, name: &str, origin: Origin) -> Result<Chosen, Error> {
        if name == EPHEMERAL {
            let zone = ephemeral::from_environment(&self.environment)?.ok_or_else(|| {
                Error::config("the zone env needs HALLPASS_ISSUER and HALLPASS_CLIENT_ID in the environment")
            })?;
            return Ok(Chosen { zone, origin });
        }
        let config = self.config()?;
        match config.zone(name)? {
            Some(zone) => Ok(Chosen { zone, origin }),
            None => Err(unknown_zone(name, &origin, config)),
        }
    }

    /// Changes the configuration: locked, read anew, changed, written whole. What `change` refuses is not written.
    pub fn edit_config<T>(&self, change: impl FnOnce(&mut Config) -> Result<T, Error>) -> Result<T, Error> {
        self.edit_config_with(change, |_, write| write())
    }

    /// Proves that the configuration could be changed: it is written as it is.
    pub fn rehearse_config(&self) -> Result<(), Error> {
        let paths = self.paths()?;
        if paths.home.is_none() {
            directory::create_root(&paths.config_dir)?;
        }
        let _lock = self.lock(&LockName::Config)?;
        let now = self.read_config()?.to_string();
        Ok(file::write(&paths.config_file, now.as_bytes(), Durability::Synced)?)
    }

    /// As [`Context::edit_config`], with something `around` the write, still under the lock: what must be done before
    /// it, and undone when it fails. It gets what `change` answered.
    pub fn edit_config_with<T>(
        &self,
        change: impl FnOnce(&mut Config) -> Result<T, Error>,
        around: impl FnOnce(&T, &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error>,
    ) -> Result<T, Error> {
        let paths = self.paths()?;
        if paths.home.is_none() {
            directory::create_root(&paths.config_dir)?;
        }
        let _lock = self.lock(&LockName::Config)?;
        let mut config = self.read_config()?;
        let before = config.to_string();
        let answer = change(&mut config)?;
        let after = config.to_string();
        around(&answer, &mut || {
            if after != before {
                file::write(&paths.config_file, after.as_bytes(), Durability::Synced)?;
            }
            Ok(())
        })?;
        Ok(answer)
    }
}

fn unknown_zone(name: &str, origin: &Origin, config: &Config) -> Error {
    let known = config.zones();
    // What cannot be a name may be a secret in the wrong place.
    let error = match config::check_name(name) {
        Ok(()) => Error::config(format!("there is no zone {name}")),
        Err(_) => Error::config("there is no zone of that name"),
    };
    let error = match origin {
        Origin::Flag => error,
        other => error.because(format!("named by {other}")),
    };
    if known.is_empty() {
        error.hint("there are no zones yet: hallpass zone add NAME --issuer URL")
    } else {
        error.hint(format!("known zones: {}", known.join(", ")))
    }
}

/// The name of a zone that may be made, or why not.
pub fn check_new_name(name: &str) -> Result<(), Error> {
    config::check_name(name).map_err(|reason| Error::usage(reason.to_string()))
}
