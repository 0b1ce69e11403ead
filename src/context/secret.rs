//! Secrets from a source.

use crate::config::Zone;
use crate::error::{self, Error};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::SecretKind;

use super::Context;

impl Context {
    /// Reads a secret. The sources `vault` and `github` are joined here, because they need a zone: this one, else the zone
    /// in effect.
    pub fn read(&self, source: &Source, zone: Option<&Zone>) -> Result<Secret, Error> {
        let secret = self.read_source(source, zone)?;
        self.ui.secrets().add(secret.expose());
        Ok(secret)
    }

    fn read_source(&self, source: &Source, zone: Option<&Zone>) -> Result<Secret, Error> {
        match (source, zone) {
            (Source::Vault(_) | Source::GitHub(None), None) => {
                let chosen = self.zone_or_none()?.ok_or_else(|| error::source::needs_zone(source))?;
                self.read_source(source, Some(&chosen.zone))
            }
            (Source::Vault(kind), Some(zone)) => self.read_vault(kind.as_deref(), zone),
            (Source::GitHub(None), Some(zone)) => self.read_github_token(&zone.issuer),
            (Source::GitHub(Some(audience)), _) => self.read_github_token(audience),
            _ => {
                if matches!(source, Source::Command(_)) {
                    self.settings()?;
                }
                let deadline = self.deadline();
                Ok(self.ui.with_streams(|streams| source.read(streams, &self.environment, deadline))?)
            }
        }
    }

    fn read_vault(&self, kind: Option<&str>, zone: &Zone) -> Result<Secret, Error> {
        let kind = match kind {
            None => SecretKind::ClientSecret,
            Some(name) => SecretKind::from_name(name).ok_or_else(error::vault::unknown_kind)?,
        };
        if zone.ephemeral() {
            return Err(error::vault::no_vault(zone));
        }
        self.stored(zone, kind)?.ok_or_else(|| error::vault::missing(&zone.name, kind))
    }
}
