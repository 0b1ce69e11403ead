//! Machines whose clocks are five minutes apart: the whole program in-process, and a real Redis.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hallpass::edges::{Clock, Edges, Environment, Moment, NoBrowser, Streams};

use super::capture::Capture;
use super::engine::Engine;
use super::fault::{self, Server, token};
use super::room::Room;
use super::{SECRET, machine};

const LIFE: i64 = 3600;

/// A clock that goes as the others do, and is wrong by so much.
struct SkewedClock {
    begun: Instant,
    millis: AtomicI64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Moment {
        let gone = i64::try_from(self.begun.elapsed().as_millis()).unwrap();
        Moment::from_millis(self.millis.load(Ordering::SeqCst) + gone)
    }

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}

/// A machine with a wrong clock.
struct SkewedMachine {
    room: Room,
    clock: Arc<SkewedClock>,
}

impl SkewedMachine {
    fn new(server: &Server, engine: &Engine, minutes: i64) -> Self {
        let millis = AtomicI64::new(1_795_341_600_000 + minutes * 60_000);
        Self { room: machine(server, engine), clock: Arc::new(SkewedClock { begun: Instant::now(), millis }) }
    }

    /// Another one with the same clock and an empty home.
    fn beside(&self, server: &Server, engine: &Engine) -> Self {
        Self { room: machine(server, engine), clock: Arc::clone(&self.clock) }
    }

    fn run(&self, line: &str) -> (u8, String, String) {
        let arguments: Vec<OsString> = ["hallpass"].into_iter().chain(line.split(' ')).map(Into::into).collect();
        let (stdout, stderr) = (Capture::default(), Capture::default());
        let real = hallpass::real_edges();
        let edges = Edges {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            environment: Environment::of(self.room.variables()),
            streams: Streams {
                stdin: Box::new(io::empty()),
                stdout: Box::new(stdout.clone()),
                stderr: Box::new(stderr.clone()),
                stdin_terminal: false,
                stdout_terminal: false,
                stderr_terminal: false,
                stdout_void: false,
                columns: None,
            },
            browser: Arc::new(NoBrowser),
            ..real
        };
        (hallpass::main(&arguments, edges), stdout.text(), stderr.text())
    }

    /// The token of a run without a warning, and for how many seconds it still lives by this clock.
    #[track_caller]
    fn token(&self) -> (String, i64) {
        let (code, stdout, stderr) = self.run("token --json");
        assert_eq!((code, stderr.as_str()), (0, ""));
        let answer: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let left = answer["expires_at_epoch"].as_i64().unwrap() - self.clock.now().epoch();
        (answer["access_token"].as_str().unwrap().to_owned(), left)
    }
}

/// Lets time pass for machines and engine.
fn pass(machines: &[SkewedMachine], engine: &Engine, seconds: i64) {
    for machine in machines {
        machine.clock.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
    for key in engine.keys(":token") {
        let left: i64 = engine.command(&["PTTL", &key]).parse().unwrap();
        engine.command(&["PEXPIRE", &key, &(left - seconds * 1000).to_string()]);
    }
}

/// Each machine in turn gets the first token; those after it are `order[1]` and `order[2]`.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn clocks_that_are_five_minutes_apart_share_a_token_for_its_life() {
    std::thread::scope(|scope| {
        for order in [[-5, 0, 5], [5, 0, -5], [0, 5, -5]] {
            scope.spawn(move || share_for_a_life(order));
        }
    });
}

fn share_for_a_life(order: [i64; 3]) {
    let (shut, minted) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let is_shut = Arc::clone(&shut);
    let server = Server::with_token_answer(move |_, _| {
        if is_shut.load(Ordering::SeqCst) {
            return fault::oauth_error(400, "unauthorized_client");
        }
        token(&format!("token-{}", minted.fetch_add(1, Ordering::SeqCst)), LIFE.cast_unsigned())
    });
    let engine = Engine::start();
    let machines = order.map(|minutes| SkewedMachine::new(&server, &engine, minutes));
    let all_have = |number: usize, left: i64| {
        for one in &machines {
            // One that has a copy, and one that has not.
            for one in [one, &one.beside(&server, &engine)] {
                let (token, lives) = one.token();
                assert_eq!(token, format!("token-{number}"), "{order:?} with {left} s left");
                assert!((left - 20..=left).contains(&lives), "{order:?}: {lives} s, not {left} s");
            }
        }
    };
    all_have(0, LIFE);
    assert_eq!(server.token_requests().len(), 1, "{order:?}");

    // Renewal begins with the last quarter on no machine before, and in the last fifth on each.
    pass(&machines, &engine, 2680);
    all_have(0, LIFE - 2680);
    assert_eq!(server.token_requests().len(), 1, "{order:?}");
    pass(&machines, &engine, 210);
    all_have(1, LIFE);
    assert_eq!(server.token_requests().len(), 2, "{order:?}");

    // While the server refuses the valid token serves, and none that has expired.
    shut.store(true, Ordering::SeqCst);
    pass(&machines, &engine, LIFE - 200);
    for one in &machines {
        let (code, stdout, stderr) = one.run("token");
        assert_eq!((code, stdout.as_str()), (0, "token-1\n"), "{stderr}");
        assert!(stderr.contains("renewal failed, a token that is valid until"), "{stderr}");
    }
    pass(&machines, &engine, 200);
    for one in &machines {
        for one in [one, &one.beside(&server, &engine)] {
            let (code, stdout, stderr) = one.run("token");
            assert_eq!((code, stdout.as_str()), (5, ""), "{stderr}");
            assert!(!stderr.contains(SECRET), "{stderr}");
        }
    }
}
