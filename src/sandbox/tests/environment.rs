use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::Room;
use crate::edges::Environment;
use crate::sandbox::Error;
use crate::sandbox::environment::{ChildPlace, child_environment, files};
use crate::secret::Secret;

fn place(bin: &str) -> ChildPlace {
    ChildPlace {
        home: PathBuf::from("/home"),
        bin: PathBuf::from(bin),
        files: PathBuf::from("/files"),
        vault_key: Secret::new("a2V5"),
    }
}

fn child(room: &Room, outer: &Environment) -> BTreeMap<OsString, OsString> {
    let list = child_environment(&room.sandbox, outer, &place("/home/bin")).unwrap();
    let count = list.len();
    let map: BTreeMap<_, _> = list.into_iter().collect();
    assert_eq!(map.len(), count, "a variable is there twice");
    map
}

#[test]
fn child_finds_ready_zone_and_home_of_its_own() {
    let room = Room::new();
    let child = child(&room, &Environment::of([("PATH", "/usr/bin:/bin"), ("LANG", "C")]));
    let value = |name: &str| child[&OsString::from(name)].to_str().unwrap().to_owned();
    assert_eq!(value("HALLPASS_ISSUER"), room.sandbox.issuer());
    assert_eq!(value("HALLPASS_CLIENT_ID"), room.client_id());
    assert_eq!(value("HALLPASS_CLIENT_SECRET"), room.client_secret().expose());
    assert_eq!((value("HALLPASS_HOME"), value("HALLPASS_VAULT")), ("/home".to_owned(), "sealed".to_owned()));
    assert_eq!(value("HALLPASS_VAULT_KEY_FROM"), "env:HALLPASS_SANDBOX_VAULT_KEY");
    assert_eq!(value("HALLPASS_SANDBOX_VAULT_KEY"), "a2V5");
    assert_eq!(value("HALLPASS_SANDBOX_POST_SECRET"), room.secret("sandbox-post"));
    assert_eq!(value("HALLPASS_SANDBOX_CERT_KEY"), "/files/client.key");
    assert!(files(&room.sandbox).iter().all(|file| value(file.variable) == format!("/files/{}", file.name)));
    assert_eq!(value("PATH"), "/home/bin:/usr/bin:/bin");
    assert_eq!(value("LANG"), "C");
}

#[test]
fn nothing_of_outer_zone_leaks_in() {
    let room = Room::new();
    let outer = Environment::of([
        ("HALLPASS_ZONE", "prod"),
        ("HALLPASS_TOKEN", "t"),
        ("HALLPASS_SCOPE", "s"),
        ("HALLPASS_AUTH", "none"),
        ("HALLPASS_CLIENT_SECRET_FILE", "/f"),
        ("HALLPASS_VAULT_PASSPHRASE_FROM", "env:MY_PASSPHRASE"),
        ("HALLPASS_VAULT_KEY_FROM", "env:MY_KEY"),
        ("MY_PASSPHRASE", "p"),
        ("MY_KEY", "k"),
        ("HALLPASS_LATER", "x"),
        ("HALLPASS_FORMAT", "json"),
        ("HALLPASS_CLIENT_ID", "outer"),
    ]);
    let child = child(&room, &outer);
    let names: Vec<&str> = child.keys().map(|name| name.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "HALLPASS_CLIENT_ID",
            "HALLPASS_CLIENT_SECRET",
            "HALLPASS_FORMAT",
            "HALLPASS_HOME",
            "HALLPASS_ISSUER",
            "HALLPASS_SANDBOX_API_SECRET",
            "HALLPASS_SANDBOX_API_URL",
            "HALLPASS_SANDBOX_ASSERTION",
            "HALLPASS_SANDBOX_BASIC_SECRET",
            "HALLPASS_SANDBOX_CACERT",
            "HALLPASS_SANDBOX_CERT",
            "HALLPASS_SANDBOX_CERT_KEY",
            "HALLPASS_SANDBOX_DPOP_SECRET",
            "HALLPASS_SANDBOX_INITIAL_TOKEN",
            "HALLPASS_SANDBOX_JWT_SECRET",
            "HALLPASS_SANDBOX_POST_SECRET",
            "HALLPASS_SANDBOX_PRIVATE_KEY",
            "HALLPASS_SANDBOX_SELF_SIGNED_CERT",
            "HALLPASS_SANDBOX_SELF_SIGNED_CERT_KEY",
            "HALLPASS_SANDBOX_SILENT_API_URL",
            "HALLPASS_SANDBOX_SOFTWARE_STATEMENT",
            "HALLPASS_SANDBOX_VAULT_KEY",
            "HALLPASS_VAULT",
            "HALLPASS_VAULT_KEY_FROM",
            "PATH"
        ]
    );
    assert_eq!(child[&OsString::from("PATH")], "/home/bin");
    assert_ne!(child[&OsString::from("HALLPASS_CLIENT_ID")], "outer");
}

#[test]
fn directory_that_would_split_path_is_refused() {
    let room = Room::new();
    let split = child_environment(&room.sandbox, &Environment::default(), &place("/a:b"));
    assert!(matches!(split, Err(Error::Path(_))));
}
