//! The environment of a child process.

use std::ffi::{OsStr, OsString};

use super::Source;
use crate::edges::Environment;

/// The variables whose source may be the variable of a key or passphrase.
const KEY_SOURCES: [&str; 3] =
    ["HALLPASS_VAULT_KEY_FROM", "HALLPASS_VAULT_PASSPHRASE_FROM", "HALLPASS_PRIVATE_KEY_FROM"];

/// The variables that a child inherits: all but `HALLPASS_CLIENT_SECRET` and each NAME of an `env:NAME` in
/// [`KEY_SOURCES`].
pub fn child_environment(environment: &Environment) -> Vec<(OsString, OsString)> {
    let mut withheld = vec![OsString::from("HALLPASS_CLIENT_SECRET")];
    for name in KEY_SOURCES {
        if let Some(Ok(Source::Env(holder))) = environment.text(name).map(str::parse) {
            withheld.push(holder.into());
        }
    }
    let kept = environment.all().filter(|(name, _)| !withheld.iter().any(|secret| is_same_name(secret, name)));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Windows ignores the case of names.
fn is_same_name(a: &OsStr, b: &OsStr) -> bool {
    if cfg!(windows) { a.eq_ignore_ascii_case(b) } else { a == b }
}

#[cfg(test)]
mod tests {
    use super::child_environment;
    use crate::edges::Environment;

    #[test]
    fn the_holders_of_secrets_are_withheld() {
        let environment = Environment::of([
            ("HALLPASS_CLIENT_SECRET", "s"),
            ("HALLPASS_CLIENT_SECRET_FILE", "/f"),
            ("HALLPASS_VAULT_KEY_FROM", "env:MY_KEY"),
            ("HALLPASS_VAULT_PASSPHRASE_FROM", "env:MY_WORDS"),
            ("MY_KEY", "k"),
            ("MY_WORDS", "w"),
            ("MY_KEYS", "kept"),
            ("PATH", "/bin"),
        ]);
        let kept = child_environment(&environment);
        let mut names: Vec<_> = kept.iter().filter_map(|(name, _)| name.to_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "HALLPASS_CLIENT_SECRET_FILE",
                "HALLPASS_VAULT_KEY_FROM",
                "HALLPASS_VAULT_PASSPHRASE_FROM",
                "MY_KEYS",
                "PATH"
            ]
        );
    }

    #[test]
    fn a_key_from_elsewhere_withholds_nothing_more() {
        let environment = Environment::of([("HALLPASS_VAULT_KEY_FROM", "file:/key"), ("key", "v")]);
        assert_eq!(child_environment(&environment).len(), 2);
    }
}
