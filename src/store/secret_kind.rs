//! What a vault stores: the kinds of secrets, and the names of their records.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
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

impl SecretKind {
    pub const ALL: [Self; 6] = [
        Self::ClientSecret,
        Self::RefreshToken,
        Self::RegistrationToken,
        Self::PrivateKey,
        Self::CertKey,
        Self::DpopKey,
    ];

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

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `zone/kind`, the name of a record in both vaults.
pub(super) fn record_name(zone: &str, kind: SecretKind) -> String {
    format!("{zone}/{kind}")
}

pub(super) fn parse_record_name(name: &str) -> Option<(String, SecretKind)> {
    let (zone, kind) = name.split_once('/')?;
    let kind = SecretKind::from_name(kind)?;
    (!zone.is_empty()).then(|| (zone.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::{SecretKind, parse_record_name, record_name};

    #[test]
    fn names_read_back() {
        for kind in SecretKind::ALL {
            assert_eq!(SecretKind::from_name(&kind.to_string()), Some(kind));
            assert_eq!(parse_record_name(&record_name("z", kind)), Some(("z".to_owned(), kind)));
        }
        for bad in ["", "z", "z/", "/client_secret", "z/vault_key", "@1/z/client_secret"] {
            assert_eq!(parse_record_name(bad), None, "{bad}");
        }
    }
}
