//! A value that knows where it came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from; an earlier one outranks a later one.
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
            // A zone is the user's own word as well.
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

/// The candidate of the highest rank, whatever their order; of equal ones the first. `None` when nobody said anything.
pub fn resolve<T>(candidates: impl IntoIterator<Item = Option<Setting<T>>>) -> Option<Setting<T>> {
    candidates.into_iter().flatten().min_by_key(|setting| rank(&setting.origin))
}

fn rank(origin: &Origin) -> u8 {
    match origin {
        Origin::Flag => 0,
        Origin::Environment(_) => 1,
        Origin::Project(_) => 2,
        Origin::Zone => 3,
        Origin::User => 4,
        Origin::Discovered => 5,
        Origin::Default => 6,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Origin, Setting, resolve};

    #[test]
    fn each_origin_outranks_the_next() {
        let ranks = [
            Origin::Flag,
            Origin::Environment("HALLPASS_DEADLINE"),
            Origin::Project(PathBuf::from("/p/.hallpass.toml")),
            Origin::Zone,
            Origin::User,
            Origin::Discovered,
            Origin::Default,
        ];
        for first in 0..ranks.len() {
            let candidates = ranks[first..].iter().rev().map(|origin| Some(Setting::new((), origin.clone())));
            assert_eq!(resolve(candidates).unwrap().origin, ranks[first]);
        }
        assert_eq!(resolve::<()>([None, None]), None);
    }

    #[test]
    fn an_origin_says_which_variable() {
        assert_eq!(Origin::Environment("HALLPASS_DEADLINE").to_string(), "environment HALLPASS_DEADLINE");
        assert_eq!(Origin::Project(PathBuf::from("/p/.hallpass.toml")).to_string(), "project /p/.hallpass.toml");
    }
}
