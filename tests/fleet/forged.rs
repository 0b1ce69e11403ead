//! An engine that moves, changes or puts back entries: none of them is ever served.

use super::engine::Engine;
use super::room::Room;
use super::{machine, minting};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The next machine gets another token, and a warning why.
#[track_caller]
fn is_refused(room: &Room, token: &str, why: &str) {
    let outcome = room.run(&["token"]);
    assert_eq!(outcome.answer(), token, "{outcome}");
    assert!(outcome.stderr.contains(why) && outcome.stderr.lines().count() == 1, "{outcome}");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn changed_cut_and_foreign_entries_are_refused() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let key = engine.keys(":token").remove(0);
    let script = |text: &str| engine.command(&["EVAL", text, "1", &key]);
    let scripts = [
        (
            "local v = redis.call('GET', KEYS[1]); local at = #v - 3; redis.call('SET', KEYS[1], v:sub(1, at - 1) .. \
          string.char((v:byte(at) + 1) % 256) .. v:sub(at + 1), 'KEEPTTL')",
            "changed",
        ),
        ("redis.call('SET', KEYS[1], redis.call('GET', KEYS[1]):sub(1, -2), 'KEEPTTL')", "changed"),
        (
            "local v = redis.call('GET', KEYS[1]); redis.call('SET', KEYS[1], v:sub(1, 8) .. string.char(200) .. v:sub(10), \
          'KEEPTTL')",
            "changed",
        ),
        ("redis.call('SET', KEYS[1], 'hello', 'PX', 100000)", "not ours"),
        ("redis.call('SET', KEYS[1], '', 'PX', 100000)", "not ours"),
        ("redis.call('PERSIST', KEYS[1])", "outlives its token"),
        ("redis.call('PEXPIRE', KEYS[1], 90000000)", "outlives its token"),
    ];
    for (number, (text, why)) in scripts.iter().enumerate() {
        script(text);
        is_refused(&machine(&server, &engine), &format!("token-{}", number + 1), why);
    }
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), format!("token-{}", scripts.len()));
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn moved_entry_is_refused() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    let room = machine(&server, &engine);
    room.run(&["token", "--scope", "admin"]).answer();
    let admin = engine.keys(":token").remove(0);
    room.run(&["token"]).answer();
    let usual = engine.keys(":token").into_iter().find(|key| *key != admin).unwrap();
    engine.command(&["COPY", &admin, &usual, "REPLACE"]);
    is_refused(&machine(&server, &engine), "token-2", "moved");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn old_entry_is_refused() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let key = engine.keys(":token").remove(0);
    engine.command(&["COPY", &key, "kept"]);
    assert_eq!(machine(&server, &engine).run(&["token", "--fresh"]).answer(), "token-1");
    engine.command(&["COPY", "kept", &key, "REPLACE"]);
    is_refused(&machine(&server, &engine), "token-2", "an old entry of it was put back");
    // Nor is one that was forgotten.
    machine(&server, &engine).run(&["token", "forget"]).answer();
    engine.command(&["COPY", "kept", &key, "REPLACE"]);
    is_refused(&machine(&server, &engine), "token-3", "an old entry of it was put back");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn numbers_that_were_changed_are_seen() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let state = engine.keys(":state").remove(0);
    engine.command(&["HSET", &state, "newest", "0"]);
    is_refused(&machine(&server, &engine), "token-1", "its numbers were changed");
    engine.command(&["HSET", &state, "fence", "0"]);
    is_refused(&machine(&server, &engine), "token-2", "its numbers were changed");
    // An engine that was full may have dropped them.
    engine.command(&["DEL", &state]);
    let outcome = machine(&server, &engine).run(&["token"]);
    assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token-3", ""));
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn entry_of_another_type_is_refused() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let key = engine.keys(":token").remove(0);
    engine.command(&["DEL", &key]);
    engine.command(&["RPUSH", &key, "x"]);
    is_refused(&machine(&server, &engine), "token-1", "another type");
}

/// Who can write at the engine, and has no key, gives a token no longer life than it has.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn entry_does_not_outlive_its_token() {
    let (server, engine) = (minting(Duration::ZERO, 4), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let key = engine.keys(":token").remove(0);
    engine.command(&["COPY", &key, "kept"]);
    engine.command(&["PERSIST", "kept"]);
    std::thread::sleep(Duration::from_millis(4100));
    assert_eq!(engine.keys(":token").len(), 0, "it has gone with its token");
    engine.command(&["COPY", "kept", &key]);
    engine.command(&["PEXPIRE", &key, "3000"]);
    is_refused(&machine(&server, &engine), "token-1", "outlives its token");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn longer_life_at_engine_makes_no_token_fresh() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let key = engine.keys(":token").remove(0);
    std::thread::sleep(Duration::from_millis(1500));
    // Over and over, as if the token had been obtained just now.
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                engine.command(&["PEXPIRE", &key, "3600000"]);
            }
        });
        let outcome = machine(&server, &engine).run(&["token", "--fresh"]);
        over.store(true, Ordering::SeqCst);
        assert_eq!(outcome.answer(), "token-1", "{outcome}");
    });
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn numbers_that_are_none_are_replaced() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let state = engine.keys(":state").remove(0);
    for (number, text) in ["abc", "-5", "9223372036854775807"].iter().enumerate() {
        engine.command(&["HSET", &state, "fence", text]);
        is_refused(&machine(&server, &engine), &format!("token-{}", number + 1), "its numbers were changed");
    }
    let healed = machine(&server, &engine).run(&["token"]);
    assert_eq!((healed.answer(), healed.stderr.as_str()), ("token-3", ""));
    engine.command(&["SETRANGE", &engine.keys(":token")[0], "1200000", "x"]);
    is_refused(&machine(&server, &engine), "token-4", "too large");
}
