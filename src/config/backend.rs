//! Which vault keeps a zone's secrets.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    Keyring,
    /// A file encrypted under a key that is handed in.
    Sealed,
}

impl Backend {
    pub const ALL: [Self; 2] = [Self::Keyring, Self::Sealed];

    /// Its name in settings, flags and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Sealed => "sealed",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|backend| backend.name() == name).ok_or("there is no such vault (keyring, sealed)")
    }
}
