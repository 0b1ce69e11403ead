//! Calls that the protocol of another program makes: by a name of its own, or with one word of its own.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;

/// The names by which other programs look for their helper, and the helper.
pub const LINKS: [(&str, &str); 5] = [
    ("git-credential-hallpass", "git"),
    ("docker-credential-hallpass", "docker"),
    ("terraform-credentials-hallpass", "terraform"),
    ("bazel-credential-hallpass", "bazel"),
    ("keyring", "keyring"),
];

/// What cargo calls a credential provider with, and nothing else.
const CARGO: &str = "--cargo-plugin";

/// The call in our own words.
pub fn resolve_name(arguments: &[OsString]) -> Cow<'_, [OsString]> {
    let called = arguments.first().and_then(|program| Path::new(program).file_name()?.to_str());
    let called = called.map(|name| name.strip_suffix(".exe").unwrap_or(name));
    let link = LINKS.iter().find(|(name, _)| called == Some(name));
    let (helper, rest) = match link {
        Some((_, helper)) => (*helper, &arguments[1..]),
        None if arguments.get(1).is_some_and(|word| word == CARGO) => ("cargo", &arguments[2..]),
        None => return arguments.into(),
    };
    ["hallpass", "helper", helper].into_iter().map(OsString::from).chain(rest.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::resolve_name;

    #[test]
    fn name_of_protocol_is_call_of_helper() {
        for (call, ours) in [
            ("hallpass token", "hallpass token"),
            ("/usr/bin/git-credential-hallpass get", "hallpass helper git get"),
            ("docker-credential-hallpass -z prod list", "hallpass helper docker -z prod list"),
            ("/opt/x/keyring get https://h/ u", "hallpass helper keyring get https://h/ u"),
            ("/usr/bin/hallpass --cargo-plugin", "hallpass helper cargo"),
            ("hallpass token --cargo-plugin", "hallpass token --cargo-plugin"),
            ("git-credential-other get", "git-credential-other get"),
        ] {
            let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(*resolve_name(&words(call)), *words(ours), "{call}");
        }
    }
}
