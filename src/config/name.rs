//! The names of zones.

use super::Fault;

/// The name of the zone that variables make; no zone in the file can have it.
pub const EPHEMERAL: &str = "env";

/// Checks the name of a zone: `[a-z0-9][a-z0-9_-]{0,62}`, and not `env`.
pub fn check_name(name: &str) -> Result<(), Fault> {
    let grammar = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if name.is_empty() || name.len() > 63 || !grammar || name.starts_with(['_', '-']) {
        return Err(Fault::refused("name", "must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit"));
    }
    if name == EPHEMERAL {
        return Err(Fault::refused("name", "must not be env, which names the zone that HALLPASS_ISSUER makes"));
    }
    Ok(())
}

/// A name for a zone out of its issuer: the last segment of its path, else its host, with the port that is not the
/// scheme's own.
pub fn derive_zone_name(issuer: &str) -> Option<String> {
    let (scheme, rest) = issuer.split_once("://").unwrap_or(("", issuer));
    let rest = rest.trim_end_matches('/');
    let own = if scheme == "http" { ":80" } else { ":443" };
    let last = rest.rsplit_once('/').map_or(rest.strip_suffix(own).unwrap_or(rest), |(_, last)| last);
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let name: String = last.chars().map(fits).skip_while(|c| matches!(c, '-' | '_')).take(63).collect();
    let name = name.trim_end_matches(['-', '_']);
    check_name(name).is_ok().then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{check_name, derive_zone_name};

    #[test]
    fn names() {
        for good in ["a", "0", "ci", "a-b_c", "envx", &"a".repeat(63)] {
            check_name(good).unwrap();
        }
        for bad in ["", "env", "-a", "_a", "A", "a.b", "a/b", "a b", "é", "a\n", "..", &"a".repeat(64)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn accepted_name_is_safe_in_path(name in "\\PC{0,6}|[a-z0-9_./@A-Z\\-]{0,70}") {
            if check_name(&name).is_ok() {
                prop_assert!(!name.contains(['/', '.', '@', '\\', ':']) && !name.chars().any(char::is_uppercase));
                prop_assert!((1..=63).contains(&name.len()) && name != "env");
            }
        }
    }

    #[test]
    fn issuer_gives_its_zone_name() {
        for (issuer, name) in [
            ("https://id.example/realms/Prod", "prod"),
            ("https://id.example/realms/my realm/", "my-realm"),
            ("https://as.example/realms/My.Realm/", "my-realm"),
            ("https://id.example/realms/_a_", "a"),
            ("https://id.example", "id-example"),
            ("https://id.example:443", "id-example"),
            ("https://id.example:8443", "id-example-8443"),
            ("http://127.0.0.1:8080/sandbox", "sandbox"),
            ("http://127.0.0.1:38787", "127-0-0-1-38787"),
            ("http://localhost:80/", "localhost"),
            ("http://[::1]:8080", "1--8080"),
        ] {
            assert_eq!(derive_zone_name(issuer).as_deref(), Some(name), "{issuer}");
        }
        for issuer in ["https://as.example/env", "https://id.example/-", ""] {
            assert_eq!(derive_zone_name(issuer), None, "{issuer}");
        }
    }
}
