//! Many machines, one token: the real program and a real Redis. `tests/run` installs it.
//!
//! A home is a machine here: two of them have nothing in common but the engine.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(target_os = "linux")]

#[path = "fleet/answers.rs"]
mod answers;
mod authority;
#[path = "fleet/breaker.rs"]
mod breaker;
mod capture;
#[path = "fleet/engine.rs"]
mod engine;
mod fault;
#[path = "fleet/forged.rs"]
mod forged;
#[path = "fleet/gate.rs"]
mod gate;
#[path = "fleet/lease.rs"]
mod lease;
#[path = "fleet/link.rs"]
mod link;
#[path = "fleet/outage.rs"]
mod outage;
#[path = "fleet/relay.rs"]
mod relay;
mod room;
mod running;
mod signer;
#[path = "fleet/skew.rs"]
mod skew;
#[path = "fleet/steps.rs"]
mod steps;
#[path = "fleet/sweep.rs"]
mod sweep;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::Engine;
use fault::{Server, Step, token};
use room::{Room, finish};

const SECRET: &str = "canary-fleet-51c2";

/// A server whose every token is another one, each after this long.
fn minting(latency: Duration, life: u64) -> Server {
    let minted = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| {
        let number = minted.fetch_add(1, Ordering::SeqCst);
        let mut reply = vec![Step::Wait(latency)];
        reply.extend(token(&format!("token-{number}"), life));
        reply
    })
}

/// A machine of the fleet.
fn machine(server: &Server, engine: &Engine) -> Room {
    engine.shared_by(Room::ephemeral(&server.base(), "runner", SECRET))
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn eight_machines_with_32_processes_each_make_one_request() {
    let (server, engine) = (minting(Duration::from_millis(300), 3600), Engine::start());
    let machines: Vec<Room> = (0..8).map(|_| machine(&server, &engine)).collect();
    let children: Vec<_> =
        (0..32).flat_map(|_| machines.iter().map(|one| one.hallpass(&["token"]).spawn().unwrap())).collect();
    for outcome in children.into_iter().map(finish) {
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token-0", ""));
    }
    assert_eq!(server.token_requests().len(), 1);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn what_makes_another_token_is_not_shared() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    let tokens: Vec<String> = [vec!["token"], vec!["token", "--scope", "a"], vec!["token", "--audience", "x"]]
        .iter()
        .map(|args| one.run(args).answer().to_owned())
        .collect();
    assert_eq!(tokens, ["token-0", "token-1", "token-2"]);
    assert_eq!(other.run(&["token", "--audience", "x"]).answer(), "token-2");
    let another_client = engine.shared_by(Room::ephemeral(&server.base(), "guest", SECRET));
    assert_eq!(another_client.run(&["token"]).answer(), "token-3");
    let another_key = machine(&server, &engine).with("FLEET_KEY", engine::KEY.replace('0', "1"));
    assert_eq!(another_key.run(&["token"]).answer(), "token-4");
    assert_eq!(other.run(&["token", "--no-cache"]).answer(), "token-5");
    assert_eq!(other.run(&["token"]).answer(), "token-0");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn fresh_token_is_one_that_was_asked_for_since() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    assert_eq!(one.run(&["token"]).answer(), "token-0");
    assert_eq!(other.run(&["token", "--fresh"]).answer(), "token-1");
    let third = machine(&server, &engine);
    assert_eq!(third.run(&["token"]).answer(), "token-1", "the newer one replaced it");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn what_is_forgotten_or_revoked_goes_there_too() {
    let server = sweep::revoking();
    let engine = Engine::start();
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    assert_eq!(one.run(&["token"]).answer(), "token-0");
    assert_eq!(one.run(&["token", "--scope", "a"]).answer(), "token-1");
    assert_eq!(engine.keys(":token").len(), 2);
    // A machine that has no copy forgets the usual one.
    other.run(&["token", "forget"]).answer();
    assert_eq!(engine.keys(":token").len(), 1);
    one.run(&["token", "forget"]).answer();
    assert_eq!(engine.keys(":token").len(), 0);
    assert_eq!(other.run(&["token"]).answer(), "token-2");
    // Nor has it one of what it revokes.
    one.run(&["revoke", "--own", "access"]).answer();
    let revoked = server.requests().pop().unwrap();
    assert!(revoked.target() == "/revoke" && revoked.body.contains("token=token-2"), "{revoked:?}");
    assert_eq!(engine.keys(":token").len(), 0);
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-3");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_sees_nothing_in_clear() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    let commands = engine.monitor();
    let room = machine(&server, &engine);
    assert_eq!(room.run(&["token", "--scope", "canary-scope"]).answer(), "token-0");
    assert_eq!(machine(&server, &engine).run(&["token", "--scope", "canary-scope"]).answer(), "token-0");
    engine.command(&["SAVE"]);
    engine.command(&["PING"]);
    let dump = std::fs::read(engine.directory().join("dump.rdb")).unwrap();
    let (dump, commands) = (String::from_utf8_lossy(&dump), commands());
    assert!(commands.contains("EVAL") && commands.contains(":token"), "{commands}");
    for secret in ["token-0", "canary", "runner", SECRET, server.host(), "Bearer", engine::KEY] {
        assert!(!dump.contains(secret) && !commands.contains(secret), "{secret}");
    }
    let left: i64 = engine.command(&["PTTL", &engine.keys(":token")[0]]).parse().unwrap();
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
}

/// An engine that takes the commands which docs/fleet.md lists, for keys of this kind.
fn documented_engine() -> Engine {
    let text = include_str!("../docs/fleet.md");
    let listed = text.split_once("The commands `").unwrap().1.split_once('`').unwrap().0.to_lowercase();
    let allowed = listed.split(' ').collect::<Vec<_>>().join(" +");
    Engine::with(&format!("user default on nopass ~hallpass:* -@all +{allowed} +select +keys +memory|usage"))
}

/// As docs/fleet.md says: these commands, keys of this kind, and so much memory.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_needs_what_the_documentation_lists() {
    let engine = documented_engine();
    let bearer = "t".repeat(900);
    let answer = bearer.clone();
    let server = Server::with_token_answer(move |_, _| token(&answer, 3600));
    for _ in 0..2 {
        let outcome = machine(&server, &engine).run(&["token"]);
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), (bearer.as_str(), ""));
    }
    assert_eq!(server.token_requests().len(), 1);
    let keys = engine.keys("");
    assert_eq!(keys.len(), 2, "the lease is gone: {keys:?}");
    let bytes = |key: &String| engine.command(&["MEMORY", "USAGE", key]).parse::<usize>().unwrap();
    let bytes: usize = keys.iter().map(bytes).sum();
    assert!(bytes < bearer.len() + 2000, "{bytes} bytes");
    let findings = machine(&server, &engine).run(&["doctor", "--offline", "--json"]).json();
    let finding = findings["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "shared-cache");
    assert_eq!(finding.unwrap()["state"], "ok");
    let outcome = machine(&server, &engine).run(&["token", "forget"]);
    assert!(outcome.code() == 0 && !outcome.stderr.contains("warning"), "{outcome}");
    assert_eq!(engine.keys(":token").len(), 0);
}

/// A thousand processes of sixteen machines in waves, over more than two lives of 20 s.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn thousand_processes_renew_once_for_each_lifetime() {
    const LIFE: Duration = Duration::from_secs(20);
    const WAVES: usize = 32;
    let (server, engine) = (minting(Duration::from_millis(50), LIFE.as_secs()), Engine::start());
    let machines: Vec<Room> = (0..16).map(|_| machine(&server, &engine)).collect();
    let (begun, mut answers) = (Instant::now(), Vec::new());
    for wave in 0..WAVES {
        let due = begun + Duration::from_millis(1500) * u32::try_from(wave).unwrap();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let started = Instant::now();
        let children: Vec<_> =
            machines.iter().chain(&machines).map(|one| one.hallpass(&["token"]).spawn().unwrap()).collect();
        for outcome in children.into_iter().map(finish) {
            assert_eq!(outcome.stderr, "");
            let number: usize = outcome.answer().strip_prefix("token-").unwrap().parse().unwrap();
            answers.push((started, number));
        }
    }
    let requests = server.token_requests();
    for (started, number) in &answers {
        assert!(*started < requests[*number].at + LIFE, "token-{number} had expired");
    }
    let lifetimes = usize::try_from(begun.elapsed().as_secs().div_ceil(LIFE.as_secs())).unwrap();
    assert!(answers.len() >= 1000 && lifetimes >= 3);
    assert!(requests.len() <= lifetimes + 2, "{} requests in {lifetimes} lifetimes", requests.len());
}
