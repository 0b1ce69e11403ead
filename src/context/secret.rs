//! Secrets from a source.

use crate::config::Zone;
use crate::edges::{Deadline, Environment, Streams};
use crate::error::{self, Error};
use crate::secret::Secret;
use crate::source::{Fault, Source, child_environment};
use crate::store::SecretKind;
use crate::text::sanitize;

use super::Context;

impl Context {
    /// Reads a secret. The sources `vault` and `github` are joined here, because they need a zone: this one, else the zone
    /// in effect. A person at the terminal is asked in place of stdin. `what` is the question, and part of an error, such as
    /// `client secret of zone a`.
    pub fn read(&self, source: &Source, what: &str, zone: Option<&Zone>) -> Result<Secret, Error> {
        let secret = match source {
            Source::Stdin | Source::Descriptor(0) if self.may_ask() => self.ask_secret(what)?,
            _ => return self.read_unasked(source, what, zone),
        };
        Ok(self.note_secret(source, secret))
    }

    /// As [`Context::read`], but no person is asked: for a secret of many lines, and where no flag is to be named.
    pub fn read_unasked(&self, source: &Source, what: &str, zone: Option<&Zone>) -> Result<Secret, Error> {
        let read = self.read_source(source, zone);
        // What is wrong with the vault says itself which secret it is.
        let explain = |error: Error| if matches!(source, Source::Vault(_)) { error } else { error.read_for(what) };
        Ok(self.note_secret(source, read.map_err(explain)?))
    }

    /// Hides it from now on, and warns of what an editor may have left in it.
    fn note_secret(&self, source: &Source, secret: Secret) -> Secret {
        self.ui.secrets().add(secret.expose());
        if let Some(oddity) = find_oddity(secret.expose()) {
            let place = if *source == Source::Stdin { "stdin".to_owned() } else { sanitize(&source.to_string()) };
            self.ui.warn(&format!("{place} {oddity}, which counts as part of it"));
        }
        secret
    }

    /// As [`Context::read`], for a credential that somebody offers: `None` for what can't be one, because it is too long or
    /// not text.
    pub fn read_offered(&self, source: &Source, what: &str) -> Result<Option<Secret>, Error> {
        let is_asked = matches!(source, Source::Stdin | Source::Descriptor(0)) && self.may_ask();
        if is_asked || matches!(source, Source::Vault(_) | Source::GitHub(_)) {
            return self.read(source, what, None).map(Some);
        }
        match self.try_read(source, None, Source::read)? {
            Err(Fault::NotText { .. } | Fault::TooLong { .. }) => Ok(None),
            Err(fault) => Err(Error::from(fault).read_for(what)),
            Ok(read) => Ok(Some(self.note_secret(source, read))),
        }
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
            _ => Ok(self.try_read(source, zone, Source::read)??),
        }
    }

    /// Reads a document as it is.
    pub fn read_raw(&self, source: &Source, what: &str) -> Result<Vec<u8>, Error> {
        self.try_read(source, None, Source::read_raw)?.map_err(|fault| Error::from(fault).read_for(what))
    }

    fn try_read<T>(
        &self,
        source: &Source,
        zone: Option<&Zone>,
        read: impl FnOnce(&Source, &mut Streams, &Environment, Deadline) -> Result<T, Fault>,
    ) -> Result<Result<T, Fault>, Error> {
        let child = if matches!(source, Source::Command(_)) {
            self.settings()?;
            Some(self.child_environment(zone))
        } else {
            None
        };
        let (environment, deadline) = (child.as_ref().unwrap_or(&self.environment), self.deadline());
        Ok(self.ui.with_streams(|streams| read(source, streams, environment, deadline)))
    }

    /// The environment for a child, which sees none of the variables that this command reads secrets from: those of its
    /// flags, of these zones and of the zone in effect.
    pub fn child_environment<'a>(&self, zones: impl IntoIterator<Item = &'a Zone>) -> Environment {
        let chosen = self.zone_or_none().ok().flatten().map(|chosen| chosen.zone);
        let references =
            |zone: &Zone| -> Vec<Source> { zone.references().into_iter().map(|(_, source)| source.clone()).collect() };
        let of_zones = zones.into_iter().flat_map(references).chain(chosen.iter().flat_map(references));
        let sources: Vec<Source> = of_zones.chain(self.options.sources.iter().cloned()).collect();
        child_environment(&self.environment, &sources)
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

/// What an editor or a web page leaves in a secret of one line, unseen. Texts of several lines, such as keys, are others.
fn find_oddity(text: &str) -> Option<&'static str> {
    match text {
        _ if text.trim_ascii().contains('\n') => None,
        _ if text.starts_with('\u{feff}') => Some("begins with a byte order mark"),
        _ if text.contains('\u{a0}') => Some("contains a no-break space"),
        _ if text.ends_with('\n') => Some("ends with another line break"),
        _ if text.contains('\r') => Some("contains a carriage return"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::find_oddity;

    #[test]
    fn unseen_characters_of_secret_are_odd() {
        for odd in ["\u{feff}s", "s\u{a0}", "s\n", "s\r", "s\r\n", "a\rb"] {
            assert!(find_oddity(odd).is_some(), "{odd:?}");
        }
        for usual in ["s", "a b", " s ", "é", "-----BEGIN X-----\r\nYQ==\r\n-----END X-----\r\n", "a: b\r\nc: d\r\n"] {
            assert_eq!(find_oddity(usual), None, "{usual:?}");
        }
    }
}
