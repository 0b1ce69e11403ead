//! A link between a machine and its engine that is cut: two network namespaces joined by a pair of interfaces.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::engine::{self, Engine};
use super::fault::{Server, token};
use super::relay::Barrier;
use super::room::{Outcome, Room, await_until, finish};
use super::{SECRET, minting};

/// Set where this test runs itself in a namespace.
const INSIDE: &str = "HALLPASS_TEST_NAMESPACE";
const NAME: &str = "link::link_that_is_cut_keeps_nobody_waiting";
/// The engine's end of the link.
const ENGINE: &str = "10.77.0.2";

#[test]
#[ignore = "needs redis-server: tests/run"]
fn link_that_is_cut_keeps_nobody_waiting() {
    if std::env::var_os(INSIDE).is_some() {
        return cut_link_at_each_time();
    }
    let unshare = || {
        let mut command = Command::new("unshare");
        command.arg("-rnm").stdin(Stdio::null());
        command
    };
    let probe = unshare().args(["ip", "link", "add", "hp-a", "type", "veth", "peer", "name", "hp-b"]).output();
    if !probe.as_ref().is_ok_and(|output| output.status.success()) {
        // Not by `eprintln!`, which is hidden of a test that passes.
        writeln!(std::io::stderr(), "this machine allows no network namespaces, so no link was cut: {probe:?}")
            .unwrap();
        return;
    }
    let own = std::env::current_exe().unwrap();
    let output =
        unshare().arg(own).args(["--ignored", "--exact", NAME, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
}

/// The namespace of the engine, and this one's link to it.
struct Link(Child);

impl Link {
    fn new() -> Self {
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        let link = Self(Command::new("unshare").args(["-n", "sleep", "300"]).spawn().unwrap());
        let theirs = format!("/proc/{}/ns/net", link.0.id());
        await_until(|| std::fs::read_link(&theirs).is_ok_and(|name| name != own), || "another namespace".to_owned());
        let process = link.0.id().to_string();
        run(&["ip", "link", "set", "lo", "up"]);
        run(&["ip", "link", "add", "hp-a", "type", "veth", "peer", "name", "hp-b", "netns", &process]);
        run(&["ip", "addr", "add", "10.77.0.1/24", "dev", "hp-a"]);
        run(&["ip", "link", "set", "hp-a", "up"]);
        link.run_there(&["ip", "addr", "add", &format!("{ENGINE}/24"), "dev", "hp-b"]);
        link.restore();
        link
    }

    /// What runs a program in the engine's namespace.
    fn prefix(&self) -> Vec<String> {
        ["nsenter", "-t", &self.0.id().to_string(), "-n"].map(str::to_owned).to_vec()
    }

    fn run_there(&self, words: &[&str]) {
        let prefix = self.prefix();
        run(&prefix.iter().map(String::as_str).chain(words.iter().copied()).collect::<Vec<_>>());
    }

    /// What is sent from now on is lost without a word.
    fn cut(&self) {
        self.run_there(&["ip", "link", "set", "hp-b", "down"]);
    }

    fn restore(&self) {
        self.run_there(&["ip", "link", "set", "hp-b", "up"]);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(words: &[&str]) {
    assert!(Command::new(words[0]).args(&words[1..]).status().unwrap().success(), "{words:?}");
}

/// A machine whose engine is behind the link. Its server is not: without one nobody gets a token.
fn machine(server: &Server) -> Room {
    Room::ephemeral(&server.base(), "runner", SECRET)
        .with("HALLPASS_SHARED_CACHE", format!("redis://{ENGINE}:6379/0"))
        .with("HALLPASS_SHARED_CACHE_KEY_FROM", "env:FLEET_KEY")
        .with("FLEET_KEY", engine::KEY)
}

/// The token, with one warning.
#[track_caller]
fn goes_on(outcome: &Outcome, token: &str) {
    assert_eq!(outcome.answer(), token, "{outcome}");
    let lines: Vec<_> = outcome.stderr.lines().collect();
    assert!(lines.len() == 1 && lines[0].contains(" is not used: "), "{outcome}");
}

/// The second that a command waits for its engine, and what a busy machine needs to run it.
const MOST: Duration = Duration::from_millis(2500);

fn cut_link_at_each_time() {
    let link = Link::new();
    let resolver = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(resolver.path(), format!("nameserver {ENGINE}\n")).unwrap();
    run(&["mount", "--bind", &resolver.path().to_string_lossy(), "/etc/resolv.conf"]);
    let engine = Engine::within(&link.prefix(), &format!("port 6379\nbind {ENGINE}\nprotected-mode no"));

    // Before a command.
    let server = minting(Duration::ZERO, 3600);
    for _ in 0..2 {
        let outcome = machine(&server).run(&["token"]);
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token-0", ""));
    }
    link.cut();
    let runners: Vec<Room> = (0..3).map(|_| machine(&server)).collect();
    let outcomes: Vec<Outcome> = runners.iter().map(|one| one.run(&["token"])).collect();
    for (number, outcome) in (1..).zip(&outcomes) {
        goes_on(outcome, &format!("token-{number}"));
    }
    let shortest = outcomes.iter().map(|outcome| outcome.took).min().unwrap();
    assert!(shortest < Duration::from_millis(1300), "{shortest:?}");
    let next = runners[2].run(&["token", "--scope", "a"]);
    goes_on(&next, "token-4");
    assert!(next.stderr.contains(" s ago ("), "it knows: {next}");
    assert_eq!(runners[2].run(&["token"]).answer(), "token-3");
    // Nor is there anybody to ask for its address.
    let by_name = machine(&server).with("HALLPASS_SHARED_CACHE", "redis://cache.fleet.example:6379/0");
    let outcome = by_name.run(&["token"]);
    goes_on(&outcome, "token-5");
    assert!(outcome.took < MOST, "{outcome}");
    link.restore();
    await_link(&engine);
    let outcome = machine(&server).run(&["token"]);
    assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token-0", ""), "the link is there again");

    // Between the lease and its end, and while another machine waits for that.
    engine.command(&["FLUSHALL"]);
    let barrier = Arc::new(Barrier::default());
    let at_server = Arc::clone(&barrier);
    let server = Server::with_token_answer(move |request, _| {
        if request.body.contains("client_credentials") && !at_server.is_reached() {
            at_server.hold();
            return token("first", 3600);
        }
        token("second", 3600)
    });
    let holder = machine(&server).hallpass(&["token"]).spawn().unwrap();
    barrier.await_reached();
    let waiting = machine(&server).hallpass(&["token"]).spawn().unwrap();
    await_until(|| engine.command(&["CLIENT", "LIST", "TYPE", "normal"]).lines().count() > 2, || "both".to_owned());
    std::thread::sleep(Duration::from_millis(700));
    link.cut();
    let begun = Instant::now();
    goes_on(&finish(waiting), "second");
    // Its last answer may have come just before.
    assert!(begun.elapsed() < MOST + Duration::from_secs(1), "{:?}", begun.elapsed());
    let begun = Instant::now();
    barrier.lift();
    goes_on(&finish(holder), "first");
    assert!(begun.elapsed() < MOST, "{:?}", begun.elapsed());
    assert_eq!(server.token_requests().len(), 2);
    link.restore();
    await_link(&engine);
    // What was sent to it may come now; else the lease is left to end by itself.
    let outcome = machine(&server).run(&["token"]);
    assert!(["first", "second"].contains(&outcome.answer()) && outcome.stderr.is_empty(), "{outcome}");
}

/// Waits until the engine is reached over the link.
fn await_link(engine: &Engine) {
    assert_eq!(engine.command(&["PING"]), "PONG");
    await_until(|| std::net::TcpStream::connect((ENGINE, 6379)).is_ok(), || "the link".to_owned());
}
