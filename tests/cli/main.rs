//! The whole program in-process, in a clean room: memory keyring, a clock that the test moves, seeded entropy, captured
//! streams, exactly the variables that are given, and a strict scripted server on loopback.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

mod bearer;
mod canary;
#[path = "../capture/mod.rs"]
mod capture;
mod check;
mod client;
mod client_auth;
mod config;
mod connection;
mod device;
mod discover;
mod doctor;
mod doctor_generic;
mod doctor_hostile;
mod doctor_realm;
mod doctor_report;
mod dpop;
mod dry_run;
mod environment;
mod exchange;
#[path = "../fault/mod.rs"]
mod fault;
mod form;
mod gate;
mod grant;
mod har;
mod header;
mod helper;
mod home;
mod hostile;
mod inspect;
mod introspect;
mod keyring;
mod kong;
mod leak;
mod login;
mod login_resource;
mod logout;
mod mutual_tls;
mod oddities;
mod other;
mod par;
mod person;
mod pkce;
mod precedence;
mod proxy;
mod redaction;
mod refresh;
mod refusal;
mod registration_doubt;
mod registration_oddities;
mod renewal;
mod revoke;
mod room;
mod server;
mod session;
#[path = "../shape/mod.rs"]
mod shape;
mod shared_cache;
mod signer;
mod status;
mod table;
mod token;
mod token_caches;
mod upgrade;
mod upgrade_registration;
mod usage;
mod vault;
mod workload;
mod zone;
mod zone_add;
mod zone_transfer;

/// A file that no `mod` names would be tests that never run.
#[test]
fn no_file_is_forgotten() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut found: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "main.rs" && !name.ends_with(".pending-snap"))
        .collect();
    found.sort();
    let named: Vec<String> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|name| !["capture", "fault", "shape"].contains(name))
        .map(|name| format!("{name}.rs"))
        .collect();
    assert_eq!(found, named);
}
