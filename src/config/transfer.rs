//! Zones as TOML for another machine, and zones from elsewhere.

use std::path::Path;

use super::row::Row;
use super::{Config, Fault, SecretLocation, Zone, check_name};
use crate::edges::Environment;
use crate::oauth::grant::Grant;

/// The zone as TOML of the shape of `config.toml`. A secret in the vault is only mentioned in a comment, and so are headers
/// unless their values may be shown.
pub fn export(mut zone: Zone, show_headers: bool) -> Result<String, Fault> {
    let left_behind = leave_behind(&mut zone);
    let headers = if show_headers { Vec::new() } else { std::mem::take(&mut zone.headers) };
    let hidden = headers.iter().map(|(name, _)| format!("# header {name} is hidden; --show-secrets prints it\n"));
    let mut config = Config::parse("", Path::new("config.toml"))?;
    config.set_zone(&zone)?;
    let comments = left_behind.iter().map(|key| format!("# {key} is stored in a vault and stays there\n"));
    Ok(std::iter::once(config.to_string()).chain(comments).chain(hidden).collect())
}

/// Reads the zones of TOML of the shape of `config.toml`, each with the secrets that stay in the other machine's vault.
/// `path` names it in faults.
pub fn import(text: &str, path: &Path) -> Result<Vec<(Zone, Vec<&'static str>)>, Fault> {
    let config = Config::parse(text, path)?;
    let mut imported = Vec::new();
    for name in config.all_names() {
        check_name(name)?;
        if let Some(mut zone) = config.zone(name)? {
            for (key, source) in zone.references() {
                let row = Row::by_key(key);
                row.map_or(Ok(()), |row| row.check_value(&source.to_string()))
                    .map_err(|reason| Fault::refused(key, reason))?;
            }
            let left_behind = leave_behind(&mut zone);
            imported.push((zone, left_behind));
        }
    }
    if imported.is_empty() {
        return Err(Fault::NoZone { path: path.to_owned() });
    }
    Ok(imported)
}

/// The zones `keycloak` and `service` of the variables `KEYCLOAK_REALM_URL`, `KEYCLOAK_CLIENT_ID` and `_SECRET`,
/// `SERVICE_CLIENT_ID` and `_SECRET`, each with the variable whose value the caller stores in the vault. One pair is
/// enough.
pub fn from_keycloak(environment: &Environment) -> Result<Vec<(Zone, &'static str)>, Fault> {
    let realm = environment.text("KEYCLOAK_REALM_URL");
    let realm = realm.ok_or_else(|| Fault::refused("KEYCLOAK_REALM_URL", "is not set"))?;
    let pairs = [
        ("keycloak", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"),
        ("service", "SERVICE_CLIENT_ID", "SERVICE_CLIENT_SECRET"),
    ];
    let mut zones = Vec::new();
    for (name, id, secret) in pairs {
        let client_id = match (environment.text(id), environment.os(secret).filter(|value| !value.is_empty())) {
            (None, None) => continue,
            (Some(client_id), Some(_)) => client_id.to_owned(),
            (Some(_), None) => return Err(Fault::refused(secret, format!("is not set, but {id} is"))),
            (None, Some(_)) => return Err(Fault::refused(id, format!("is not set, but {secret} is"))),
        };
        let zone = Zone {
            name: name.to_owned(),
            // A realm's issuer never ends in a slash, and issuers are compared byte for byte.
            issuer: realm.trim_end_matches('/').to_owned(),
            client_id: Some(client_id),
            client_secret: SecretLocation::Stored,
            grant: Some(Grant::ClientCredentials),
            ..Zone::default()
        };
        zone.check().map_err(|fault| match fault {
            Fault::Refused { key: "issuer", reason } => Fault::refused("KEYCLOAK_REALM_URL", reason),
            other => other,
        })?;
        zones.push((zone, secret));
    }
    if zones.is_empty() {
        return Err(Fault::refused("KEYCLOAK_CLIENT_ID", "is not set, and neither is SERVICE_CLIENT_ID"));
    }
    Ok(zones)
}

fn leave_behind(zone: &mut Zone) -> Vec<&'static str> {
    let stored = zone.secret_locations_mut().into_iter().filter(|(_, location)| **location == SecretLocation::Stored);
    stored.map(|(key, location)| (key, *location = SecretLocation::None).0).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{SecretLocation, Zone};
    use super::{export, from_keycloak, import};
    use crate::edges::Environment;

    fn zone() -> Zone {
        Zone {
            name: "ci".to_owned(),
            issuer: "https://as.example".to_owned(),
            client_id: Some("c".to_owned()),
            client_secret: SecretLocation::Stored,
            private_key: SecretLocation::Referenced("file:/k.pem".parse().unwrap()),
            ..Zone::default()
        }
    }

    #[test]
    fn export_leaves_vault_and_keeps_references() {
        insta::assert_snapshot!(export(zone(), false).unwrap(), @r#"
        [zones.ci]
        issuer = "https://as.example"
        client_id = "c"
        private_key_ref = "file:/k.pem"
        # client_secret is stored in a vault and stays there
        "#);
    }

    #[test]
    fn import_reads_export() {
        let imported = import(&export(zone(), false).unwrap(), Path::new("stdin")).unwrap();
        assert_eq!(imported.len(), 1);
        assert_eq!(imported[0].0, Zone { client_secret: SecretLocation::None, ..zone() });
    }

    #[test]
    fn import_refuses_what_is_not_a_zone() {
        let text = "[zones.a]\nissuer = 'https://as.example'\nclient_secret = 'stored'\n";
        let imported = import(text, Path::new("stdin")).unwrap();
        assert_eq!((&imported[0].0.client_secret, &imported[0].1[..]), (&SecretLocation::None, &["client_secret"][..]));
        for text in [
            "",
            "default = 'a'",
            "[zones.'../a']\nissuer = 'https://as.example'",
            "[zones.env]",
            "[zones.a]",
            "[zones.a]\nissuer = 'https://as.example'\nclient_secret = 'hunter2'",
        ] {
            let fault = import(text, Path::new("stdin")).unwrap_err().to_string();
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }

    const REALM: (&str, &str) = ("KEYCLOAK_REALM_URL", "https://kc.example/realms/r/");
    const CLIENT: [(&str, &str); 2] = [("KEYCLOAK_CLIENT_ID", "web"), ("KEYCLOAK_CLIENT_SECRET", "hunter2")];
    const SERVICE: [(&str, &str); 2] = [("SERVICE_CLIENT_ID", "svc"), ("SERVICE_CLIENT_SECRET", "hunter3")];

    #[test]
    fn keycloak_variables_make_two_zones() {
        let environment = Environment::of([REALM].into_iter().chain(CLIENT).chain(SERVICE));
        let zones = from_keycloak(&environment).unwrap();
        let seen: Vec<_> =
            zones.iter().map(|(zone, name)| (zone.name.as_str(), zone.client_id.as_deref(), *name)).collect();
        assert_eq!(
            seen,
            [("keycloak", Some("web"), "KEYCLOAK_CLIENT_SECRET"), ("service", Some("svc"), "SERVICE_CLIENT_SECRET")]
        );
        assert_eq!(zones[0].0.issuer, "https://kc.example/realms/r");
        let one = from_keycloak(&Environment::of([REALM].into_iter().chain(SERVICE))).unwrap();
        assert_eq!((one.len(), one[0].0.name.as_str()), (1, "service"));
    }

    #[test]
    fn half_pair_is_fault() {
        let faulty = [
            (vec![REALM], "KEYCLOAK_CLIENT_ID"),
            (vec![CLIENT[0], CLIENT[1]], "KEYCLOAK_REALM_URL"),
            (vec![REALM, CLIENT[0]], "KEYCLOAK_CLIENT_SECRET"),
            (vec![REALM, CLIENT[0], ("KEYCLOAK_CLIENT_SECRET", "")], "KEYCLOAK_CLIENT_SECRET"),
            (vec![REALM, SERVICE[1]], "SERVICE_CLIENT_ID"),
            (vec![("KEYCLOAK_REALM_URL", "http://kc.example/realms/r"), CLIENT[0], CLIENT[1]], "KEYCLOAK_REALM_URL"),
        ];
        for (variables, name) in faulty {
            let fault = from_keycloak(&Environment::of(variables)).unwrap_err().to_string();
            assert!(fault.starts_with(&format!("{name} ")), "{fault}");
        }
    }
}
