//! The breaker of the introspection endpoint, as replicas share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::gate::replica;
use crate::authority::{Authority, ask, authority, bearer, start, status};
use crate::engine::Engine;
use crate::fault;
use crate::room::await_until;
use crate::running::Running;

/// A server that is down until it is said otherwise, for so long that a question asks it once.
fn server(down: &Arc<AtomicBool>) -> Authority {
    let down = Arc::clone(down);
    authority(move |_| {
        if down.load(Ordering::SeqCst) {
            fault::with_fields(503, "Retry-After: 60\r\nContent-Type: text/plain\r\n", "down")
        } else {
            fault::json(200, r#"{"active":true,"sub":"u-1"}"#)
        }
    })
}

/// Waits until each uses the engine: one that got no answer in a quarter of a second does without for ten.
fn await_sharing(gates: &[&Running]) {
    for gate in gates {
        let shares = || ask(gate, "/-/ready", "").body.contains("shared with other replicas");
        await_until(shares, || "a replica that does not stand alone".to_owned());
    }
}

/// Asks about as many tokens as are to fail, by turns at these gates.
fn fail(gates: &[&Running], tokens: std::ops::Range<usize>) {
    for number in tokens {
        assert_eq!(status(gates[number % gates.len()], "/auth", &bearer(&format!("token-{number}"))), 503);
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn outages_are_counted_over_replicas_and_one_asks_again() {
    let (engine, down) = (Engine::start(), Arc::new(AtomicBool::new(true)));
    let authority = server(&down);
    let gates = [(); 3].map(|()| start(&replica(&authority, &engine), "--introspect"));
    let all: Vec<&Running> = gates.iter().collect();
    await_sharing(&all);
    fail(&all, 0..4);
    assert_eq!(engine.keys(":breaker").len(), 1);
    // One that works ends the count.
    down.store(false, Ordering::SeqCst);
    assert_eq!(status(all[1], "/auth", &bearer("works")), 200);
    assert_eq!(engine.keys(":breaker").len(), 0);
    down.store(true, Ordering::SeqCst);
    fail(&all, 10..15);
    let opened = Instant::now();
    assert_eq!(authority.count("/introspect"), 10);
    fail(&all, 20..30);
    assert_eq!(authority.count("/introspect"), 10, "it is open on each");
    // Nor does a new one ask.
    fail(&[&start(&replica(&authority, &engine), "--introspect")], 30..31);
    assert_eq!(authority.count("/introspect"), 10);
    std::thread::sleep(Duration::from_millis(60_500).saturating_sub(opened.elapsed()));
    await_sharing(&all);
    let callers: Vec<_> = (40..52)
        .map(|number| {
            let field = bearer(&format!("token-{number}"));
            let request = format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{field}\r\n");
            all[number % all.len()].send(&request)
        })
        .collect();
    for caller in callers {
        assert!(caller.rest().starts_with("HTTP/1.1 503 "));
    }
    assert_eq!(authority.count("/introspect"), 11, "one asks once for all");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn each_replica_has_breaker_of_its_own_while_engine_is_away() {
    let (mut engine, down) = (Engine::start(), Arc::new(AtomicBool::new(true)));
    let authority = server(&down);
    let gates = [(); 2].map(|()| start(&replica(&authority, &engine), "--introspect"));
    fail(&[&gates[0], &gates[1]], 0..4);
    engine.kill();
    fail(&[&gates[0]], 10..15);
    let before = authority.count("/introspect");
    fail(&[&gates[0]], 20..25);
    assert_eq!(authority.count("/introspect"), before);
    down.store(false, Ordering::SeqCst);
    assert_eq!(status(&gates[1], "/auth", &bearer("works")), 200);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn state_that_was_changed_or_moved_does_not_count() {
    let (engine, down) = (Engine::start(), Arc::new(AtomicBool::new(true)));
    let authority = server(&down);
    let gate = start(&replica(&authority, &engine), "--introspect");
    fail(&[&gate], 0..5);
    let key = engine.keys(":breaker").remove(0);
    engine.change_byte(&key, 40);
    down.store(false, Ordering::SeqCst);
    assert_eq!(status(&gate, "/auth", &bearer("works")), 200);
    let outcome = gate.end();
    assert!(outcome.stderr.contains("is not used: an entry of it was changed"), "{outcome}");
}
