//! Secrets from where the user said.

use crate::config::Zone;
use crate::error::Error;
use crate::secret::Secret;
use crate::source::Source;
use crate::store::SecretKind;

use super::{Context, vault};

impl Context {
    /// Reads a secret from where the user said. `vault` is joined here, because only the zone knows its vault, and
    /// `github`, which is asked over the network. Both are of a zone: without one they are of the zone in effect.
    pub fn read(&self, source: &Source, zone: Option<&Zone>) -> Result<Secret, Error> {
        let secret = self.read_source(source, zone)?;
        self.ui.secrets().add(secret.expose());
        Ok(secret)
    }

    fn read_source(&self, source: &Source, zone: Option<&Zone>) -> Result<Secret, Error> {
        if zone.is_none() && matches!(source, Source::Vault(_) | Source::GitHub(None)) {
            let chosen = self
                .zone_or_none()?
                .ok_or_else(|| Error::config(format!("the source `{source}` needs a zone")).hint("name one with -z"))?;
            return self.read_source(source, Some(&chosen.zone));
        }
        let kind = match source {
            Source::Vault(kind) => kind,
            Source::GitHub(audience) => return self.read_github_token(audience.as_deref(), zone),
            _ => {
                if matches!(source, Source::Command(_)) {
                    self.settings()?;
                }
                let deadline = self.deadline();
                return Ok(self.ui.with_streams(|streams| source.read(streams, &self.environment, deadline))?);
            }
        };
        let zone = zone.ok_or_else(|| Error::internal("a vault without a zone was read"))?;
        let kind = match kind {
            None => SecretKind::ClientSecret,
            Some(name) => {
                SecretKind::from_name(name).ok_or_else(|| Error::usage("the vault has no such kind of secret"))?
            }
        };
        if zone.ephemeral() {
            return Err(vault::no_vault(zone));
        }
        self.stored(zone, kind)?.ok_or_else(|| {
            let name = &zone.name;
            Error::config(format!("the vault holds no {kind} for zone {name}")).hint(match kind {
                SecretKind::RefreshToken => format!("hallpass login -z {name}"),
                SecretKind::RegistrationToken => format!("hallpass client register -z {name}"),
                SecretKind::PrivateKey => format!("hallpass zone edit {name} --private-key-from SOURCE"),
                _ => format!("hallpass zone edit {name} --client-secret-from -"),
            })
        })
    }
}
