//! A value that knows where it came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag,
    Environment(&'static str),
    /// The project's file; it can only name a zone.
    Project(PathBuf),
    Zone,
    /// The settings of the user in `config.toml`.
    User,
    Discovered,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Project(path) => write!(f, "project {}", path.display()),
            Self::Zone | Self::User => f.write_str("user"),
            Self::Discovered => f.write_str("discovered"),
            Self::Default => f.write_str("default"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Setting<T> {
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Origin;

    #[test]
    fn origin_names_its_variable_or_file() {
        assert_eq!(Origin::Environment("HALLPASS_DEADLINE").to_string(), "environment HALLPASS_DEADLINE");
        assert_eq!(Origin::Project(PathBuf::from("/p/.hallpass.toml")).to_string(), "project /p/.hallpass.toml");
    }
}
