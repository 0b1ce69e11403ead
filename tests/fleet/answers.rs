//! Answers of an introspection that replicas of a gate share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::gate::{replica, sharing};
use crate::authority::{Answered, Authority, ask, authority, bearer, start};
use crate::engine::Engine;
use crate::fault::{self, Reply};
use crate::room::await_until;
use crate::running::Running;

/// A server to which all tokens are active until it is said otherwise, each with a user of its own, but for `bad`.
fn server(revoked: &Arc<AtomicBool>) -> Authority {
    let revoked = Arc::clone(revoked);
    authority(move |token| answer(token, token != "bad" && !revoked.load(Ordering::SeqCst)))
}

fn answer(token: &str, active: bool) -> Reply {
    fault::json(200, format!(r#"{{"active":{active},"sub":"user-of-{token}","scope":"read"}}"#))
}

/// Who the gate says it is, or the status of a refusal.
fn who(gate: &Running, token: &str) -> String {
    let answer = ask(gate, "/auth", &bearer(token));
    match (answer.status, answer.field("X-Auth-Request-User")) {
        (200, Some(user)) => user.to_owned(),
        (status, _) => status.to_string(),
    }
}

fn start_both(authority: &Authority, engine: &Engine, flags: &str) -> [Running; 2] {
    [(); 2].map(|()| start(&replica(authority, engine), &format!("--introspect {flags}")))
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn what_one_replica_asked_no_other_asks_again() {
    let engine = Engine::start();
    let authority = server(&Arc::default());
    let [one, other] = start_both(&authority, &engine, "--cache-ttl 1m");
    for gate in [&one, &other, &one] {
        assert_eq!(who(gate, "good"), "user-of-good");
    }
    assert_eq!(authority.count("/introspect"), 1);
    // A new one knows it too, and what is required is judged by each.
    let third = start(&replica(&authority, &engine), "--introspect --scope write --cache-ttl 1m");
    assert_eq!((who(&third, "good").as_str(), authority.count("/introspect")), ("403", 1));
    // A no counts for a second.
    let asked = |number: usize| {
        await_until(
            || {
                let (begun, before) = (Instant::now(), authority.count("/introspect"));
                assert_eq!((who(&one, "bad").as_str(), who(&other, "bad").as_str()), ("401", "401"));
                begun.elapsed() < Duration::from_millis(900) && authority.count("/introspect") - before == number
            },
            || format!("a no was never asked for {number} times"),
        );
    };
    asked(1);
    asked(0);
    asked(1);
    let key = engine.keys(":answer").remove(0);
    assert!(key.starts_with("hallpass:{") && !key.contains("good"), "{key}");
    engine.command(&["SAVE"]);
    let dump = std::fs::read(engine.directory().join("dump.rdb")).unwrap();
    for clear in ["good", "user-of", "active", authority.server.host()] {
        assert!(!String::from_utf8_lossy(&dump).contains(clear), "{clear}");
    }
    for gate in [one, other, third] {
        let outcome = gate.end();
        assert_eq!((outcome.code(), sharing(&outcome.stderr)), (0, Vec::new()), "{outcome}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn answer_counts_no_longer_than_its_time_over_all() {
    let (engine, revoked) = (Engine::start(), Arc::new(AtomicBool::new(false)));
    let authority = server(&revoked);
    let [one, other] = start_both(&authority, &engine, "--cache-ttl 4s");
    let begun = Instant::now();
    assert_eq!(who(&one, "good"), "user-of-good");
    revoked.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(2500));
    let found = who(&other, "good");
    let late = begun.elapsed() > Duration::from_secs(4);
    assert!(late || found == "user-of-good", "{found}");
    // It was asked for in the middle, and yet does not count for as long again.
    await_until(|| who(&other, "good") == "401", || "a revoked token is still let in".to_owned());
    let lasted = begun.elapsed();
    assert!(lasted < Duration::from_secs(6), "{lasted:?}");
    assert!(late || lasted > Duration::from_millis(3500), "{lasted:?}");
    assert_eq!(who(&one, "good"), "401");
    drop([one, other]);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn answer_of_before_hangup_is_forgotten() {
    let (engine, revoked) = (Engine::start(), Arc::new(AtomicBool::new(false)));
    let authority = server(&revoked);
    let [one, other] = start_both(&authority, &engine, "--cache-ttl 10m");
    assert_eq!((who(&one, "good"), who(&other, "good")), ("user-of-good".to_owned(), "user-of-good".to_owned()));
    revoked.store(true, Ordering::SeqCst);
    other.signal(Signal::HUP);
    await_until(|| who(&other, "good") == "401", || "what was asked before HUP still counts".to_owned());
    assert_eq!(authority.count("/introspect"), 2);
    assert_eq!(who(&one, "good"), "user-of-good", "it was not reloaded");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn answer_that_is_moved_changed_or_put_back_is_not_believed() {
    let (engine, revoked) = (Engine::start(), Arc::new(AtomicBool::new(false)));
    let authority = server(&revoked);
    let first = start(&replica(&authority, &engine), "--introspect --cache-ttl 2s");
    let known = |token: &str| {
        let before = engine.keys(":answer");
        assert_eq!(who(&first, token), format!("user-of-{token}"));
        let key = engine.keys(":answer").into_iter().find(|key| !before.contains(key)).unwrap();
        engine.command(&["COPY", &key, &format!("kept-{token}")]);
        engine.command(&["PERSIST", &format!("kept-{token}")]);
        key
    };
    let asked_again = |token: &str, expected: &str, why: &str| {
        let gate = start(&replica(&authority, &engine), "--introspect --cache-ttl 2s");
        let before = authority.count("/introspect");
        assert_eq!(who(&gate, token), expected);
        assert_eq!(authority.count("/introspect"), before + 1, "{why}");
        let outcome = gate.end();
        assert!(outcome.stderr.contains("is not used: an") && outcome.stderr.contains(why), "{outcome}");
    };
    let (alice, root) = (known("alice"), known("root"));
    engine.command(&["COPY", "kept-root", &alice, "REPLACE"]);
    engine.command(&["PEXPIRE", &alice, "1500"]);
    asked_again("alice", "user-of-alice", "moved");
    engine.command(&["COPY", "kept-root", &root, "REPLACE"]);
    engine.change_byte(&root, 60);
    asked_again("root", "user-of-root", "changed");
    engine.command(&["COPY", "kept-alice", &alice, "REPLACE"]);
    asked_again("alice", "user-of-alice", "an old entry of it was put back");
    engine.command(&["PEXPIRE", &alice, "20000"]);
    asked_again("alice", "user-of-alice", "an old entry of it was put back");
    // What was revoked since does not come back with an old yes.
    revoked.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_secs(7));
    engine.command(&["COPY", "kept-alice", &alice, "REPLACE"]);
    engine.command(&["PEXPIRE", &alice, "1999"]);
    asked_again("alice", "401", "an old entry of it was put back");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn slow_engine_costs_a_quarter_of_a_second_once() {
    let engine = Engine::start();
    let authority = server(&Arc::default());
    let [one, other] = start_both(&authority, &engine, "--cache-ttl 1m");
    assert_eq!(who(&one, "before"), "user-of-before");
    engine.signal(Signal::STOP);
    for gate in [&one, &other] {
        let begun = Instant::now();
        let callers: Vec<_> = (0..20)
            .map(|number| {
                let field = bearer(&format!("t{number}"));
                gate.send(&format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{field}\r\n"))
            })
            .collect();
        for caller in callers {
            assert_eq!(Answered::parse(caller.rest()).status, 200);
        }
        // Sixteen are asked about at once; a busy machine may need more than the engine.
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert_eq!(who(gate, "before"), "user-of-before");
    }
    engine.signal(Signal::CONT);
    for gate in [one, other] {
        let back = || ask(&gate, "/-/ready", "").body.contains("shared with other replicas");
        await_until(back, || "the engine is not used again".to_owned());
        let states = sharing(&gate.end().stderr);
        assert!(
            states.len() == 2 && states[0].starts_with("this replica stands alone: it gave no answer"),
            "{states:?}"
        );
    }
}
