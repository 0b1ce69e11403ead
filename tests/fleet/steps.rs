//! A machine that dies or freezes at each step on its way to a token, while others want the same one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::engine::Engine;
use super::fault::{self, Server};
use super::machine;
use super::relay::{Barrier, Errand, Passage, Relay};
use super::room::{Room, finish};

/// The longest that a lease lasts.
const LEASE: Duration = Duration::from_secs(15);
/// What a busy machine needs to run a few processes.
const SLACK: Duration = Duration::from_secs(7);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It asks for the lease, and the engine does not get that.
    Lease,
    /// It has the lease and does not know.
    LeaseAnswer,
    /// It has the lease and asks for metadata.
    Metadata,
    /// The server has its request and does not answer.
    Request,
    /// It has its token, and the engine does not get it.
    Store,
    /// The engine has its token, and it does not know.
    StoreAnswer,
}

/// How many requests the server gets when the machine is killed there, how many more at most when it goes on later, and how
/// long the others wait.
const STEPS: [(Step, usize, usize, Duration); 6] = [
    (Step::Lease, 1, 1, Duration::ZERO),
    (Step::LeaseAnswer, 1, 1, LEASE),
    (Step::Metadata, 1, 1, LEASE),
    // What was sent without an answer may be sent once more.
    (Step::Request, 2, 1, LEASE),
    (Step::Store, 2, 0, LEASE),
    (Step::StoreAnswer, 1, 0, Duration::ZERO),
];

#[test]
#[ignore = "needs redis-server: tests/run"]
fn machine_that_dies_at_any_step_is_given_up() {
    at_every_step(Signal::KILL);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn machine_that_freezes_at_any_step_changes_nothing_later() {
    at_every_step(Signal::STOP);
}

/// All at once, because most of them wait for a lease to end.
fn at_every_step(signal: Signal) {
    std::thread::scope(|scope| {
        for (step, requests, more, wait) in STEPS {
            scope.spawn(move || at_step(step, signal, requests, more, wait));
        }
    });
}

fn at_step(step: Step, signal: Signal, requests: usize, more: usize, wait: Duration) {
    let case = format!("{step:?} {}", if signal == Signal::KILL { "killed" } else { "frozen" });
    let (engine, barrier, others_run) = (Engine::start(), Arc::new(Barrier::default()), Arc::default());
    let server = server(step, &barrier, &others_run);
    let at_engine = Arc::clone(&barrier);
    let relay = Relay::start(&engine, move |errand| match (step, errand) {
        (Step::Lease, Errand::Lease) | (Step::Store, Errand::Store) => Passage::Before(Arc::clone(&at_engine)),
        (Step::LeaseAnswer, Errand::Lease) | (Step::StoreAnswer, Errand::Store) => {
            Passage::After(Arc::clone(&at_engine))
        }
        _ => Passage::AtOnce,
    });
    let first = relay.leads(machine(&server, &engine));
    let holder = first.hallpass(&["--deadline", "55s", "token"]).spawn().unwrap();
    barrier.await_reached();
    kill_process(Pid::from_raw(holder.id().cast_signed()).unwrap(), signal).unwrap();
    let begun = Instant::now();
    others_run.store(true, Ordering::SeqCst);

    let others: Vec<Room> = (0..3).map(|_| machine(&server, &engine)).collect();
    let running: Vec<_> =
        others.iter().map(|one| one.hallpass(&["--deadline", "50s", "token"]).spawn().unwrap()).collect();
    let outcomes: Vec<_> = running.into_iter().map(finish).collect();
    let (took, sent) = (begun.elapsed(), server.token_requests().len());
    // What it had sent comes late, even if it is dead.
    let _ = kill_process(Pid::from_raw(holder.id().cast_signed()).unwrap(), Signal::CONT);
    barrier.lift();
    let late = finish(holder);

    let token = outcomes[0].answer();
    for outcome in &outcomes {
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), (token, ""), "{case}: {outcome}");
    }
    assert!(took < wait + SLACK, "{case}: {took:?}");
    assert_eq!(sent, requests, "{case}");
    let sent = server.token_requests().len();
    if signal == Signal::STOP {
        assert!(late.answer().starts_with("token-") && late.stderr.lines().count() <= 1, "{case}: {late}");
        assert!(sent <= requests + more, "{case}: {sent} requests, {late}");
    }
    let last = machine(&server, &engine).run(&["token"]);
    assert_eq!((last.answer(), last.stderr.as_str()), (token, ""), "{case}: another one is there now");
    assert_eq!(server.token_requests().len(), sent, "{case}");
}

/// A server that keeps the first machine waiting where the step says.
fn server(step: Step, barrier: &Arc<Barrier>, others_run: &Arc<AtomicBool>) -> Server {
    let (barrier, others_run, minted) = (Arc::clone(barrier), Arc::clone(others_run), AtomicUsize::new(0));
    Server::start(move |request, base| {
        let is_metadata = request.is_metadata();
        let number = if is_metadata { 0 } else { minted.fetch_add(1, Ordering::SeqCst) };
        let is_step = step == if is_metadata { Step::Metadata } else { Step::Request };
        if is_step && !others_run.load(Ordering::SeqCst) {
            barrier.hold();
        }
        if is_metadata { fault::metadata(base) } else { fault::token(&format!("token-{number}"), 3600) }
    })
}
