//! Which zone a command uses: `-z` > `HALLPASS_ZONE` > `HALLPASS_ISSUER …` > `.hallpass.toml` > the default.

use url::Host;

use crate::config::{self, Config, EPHEMERAL, Origin, Zone, ephemeral, project};
use crate::error::{self, Error};
use crate::store::directory;
use crate::store::file::{self, Durability};

use super::{Context, LockName};

/// A zone, and what named it.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The zone with all its settings.
    pub zone: Zone,
    pub origin: Origin,
}

/// Which zone a host belongs to.
pub enum HostMatch {
    One(Box<Zone>),
    None,
    /// Several have it equally exactly, and none of them is the default.
    Several(Error),
}

impl Context {
    pub fn zone(&self) -> Result<Chosen, Error> {
        let known = || self.config().map(Config::zones).unwrap_or_default();
        let chosen = self.zone_or_none().and_then(|chosen| chosen.ok_or_else(|| error::zone::none_named(&known())));
        let unnamed = self.options.zone.is_none() && self.environment.text("HALLPASS_ZONE").is_none();
        match ephemeral::without_issuer(&self.environment) {
            Some(variable) if unnamed => chosen.map_err(|error| error.lacks_issuer(variable)),
            _ => chosen,
        }
    }

    /// As [`Context::zone`], but `None` when nothing names a zone.
    pub fn zone_or_none(&self) -> Result<Option<Chosen>, Error> {
        if let Some(name) = &self.options.zone {
            return self.zone_named(name, Origin::Flag).map(Some);
        }
        if let Some(name) = self.environment.read_choice("HALLPASS_ZONE")? {
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

    /// The zone for a host: the one that something names, else the one of which a host fits most exactly, else the default.
    pub fn zone_for_host(&self, host: &Host, port: u16) -> Result<Zone, Error> {
        match self.match_host(host, port)? {
            HostMatch::One(zone) => Ok(*zone),
            HostMatch::Several(error) => Err(error),
            HostMatch::None => Ok(self.zone()?.zone),
        }
    }

    /// As [`Context::zone_for_host`], where it is nothing wrong that no zone is found.
    pub fn match_host(&self, host: &Host, port: u16) -> Result<HostMatch, Error> {
        let chosen = self.zone_or_none()?;
        if let Some(chosen) = chosen.as_ref().filter(|chosen| chosen.origin != Origin::User) {
            return Ok(HostMatch::One(Box::new(chosen.zone.clone())));
        }
        let config = self.config()?;
        let mut fitting = Vec::new();
        for name in config.zones() {
            let zone = config.zone(name)?;
            let precision = |zone: &Zone| zone.hosts.iter().filter_map(|pattern| pattern.precision(host, port)).max();
            fitting.extend(zone.and_then(|zone| Some((precision(&zone)?, zone))));
        }
        let best = fitting.iter().map(|(precision, _)| precision).max();
        let mut best: Vec<&Zone> =
            fitting.iter().filter(|(precision, _)| Some(precision) == best).map(|(_, zone)| zone).collect();
        if let Some(default) = chosen.map(|chosen| chosen.zone)
            && (best.is_empty() || best.iter().any(|zone| zone.name == default.name))
        {
            return Ok(HostMatch::One(Box::new(default)));
        }
        Ok(match (best.pop(), best.pop()) {
            (Some(one), Some(other)) => HostMatch::Several(error::zone::several_for_host(&one.name, &other.name)),
            (Some(one), None) => HostMatch::One(Box::new(one.clone())),
            (None, _) => HostMatch::None,
        })
    }

    pub fn zone_named(&self, name: &str, origin: Origin) -> Result<Chosen, Error> {
        if name == EPHEMERAL {
            let zone = ephemeral::from_environment(&self.environment)?;
            return Ok(Chosen { zone: zone.ok_or_else(error::zone::incomplete_environment)?, origin });
        }
        let config = self.config()?;
        match config.zone(name)? {
            Some(zone) => Ok(Chosen { zone, origin }),
            None => Err(error::zone::unknown(name, &origin, &config.zones())),
        }
    }

    /// The zone of this name in the configuration. That of the environment is refused: it `cannot` be changed.
    pub fn configured_zone(&self, name: &str, cannot: &str) -> Result<Zone, Error> {
        if name == EPHEMERAL {
            return Err(error::zone::ephemeral(cannot));
        }
        self.settle_rename();
        Ok(self.zone_named(name, Origin::Flag)?.zone)
    }

    /// Changes the configuration under its lock. What `change` refuses is not written.
    pub fn edit_config<T>(&self, change: impl FnOnce(&mut Config) -> Result<T, Error>) -> Result<T, Error> {
        self.edit_config_with(change, |_, write| write())
    }

    /// Proves that the configuration could be changed; a dry run does not change it.
    pub fn rehearse_config(&self) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        self.edit_config_with(|_| Ok(()), |(), _| Ok(file::check_writable(&self.paths()?.config_dir)?))
    }

    /// As [`Context::edit_config`], with something `around` the write, still under the lock: what must be done before
    /// it, and undone when it fails. It gets the result of `change`.
    pub fn edit_config_with<T>(
        &self,
        change: impl FnOnce(&mut Config) -> Result<T, Error>,
        around: impl FnOnce(&T, &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error>,
    ) -> Result<T, Error> {
        if self.is_dry() {
            return change(&mut self.read_config()?);
        }
        let paths = self.paths()?;
        if paths.home.is_none() {
            directory::create_root(&paths.config_dir)?;
        }
        let _lock = self.lock(&LockName::Config)?;
        let mut config = self.read_config()?;
        self.settle_rename_locked(&config);
        let before = config.to_string();
        let answer = change(&mut config)?;
        let after = config.to_string();
        if after != before {
            file::check_editable(&paths.config_file)?;
        }
        around(&answer, &mut || {
            if after != before {
                file::write(&paths.config_file, after.as_bytes(), Durability::Synced)?;
            }
            Ok(())
        })?;
        Ok(answer)
    }
}

/// Refuses what can't be the name of a new zone.
pub fn check_new_name(name: &str) -> Result<(), Error> {
    config::check_name(name).map_err(|reason| error::zone::invalid_setting(&reason))
}
