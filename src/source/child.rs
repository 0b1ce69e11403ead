//! The environment of a child process.

use std::ffi::OsStr;

use super::Source;
use crate::edges::Environment;

/// The variables that hold a secret themselves.
const SECRETS: [&str; 2] = ["HALLPASS_CLIENT_SECRET", "HALLPASS_TOKEN"];

/// The environment for a child: without the secrets that this command reads from variables. These are the client secret,
/// the token, and the variables of `sources` and of all sources in variables called `HALLPASS_…_FROM`.
pub fn child_environment(environment: &Environment, sources: &[Source]) -> Environment {
    let is_reference = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name.starts_with(b"HALLPASS_") && name.ends_with(b"_FROM")
    };
    let references = environment.all().filter(|(name, _)| is_reference(name));
    let references: Vec<Source> = references.filter_map(|(_, text)| text.to_str()?.parse().ok()).collect();
    let withheld: Vec<&str> = sources.iter().chain(&references).filter_map(Source::variable).chain(SECRETS).collect();
    environment.remove_variables(|name| withheld.iter().any(|secret| is_same_name(OsStr::new(secret), name)))
}

/// Windows ignores the case of names.
fn is_same_name(a: &OsStr, b: &OsStr) -> bool {
    if cfg!(windows) { a.eq_ignore_ascii_case(b) } else { a == b }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::child_environment;
    use crate::edges::Environment;

    #[test]
    fn holders_of_secrets_are_withheld() {
        let environment = Environment::of([
            ("HALLPASS_CLIENT_SECRET", "s"),
            ("HALLPASS_CLIENT_SECRET_FILE", "/f"),
            ("HALLPASS_TOKEN", "t"),
            ("HALLPASS_VAULT_KEY_FROM", "env:MY_KEY"),
            ("HALLPASS_CLIENT_ASSERTION_FROM", "gitlab:MY_JOB"),
            ("HALLPASS_VAULT_PASSPHRASE_FROM", "file:/key"),
            ("MY_KEY", "k"),
            ("MY_JOB", "j"),
            ("MY_FLAG", "f"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "a"),
            ("MY_KEYS", "kept"),
            ("key", "kept"),
        ]);
        let sources: [Source; 3] = ["env:MY_FLAG", "github", "cmd:x"].map(|text| text.parse().unwrap());
        let child = child_environment(&environment, &sources);
        let mut names: Vec<_> = child.all().filter_map(|(name, _)| name.to_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "HALLPASS_CLIENT_ASSERTION_FROM",
                "HALLPASS_CLIENT_SECRET_FILE",
                "HALLPASS_VAULT_KEY_FROM",
                "HALLPASS_VAULT_PASSPHRASE_FROM",
                "MY_KEYS",
                "key"
            ]
        );
    }
}
