//! The variables, the working directory and the own path, as they were when the process began.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

/// A variable is set, but to nothing that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VariableFault {
    /// It has no value.
    #[error("{0} is set but empty")]
    Empty(&'static str),
    /// Its value is not text.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
}

/// A snapshot of the surroundings of the process.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Arc<Vec<(OsString, OsString)>>,
    /// The working directory, unless it is gone.
    pub current_dir: Option<PathBuf>,
    /// The path of this program.
    pub exe: Option<PathBuf>,
}

impl Environment {
    /// What the process sees.
    #[expect(clippy::disallowed_methods, reason = "this is the edge that the ban points to")]
    pub fn real() -> Self {
        let variables: Arc<Vec<_>> = Arc::new(std::env::vars_os().collect());
        // The process ends with its last user: freeing each variable would cost more than a look into the cache.
        std::mem::forget(Arc::clone(&variables));
        Self { variables, current_dir: std::env::current_dir().ok(), exe: std::env::current_exe().ok() }
    }

    /// An environment of exactly these variables, without a working directory; of two of the same name the last counts.
    pub fn of<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut kept: Vec<(OsString, OsString)> = Vec::new();
        for (name, value) in variables {
            let name = name.into();
            kept.retain(|(known, _)| *known != name);
            kept.push((name, value.into()));
        }
        Self { variables: Arc::new(kept), current_dir: None, exe: None }
    }

    /// The value of a variable, even an empty one.
    pub fn os(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }

    /// The value of a variable when it is set, not empty and UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.os(name).and_then(OsStr::to_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that chooses a zone or a credential. One that is set but empty, or can't be read, must not
    /// look unset: another zone or another credential would be used.
    pub fn read_choice(&self, name: &'static str) -> Result<Option<&str>, VariableFault> {
        match self.os(name).map(OsStr::to_str) {
            None => Ok(None),
            Some(None) => Err(VariableFault::NotUtf8(name)),
            Some(Some("")) => Err(VariableFault::Empty(name)),
            Some(text) => Ok(text),
        }
    }

    /// Whether a variable says yes: set, and neither empty nor `0`, `false` or `no`.
    pub fn flag(&self, name: &str) -> bool {
        self.os(name).is_some_and(|value| !["", "0", "false", "no"].iter().any(|no| value == *no))
    }

    /// The environment without the variables that `hide` names.
    #[must_use]
    pub fn remove_variables(&self, hide: impl Fn(&OsStr) -> bool) -> Self {
        let rest = self.variables.iter().filter(|(name, _)| !hide(name)).cloned().collect();
        Self { variables: Arc::new(rest), ..self.clone() }
    }

    /// All variables, in the order of the process.
    pub fn all(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.variables.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, VariableFault};

    #[test]
    fn debug_names_variables_and_hides_their_values() {
        let environment = Environment::of([("HALLPASS_CLIENT_SECRET", "hunter2")]);
        assert_eq!(format!("{environment:?}"), r#"["HALLPASS_CLIENT_SECRET"]"#);
    }

    #[cfg(unix)]
    #[test]
    fn choice_that_is_empty_or_unreadable_is_fault() {
        use std::os::unix::ffi::OsStrExt as _;
        let environment = Environment::of([
            ("A", std::ffi::OsStr::new("")),
            ("B", std::ffi::OsStr::from_bytes(b"\xff")),
            ("C", std::ffi::OsStr::new("x")),
        ]);
        assert_eq!(environment.read_choice("A"), Err(VariableFault::Empty("A")));
        assert_eq!(environment.read_choice("B"), Err(VariableFault::NotUtf8("B")));
        assert_eq!((environment.read_choice("C"), environment.read_choice("D")), (Ok(Some("x")), Ok(None)));
    }

    #[test]
    fn empty_is_not_text_and_zero_is_no() {
        let environment = Environment::of([("A", ""), ("B", "0"), ("C", "1")]);
        assert_eq!((environment.text("A"), environment.text("C")), (None, Some("1")));
        assert!(!environment.flag("A") && !environment.flag("B") && environment.flag("C") && !environment.flag("D"));
    }
}
