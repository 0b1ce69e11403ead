//! The zone that variables make: for CI jobs, where no file is to be written.

use super::row::{Row, Variable};
use super::table::SETTINGS;
use super::{EPHEMERAL, Fault, SecretLocation, ValueKind, Zone};
use crate::edges::{Environment, VariableFault};
use crate::oauth::grant::Grant;
use crate::source::Source;

/// The issuer that the environment names, for a command that needs no client. No variable of the zone may be set but
/// empty, or unreadable: another zone would be used.
pub fn issuer(environment: &Environment) -> Result<Option<&str>, Fault> {
    for variable in SETTINGS.iter().filter_map(|row| row.variable) {
        match variable {
            Variable::Choice(name) => drop(environment.read_choice(name)?),
            Variable::Secret { value, file } => {
                environment.read_choice(value)?;
                environment.read_choice(file)?;
            }
            Variable::Request(name) if environment.os(name).is_some_and(|value| value.to_str().is_none()) => {
                return Err(VariableFault::NotUtf8(name).into());
            }
            Variable::Request(_) | Variable::Proof(_) => {}
        }
    }
    Ok(environment.text("HALLPASS_ISSUER"))
}

/// The variable of a zone that can't be made, because the issuer is not set.
pub fn without_issuer(environment: &Environment) -> Option<&'static str> {
    let of_client = ["HALLPASS_CLIENT_ID", "HALLPASS_CLIENT_SECRET"];
    if environment.os("HALLPASS_ISSUER").is_some() {
        return None;
    }
    of_client.into_iter().find(|name| environment.os(name).is_some())
}

/// The zone `env` of `HALLPASS_ISSUER` and `HALLPASS_CLIENT_ID`, with the grant `client_credentials`; `None` when the
/// issuer is not set. Its secret is a reference to the variable or file, read when it is used.
pub fn from_environment(environment: &Environment) -> Result<Option<Zone>, Fault> {
    let Some(issuer) = issuer(environment)? else { return Ok(None) };
    if environment.text("HALLPASS_CLIENT_ID").is_none() {
        return Err(Fault::refused("HALLPASS_CLIENT_ID", "is not set, but HALLPASS_ISSUER is"));
    }
    let mut zone = Zone { grant: Some(Grant::ClientCredentials), ..Zone::new(EPHEMERAL, issuer) };
    for row in &SETTINGS {
        match row.variable {
            Some(Variable::Choice(name) | Variable::Request(name)) => {
                let Some(text) = environment.text(name) else { continue };
                let field = (row.get_mut)(&mut zone);
                let words =
                    if field.kind() == ValueKind::Many { text.split_whitespace().collect() } else { vec![text] };
                field.set(row, &words).map_err(|reason| Fault::refused(name, reason))?;
            }
            Some(Variable::Secret { value, file }) => zone.client_secret = find_secret(environment, value, file)?,
            Some(Variable::Proof(_)) | None => {}
        }
    }
    check(&zone)?;
    Ok(Some(zone))
}

/// The zone with what a client may prove itself by instead of a secret: looked up only when something is to be proven.
pub fn with_proofs(zone: &Zone, environment: &Environment) -> Result<Zone, Fault> {
    let mut zone = zone.clone();
    for row in &SETTINGS {
        let Some(Variable::Proof(name)) = row.variable else { continue };
        // One that is empty is a job whose key was not handed over, never a client without one.
        let Some(text) = environment.read_choice(name)? else { continue };
        (row.get_mut)(&mut zone).set(row, &[text]).map_err(|reason| Fault::refused(name, reason))?;
    }
    check(&zone)?;
    Ok(zone)
}

/// Checks the zone; a fault names the variable.
fn check(zone: &Zone) -> Result<(), Fault> {
    zone.check().map_err(|fault| match fault {
        Fault::Refused { key, reason } => match Row::by_key(key).and_then(|row| row.variable) {
            Some(variable) => Fault::refused(variable.name(), reason),
            None => Fault::Refused { key, reason },
        },
        other => other,
    })
}

/// The place of the secret: its variable or a file.
fn find_secret(environment: &Environment, name: &'static str, file: &'static str) -> Result<SecretLocation, Fault> {
    match (environment.os(name), environment.read_choice(file)?) {
        (None, None) => Ok(SecretLocation::None),
        (Some(_), None) => Ok(SecretLocation::Referenced(Source::Env(name.to_owned()))),
        (Some(_), Some(_)) => Err(Fault::refused(name, format!("and {file} exclude each other"))),
        (None, Some(path)) => Ok(SecretLocation::Referenced(Source::File(path.into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SecretLocation, Zone};
    use super::from_environment;
    use crate::edges::Environment;
    use crate::oauth::grant::Grant;

    const BASE: [(&str, &str); 2] = [("HALLPASS_ISSUER", "https://as.example"), ("HALLPASS_CLIENT_ID", "ci")];

    fn zone(more: &[(&str, &str)]) -> Result<Zone, String> {
        let environment = Environment::of(BASE.iter().chain(more).copied());
        from_environment(&environment).map(Option::unwrap).map_err(|fault| fault.to_string())
    }

    #[test]
    fn variables_make_zone() {
        let made = zone(&[
            ("HALLPASS_CLIENT_SECRET", "hunter2"),
            ("HALLPASS_SCOPE", "read  write"),
            ("HALLPASS_AUDIENCE", "api"),
            ("HALLPASS_RESOURCE", "https://a.example https://b.example"),
            ("HALLPASS_AUTH", "client_secret_post"),
        ]);
        let made = made.unwrap();
        assert_eq!((made.name.as_str(), made.client_id.as_deref()), ("env", Some("ci")));
        assert_eq!(made.client_secret, SecretLocation::Referenced("env:HALLPASS_CLIENT_SECRET".parse().unwrap()));
        assert_eq!((made.scope.len(), made.audience.len(), made.resource.len()), (2, 1, 2));
        assert_eq!(made.grant, Some(Grant::ClientCredentials));
        assert!(!format!("{made:?}").contains("hunter2"));
    }

    #[test]
    fn file_may_hold_secret_and_nothing_may() {
        let made = zone(&[("HALLPASS_CLIENT_SECRET_FILE", "/run/secrets/x")]).unwrap();
        assert_eq!(made.client_secret, SecretLocation::Referenced("file:/run/secrets/x".parse().unwrap()));
        assert_eq!(zone(&[]).unwrap().client_secret, SecretLocation::None);
    }

    #[test]
    fn half_zone_is_fault() {
        assert!(from_environment(&Environment::default()).unwrap().is_none());
        assert!(from_environment(&Environment::of([("HALLPASS_CLIENT_ID", "ci")])).unwrap().is_none());
        let fault = from_environment(&Environment::of([BASE[0]])).unwrap_err().to_string();
        assert_eq!(fault, "HALLPASS_CLIENT_ID is not set, but HALLPASS_ISSUER is");
    }

    #[test]
    fn choice_that_is_empty_is_never_unset() {
        for name in ["ISSUER", "CLIENT_ID", "AUTH", "CLIENT_SECRET", "CLIENT_SECRET_FILE"] {
            let name = format!("HALLPASS_{name}");
            assert_eq!(zone(&[(&name, "")]).unwrap_err(), format!("{name} is set but empty"));
            let alone = from_environment(&Environment::of([(&name, "")])).unwrap_err();
            assert_eq!(alone.to_string(), format!("{name} is set but empty"));
        }
        assert!(zone(&[("HALLPASS_SCOPE", "")]).is_ok());
        let both = zone(&[("HALLPASS_CLIENT_SECRET", "hunter2"), ("HALLPASS_CLIENT_SECRET_FILE", "/f")]).unwrap_err();
        assert_eq!(both, "HALLPASS_CLIENT_SECRET and HALLPASS_CLIENT_SECRET_FILE exclude each other");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_text_is_not_unset() {
        use std::os::unix::ffi::OsStrExt;
        let environment = Environment::of([("HALLPASS_ISSUER", std::ffi::OsStr::from_bytes(b"https://\xff"))]);
        assert_eq!(from_environment(&environment).unwrap_err().to_string(), "HALLPASS_ISSUER is not UTF-8");
    }

    #[test]
    fn bad_value_names_its_variable() {
        assert!(
            zone(&[("HALLPASS_ISSUER", "http://u:hunter2@as.example")])
                .unwrap_err()
                .starts_with("HALLPASS_ISSUER must")
        );
        assert!(zone(&[("HALLPASS_AUTH", "basic")]).unwrap_err().starts_with("HALLPASS_AUTH must be one of"));
    }
}
