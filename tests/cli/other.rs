//! `hallpass help`, `schema`, `completions`, `man`: what needs neither zone nor home.

use insta::assert_snapshot;

use super::room::Room;

#[test]
fn help() {
    let mut room = Room::new();
    room.unset("HALLPASS_HOME");
    for topic in ["exit-codes", "sources", "environment", "zones", "shared-cache"] {
        let outcome = room.run(&format!("help {topic}"));
        assert!(outcome.ok().lines().count() > 8, "{outcome}");
        assert!(outcome.ok().lines().all(|line| line.chars().count() <= 120), "{outcome}");
    }
    assert!(room.run("help zone add").ok().contains("Usage: hallpass zone add"));
    assert!(room.run("help").ok().contains("Usage: hallpass"));
    assert_snapshot!(room.run("help nope"), @"
    exit 2
    err: error: no such topic or subcommand
    err: hint: topics: exit-codes, sources, environment, zones, shared-cache
    err: hint: subcommands: hallpass help
    ");
}

#[test]
fn schema() {
    let room = Room::new();
    let names = room.run("schema");
    let listed: Vec<&str> = names.ok().lines().collect();
    assert!(listed.is_sorted() && listed.len() > 10, "{names}");
    for known in ["error", "token", "token list", "zone add"] {
        assert!(listed.contains(&known), "{names}");
    }
    for name in names.ok().lines() {
        let schema = room.run(&format!("schema '{name}'"));
        let schema: serde_json::Value = serde_json::from_str(schema.ok()).unwrap();
        assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{name}");
    }
    let unknown = room.run("schema nope");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""), "{unknown}");
    assert_eq!(unknown.stderr, "error: no such output schema\nhint: schemas: hallpass schema\n");
}

#[test]
fn every_script_is_one() {
    let room = Room::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell", "nushell"] {
        let script = room.run(&format!("completions {shell}"));
        assert!(script.ok().contains("hallpass"), "{script}");
    }
    assert_snapshot!(room.run("completions csh"), @"
    exit 2
    err: error: invalid value for <SHELL>
    err: hint: possible values: bash, zsh, fish, elvish, powershell, nushell
    ");
}

#[test]
fn man() {
    let room = Room::new();
    let page = room.run("man");
    assert!(page.ok().contains(".TH hallpass 1"), "{page}");
}

#[test]
fn man_writes_readable_pages() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new();
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("share/man1");
    assert!(room.run(&format!("man {}", pages.display())).ok().contains("hallpass-zone-add.1"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    let ordinary = directory.path().join("ordinary");
    std::fs::write(&ordinary, "").unwrap();
    assert_eq!(mode(&pages.join("hallpass.1")), mode(&ordinary), "a page is born with the modes that the umask leaves");
}
