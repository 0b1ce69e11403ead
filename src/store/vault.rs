//! Where secrets rest: one face for the operating system's keyring and the sealed file.

mod changes;
mod record;

use std::fmt;

pub use changes::Changes;
pub use record::Record;

use super::Fault;

/// Keeps the secrets of zones, one record for each zone and kind.
pub trait Vault {
    /// Proves that the vault can be used now, for writing too, without changing a record.
    ///
    /// # Errors
    /// Why it can't.
    fn status(&self) -> Result<(), Fault>;
    /// The record of this zone and kind, if there is one. Whether it belongs to the zone's issuer and client is for the
    /// caller to ask: [`Record::belongs`].
    ///
    /// # Errors
    /// Why it can't be had; [`Fault::Damaged`] and [`Fault::Newer`] when it does not read back.
    fn get(&self, zone: &str, kind: Kind) -> Result<Option<Record>, Fault>;
    /// Stores or replaces the record of this zone and of the record's kind. It rests on the disk when this returns.
    ///
    /// # Errors
    /// Why it can't be stored; the old record is still there then.
    fn put(&self, zone: &str, record: &Record) -> Result<(), Fault>;
    /// Removes a record; `false` when there was none.
    ///
    /// # Errors
    /// Why it can't be removed.
    fn delete(&self, zone: &str, kind: Kind) -> Result<bool, Fault>;
    /// Zones and kinds that have a record, sorted.
    ///
    /// # Errors
    /// Why they can't be listed.
    fn list(&self) -> Result<Vec<(String, Kind)>, Fault>;
}

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The client's secret (RFC 6749 §2.3.1).
    ClientSecret,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// A registration access token (RFC 7592 §1.2).
    RegistrationToken,
    /// The client's private key (RFC 7523 §2.2), as PEM or JWK.
    PrivateKey,
    /// The key of the client's certificate (RFC 8705), as PEM.
    CertKey,
    /// The key that tokens are bound to (RFC 9449), as PEM.
    DpopKey,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ClientSecret,
        Self::RefreshToken,
        Self::RegistrationToken,
        Self::PrivateKey,
        Self::CertKey,
        Self::DpopKey,
    ];

    /// Its name in a vault and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::RefreshToken => "refresh_token",
            Self::RegistrationToken => "registration_token",
            Self::PrivateKey => "private_key",
            Self::CertKey => "cert_key",
            Self::DpopKey => "dpop_key",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `zone/kind`, the name of a record in both vaults.
pub(super) fn place(zone: &str, kind: Kind) -> String {
    format!("{zone}/{kind}")
}

/// Reads `zone/kind`.
pub(super) fn parse_place(place: &str) -> Option<(String, Kind)> {
    let (zone, kind) = place.split_once('/')?;
    let kind = Kind::named(kind)?;
    (!zone.is_empty()).then(|| (zone.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::{Kind, parse_place, place};

    #[test]
    fn names_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(&kind.to_string()), Some(kind));
            assert_eq!(parse_place(&place("z", kind)), Some(("z".to_owned(), kind)));
        }
        for bad in ["", "z", "z/", "/client_secret", "z/vault_key", "@1/z/client_secret"] {
            assert_eq!(parse_place(bad), None, "{bad}");
        }
    }
}
