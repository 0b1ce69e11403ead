//! Who gets the token, what ends a lease, and what the others do meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::engine::Engine;
use super::fault::{self, Server, Step, token};
use super::relay::{Barrier, Errand, Passage, Relay};
use super::room::{Outcome, Room, finish};
use super::{machine, minting};

#[test]
#[ignore = "needs redis-server: tests/run"]
fn machine_without_patience_is_to_try_again() {
    let (server, engine) = (minting(Duration::from_secs(5), 3600), Engine::start());
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    let holder = one.hallpass(&["token"]).spawn().unwrap();
    server.await_token_requests(1);
    let impatient = other.run(&["--deadline", "1s", "token"]);
    assert!(impatient.refused(6).contains("another machine has been getting this token for too long"), "{impatient}");
    assert_eq!(finish(holder).answer(), "token-0");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn refusal_gives_lease_back() {
    let (first, engine) = (AtomicBool::new(true), Engine::start());
    let server = Server::with_token_answer(move |_, _| {
        if first.swap(false, Ordering::SeqCst) {
            return fault::oauth_error(400, "invalid_scope");
        }
        token("second", 3600)
    });
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    one.run(&["token"]).refused(5);
    assert_eq!(engine.keys(":lease").len(), 0);
    assert_eq!(other.run(&["--deadline", "5s", "token"]).answer(), "second");
}

/// The engine stands still for a moment just when a machine asks it for the lease.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn lease_that_is_won_too_late_is_given_back() {
    let (server, engine) = (minting(Duration::from_secs(3), 3600), Engine::start());
    let relay = Relay::start(&engine, |errand| match errand {
        Errand::Lease => Passage::Late(Duration::from_millis(1500)),
        _ => Passage::AtOnce,
    });
    let outcome = relay.leads(machine(&server, &engine)).run(&["token"]);
    assert_eq!(outcome.answer(), "token-0");
    assert!(outcome.stderr.contains("it gave no answer within"), "{outcome}");
    assert_eq!(engine.keys(":state").len(), 1, "it was won");
    assert_eq!(engine.keys(":lease").len(), 0);
}

/// While one machine hangs over the renewal, the others don't wait for it.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn token_that_is_still_valid_serves_while_it_is_renewed() {
    let (barrier, engine) = (Arc::new(Barrier::default()), Engine::start());
    let (at_server, number) = (Arc::clone(&barrier), AtomicUsize::new(0));
    let server = Server::with_token_answer(move |_, _| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        if number == 1 {
            at_server.hold();
        }
        token(&format!("token-{number}"), 600)
    });
    let with_copy = machine(&server, &engine);
    assert_eq!(with_copy.run(&["token"]).answer(), "token-0");
    engine.command(&["PEXPIRE", &engine.keys(":token")[0], "100000"]);
    let renewing = machine(&server, &engine).hallpass(&["token"]).spawn().unwrap();
    barrier.await_reached();
    for one in [&machine(&server, &engine), &machine(&server, &engine), &with_copy] {
        let outcome = one.run(&["token"]);
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token-0", ""));
        assert!(outcome.took < Duration::from_secs(5), "{outcome}");
    }
    barrier.lift();
    assert_eq!(finish(renewing).answer(), "token-1");
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-1");
    assert_eq!(server.token_requests().len(), 2);
}

/// The first machine is sent away for longer than a lease, and gets its token while the next one still waits for its own.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn token_that_comes_late_serves_while_there_is_no_newer_one() {
    let (number, engine) = (AtomicUsize::new(0), Engine::start());
    let server = Server::with_token_answer(move |_, _| match number.fetch_add(1, Ordering::SeqCst) {
        0 => fault::with_fields(503, "Retry-After: 17\r\n", ""),
        1 => {
            let mut reply = vec![Step::Wait(Duration::from_secs(8))];
            reply.extend(token("second", 3600));
            reply
        }
        _ => token("first", 3600),
    });
    let machines: Vec<Room> = (0..4).map(|_| machine(&server, &engine)).collect();
    let running = |one: &Room| one.hallpass(&["--deadline", "50s", "token"]).spawn().unwrap();
    let first = running(&machines[0]);
    server.await_token_requests(1);
    let others: Vec<_> = machines[1..].iter().map(running).collect();
    let first = finish(first);
    assert_eq!((first.answer(), first.stderr.as_str()), ("first", ""));
    let others: Vec<Outcome> = others.into_iter().map(finish).collect();
    let mut tokens: Vec<&str> = others.iter().map(Outcome::answer).collect();
    tokens.sort_unstable();
    assert_eq!(tokens, ["first", "first", "second"]);
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "second", "the newer one replaced it");
    assert_eq!(server.token_requests().len(), 3);
}

/// One of them has a wrong secret, and is the first to ask.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn machine_that_is_refused_spoils_nothing_for_others() {
    let first = AtomicBool::new(true);
    let server = Server::with_token_answer(move |_, _| {
        let answer = if first.swap(false, Ordering::SeqCst) {
            fault::oauth_error(401, "invalid_client")
        } else {
            token("good", 3600)
        };
        [vec![Step::Wait(Duration::from_millis(700))], answer].concat()
    });
    let outcomes = eight_at_once(&server, &Engine::start());
    let good = outcomes.iter().filter(|outcome| outcome.code() == 0).map(Outcome::answer);
    assert_eq!(good.collect::<Vec<_>>(), ["good"; 7]);
    assert_eq!(server.token_requests().len(), 2);
}

/// Eight machines that ask at the same time, each with ten seconds.
fn eight_at_once(server: &Server, engine: &Engine) -> Vec<Outcome> {
    let machines: Vec<Room> = (0..8).map(|_| machine(server, engine)).collect();
    let children: Vec<_> =
        machines.iter().map(|one| one.hallpass(&["--deadline", "10s", "token"]).spawn().unwrap()).collect();
    children.into_iter().map(finish).collect()
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn refusal_is_that_of_the_server_on_each_machine() {
    let server = Server::with_token_answer(|_, _| {
        let mut reply = vec![Step::Wait(Duration::from_millis(700))];
        reply.extend(fault::oauth_error(401, "invalid_client"));
        reply
    });
    for outcome in eight_at_once(&server, &Engine::start()) {
        outcome.refused(5);
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn tokens_that_can_not_be_cached_are_not_waited_for_one_by_one() {
    let server = Server::with_token_answer(|_, _| {
        let mut reply = vec![Step::Wait(Duration::from_secs(2))];
        reply.extend(fault::json(200, r#"{"access_token":"endless","token_type":"Bearer"}"#));
        reply
    });
    for outcome in eight_at_once(&server, &Engine::start()) {
        assert_eq!(outcome.answer(), "endless");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn lease_without_end_keeps_nobody_waiting() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    machine(&server, &engine).run(&["token", "forget"]).answer();
    engine.command(&["SET", &engine.keys(":state")[0].replace(":state", ":lease"), "somebody"]);
    let outcome = machine(&server, &engine).run(&["--deadline", "10s", "token"]);
    assert_eq!(outcome.answer(), "token-1");
    assert!(outcome.stderr.contains("a lease of it has no end"), "{outcome}");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn token_that_is_still_valid_serves_when_its_renewal_fails() {
    let (first, engine) = (AtomicBool::new(true), Engine::start());
    let server = Server::with_token_answer(move |_, _| {
        if first.swap(false, Ordering::SeqCst) { token("token-0", 600) } else { fault::answer(503, "text/plain", "no") }
    });
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    engine.command(&["PEXPIRE", &engine.keys(":token")[0], "40000"]);
    let outcome = machine(&server, &engine).run(&["--deadline", "10s", "token"]);
    assert_eq!(outcome.answer(), "token-0");
    assert!(outcome.stderr.contains("renewal failed, a token that is valid until"), "{outcome}");
    machine(&server, &engine).run(&["--deadline", "10s", "token", "--fresh"]).refused(6);
}
