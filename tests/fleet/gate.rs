//! Replicas of a gate that agree by the shared cache. Each has a home of its own, as on another machine.

use serde_json::Value;

use crate::authority::{Answered, Authority, ask, authority, bearer, bound_room, proven, start, status};
use crate::documented_engine;
use crate::engine::Engine;
use crate::fault;
use crate::room::{Room, await_until};
use crate::running::Running;

const URL: &str = "https://api.example/orders";
/// What a proxy reports of a GET of [`URL`].
const REPORTED: &str = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: api.example\r\nX-Forwarded-Uri: /orders\r\n";

pub fn replica(authority: &Authority, engine: &Engine) -> Room {
    engine.shared_by(authority.room())
}

/// A token that is bound to a key, with a proof that was not used yet, as a client sends them.
fn bound(prover: &Room) -> String {
    proven(prover, "GET", URL).concat() + REPORTED
}

fn ready(gate: &Running) -> String {
    ask(gate, "/-/ready", "").body
}

/// The lines of the log that tell whether what this replica knows is shared.
pub fn sharing(stderr: &str) -> Vec<String> {
    let lines = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["shared_cache"].as_str().map(str::to_owned)).collect()
}

#[track_caller]
fn assert_used_before(answer: &Answered) {
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(answer.json()["reason"], "the DPoP proof was used before");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn proof_counts_once_over_all_replicas_and_their_restarts() {
    let (authority, engine) = (authority(|_| panic!("nobody asks")), Engine::start());
    let prover = bound_room(&authority);
    let (one, other) = (replica(&authority, &engine), replica(&authority, &engine));
    let (first, second) = (start(&one, "--jwks --workers 2"), start(&other, "--jwks"));
    assert_eq!(ready(&first), "ready\nshared_cache: shared with other replicas\n");
    let (here, there) = (bound(&prover), bound(&prover));
    assert_eq!(ask(&first, "/auth", &here).status, 200);
    assert_used_before(&ask(&second, "/auth", &here));
    assert_eq!(ask(&second, "/auth", &there).status, 200);
    assert_used_before(&ask(&first, "/auth", &there));
    assert_eq!(first.end().code(), 0);
    let first = start(&one, "--jwks");
    assert_used_before(&ask(&first, "/auth", &here));
    assert_used_before(&ask(&first, "/auth", &there));
    // Many at once: one of them is let in.
    let proof = bound(&prover);
    let request = format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{proof}\r\n");
    let callers: Vec<_> = (0..20).map(|number| [&first, &second][number % 2].send(&request)).collect();
    let answers: Vec<_> = callers.into_iter().map(|caller| Answered::parse(caller.rest()).status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    // What is there tells nothing, and is gone when no clock lets it count any more.
    let keys = engine.keys(":proof");
    assert_eq!(keys.len(), 3);
    for key in &keys {
        let left: i64 = engine.command(&["PTTL", key]).parse().unwrap();
        assert!((300_000..=420_000).contains(&left), "{left}");
    }
    for gate in [first, second] {
        let outcome = gate.end();
        assert_eq!((outcome.code(), sharing(&outcome.stderr)), (0, Vec::new()), "{outcome}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn each_of_many_proofs_at_once_counts_at_one_replica() {
    let (authority, engine) = (authority(|_| panic!("nobody asks")), Engine::start());
    let prover = bound_room(&authority);
    let gates = [(); 2].map(|()| start(&replica(&authority, &engine), "--jwks --workers 2"));
    let proofs: Vec<String> = (0..60).map(|_| bound(&prover)).collect();
    let callers: Vec<_> = proofs
        .iter()
        .map(|proof| {
            let request = format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{proof}\r\n");
            [gates[0].send(&request), gates[1].send(&request), gates[0].send(&request)]
        })
        .collect();
    for three in callers {
        let mut answers = three.map(|caller| Answered::parse(caller.rest()).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 401, 401]);
    }
    for gate in gates {
        let outcome = gate.end();
        assert_eq!(sharing(&outcome.stderr), Vec::<String>::new(), "{outcome}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_can_not_make_up_that_proof_was_used() {
    let (authority, engine) = (authority(|_| panic!("nobody asks")), Engine::start());
    let prover = bound_room(&authority);
    let one = start(&replica(&authority, &engine), "--jwks");
    assert_eq!(ask(&one, "/auth", &bound(&prover)).status, 200);
    let (proof, used) = (bound(&prover), engine.keys(":proof").remove(0));
    assert_eq!(ask(&one, "/auth", &proof).status, 200);
    let key = engine.keys(":proof").into_iter().find(|key| *key != used).unwrap();
    let room = replica(&authority, &engine);
    let moved = || drop(engine.command(&["COPY", &used, &key, "REPLACE"]));
    let replaced = || drop(engine.command(&["SET", &key, "hello"]));
    let changed = || engine.change_byte(&key, 20);
    let ways: [(&dyn Fn(), &str); 3] = [(&moved, "moved"), (&replaced, "is not ours"), (&changed, "changed")];
    for (forge, why) in ways {
        forge();
        let gate = start(&room, "--jwks");
        // It was used, but nothing that can be believed says so.
        assert_eq!(ask(&gate, "/auth", &proof).status, 200, "{why}");
        assert_used_before(&ask(&gate, "/auth", &proof));
        assert!(ready(&gate).contains("shared with other replicas"), "one entry is not the engine");
        let outcome = gate.end();
        assert!(outcome.stderr.contains("is not used: an entry of it") && outcome.stderr.contains(why), "{outcome}");
        engine.command(&["DEL", &key]);
        assert_eq!(ask(&start(&room, "--jwks"), "/auth", &proof).status, 200);
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn replicas_go_on_alone_while_engine_is_away() {
    let (authority, mut engine) = (authority(|_| panic!("nobody asks")), Engine::start());
    let prover = bound_room(&authority);
    let gates = [start(&replica(&authority, &engine), "--jwks"), start(&replica(&authority, &engine), "--jwks")];
    let proof = bound(&prover);
    assert_eq!(ask(&gates[0], "/auth", &proof).status, 200);
    engine.kill();
    for gate in &gates {
        for _ in 0..3 {
            let begun = std::time::Instant::now();
            let proof = bound(&prover);
            assert_eq!(ask(gate, "/auth", &proof).status, 200);
            assert_used_before(&ask(gate, "/auth", &proof));
            assert!(begun.elapsed() < std::time::Duration::from_secs(5));
        }
        assert_used_before(&ask(&gates[0], "/auth", &proof));
        let ready = ask(gate, "/-/ready", "");
        assert_eq!(ready.status, 200);
        let alone = "ready\nshared_cache: this replica stands alone: it refused the connection\n";
        assert_eq!(ready.body, alone);
    }
    engine.restart_with("");
    for gate in &gates {
        let back = || ready(gate) == "ready\nshared_cache: shared with other replicas\n";
        await_until(back, || "the engine is not used again".to_owned());
    }
    let proof = bound(&prover);
    assert_eq!(ask(&gates[0], "/auth", &proof).status, 200);
    assert_used_before(&ask(&gates[1], "/auth", &proof));
    for gate in gates {
        let outcome = gate.end();
        let alone = "this replica stands alone: it refused the connection";
        assert_eq!(sharing(&outcome.stderr), [alone, "shared with other replicas"], "{outcome}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn replicas_need_what_the_documentation_lists() {
    let authority = authority(|token| match token {
        "down" => fault::answer(503, "text/plain", "down"),
        _ => fault::json(200, r#"{"active":true,"sub":"u-1"}"#),
    });
    let engine = documented_engine();
    let (by_keys, by_word) =
        (start(&replica(&authority, &engine), "--jwks"), start(&replica(&authority, &engine), "--introspect"));
    let proof = bound(&bound_room(&authority));
    assert_eq!(ask(&by_keys, "/auth", &proof).status, 200);
    assert_used_before(&ask(&by_keys, "/auth", &proof));
    assert_eq!(status(&by_word, "/auth", &bearer("good")), 200);
    assert_eq!(status(&by_word, "/auth", &bearer("down")), 503);
    for kind in [":proof", ":answer", ":breaker"] {
        assert_eq!(engine.keys(kind).len(), 1, "{kind}");
    }
    assert_eq!(status(&by_word, "/auth", &bearer("works")), 200);
    assert_eq!(engine.keys(":breaker").len(), 0);
    for gate in [by_keys, by_word] {
        let outcome = gate.end();
        assert!(!outcome.stderr.contains("shared_cache") && !outcome.stderr.contains("is not used"), "{outcome}");
    }
}

/// Another password of the engine is read like other secrets; what can't be read leaves the last good one.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn replica_follows_password_of_engine() {
    let (authority, mut engine) = (authority(|_| panic!("nobody asks")), Engine::with("requirepass first-password"));
    let room = replica(&authority, &engine).with("HALLPASS_SHARED_CACHE_PASSWORD_FROM", "file:engine-password");
    let file = room.directory().join("engine-password");
    std::fs::write(&file, "first-password").unwrap();
    let gate = start(&room, "--jwks");
    let shared = "ready\nshared_cache: shared with other replicas\n";
    assert_eq!(ready(&gate), shared);
    std::fs::remove_file(&file).unwrap();
    let serves = || ready(&gate).contains("shared_cache: the last good one serves: could not read the password");
    await_until(serves, || ready(&gate));
    engine.restart_with("requirepass second-password");
    std::fs::write(&file, "second-password").unwrap();
    await_until(|| ready(&gate) == shared, || ready(&gate));
    let proof = bound(&bound_room(&authority));
    assert_eq!(ask(&gate, "/auth", &proof).status, 200);
    let outcome = gate.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    outcome.assert_hidden("second-password");
}
