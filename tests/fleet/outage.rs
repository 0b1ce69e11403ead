//! What goes wrong with an engine is one warning: the token comes as without it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::engine::Engine;
use super::fault::{self, Server, token};
use super::relay::{Barrier, Errand, Passage, Relay};
use super::room::{Outcome, Room, await_until, finish, free_port};
use super::{SECRET, machine, minting};

/// A server that refuses the scope `refused`.
fn server() -> Server {
    Server::with_token_answer(|request, _| {
        if request.body.contains("scope=refused") {
            return fault::oauth_error(400, "invalid_scope");
        }
        token("token", 3600)
    })
}

/// Each machine gets its token with one warning that says why, and its refusal with the same exit code.
#[track_caller]
fn serves_without(machine: impl Fn() -> Room, why: &str) {
    let (begun, room) = (Instant::now(), machine());
    let outcome = room.run(&["token"]);
    assert_eq!(outcome.answer(), "token", "{outcome}");
    let warned = outcome.stderr.starts_with("warning: the shared cache ") && outcome.stderr.contains(" is not used: ");
    assert!(warned && outcome.stderr.contains(why), "not {why}: {outcome}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
    // A busy machine may take its time to start a process.
    assert!(begun.elapsed() < Duration::from_secs(10), "{outcome}");
    // What was met is remembered for the next process.
    let again = room.run(&["token", "--scope", "again"]);
    assert_eq!(again.answer(), "token");
    assert!(again.stderr.contains("and is asked again") || again.stderr.contains(why), "{again}");
    let refused = machine().run(&["token", "--scope", "refused"]);
    assert!(refused.refused(5).contains(why), "{refused}");
}

/// This machine has its token from the engine.
#[track_caller]
fn is_shared(room: &Room) {
    let outcome = room.run(&["token"]);
    assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token", ""));
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_is_down_or_comes_back() {
    let (server, mut engine) = (server(), Engine::start());
    let requests = || server.token_requests().len();
    is_shared(&machine(&server, &engine));
    is_shared(&machine(&server, &engine));
    assert_eq!(requests(), 1);
    engine.command(&["FLUSHALL"]);
    is_shared(&machine(&server, &engine));
    assert_eq!(requests(), 2, "a flushed engine is an empty one");
    engine.restart_with("");
    is_shared(&machine(&server, &engine));
    assert_eq!(requests(), 3);
    engine.signal(Signal::STOP);
    serves_without(|| machine(&server, &engine), "it gave no answer within 1.0 s");
    engine.signal(Signal::CONT);
    let before = requests();
    is_shared(&machine(&server, &engine));
    assert_eq!(requests(), before, "it has kept its token");
    engine.kill();
    serves_without(|| machine(&server, &engine), "refused the connection");
    engine.restart_with("");
    is_shared(&machine(&server, &engine));
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_is_full_or_read_only_or_shut() {
    let server = server();
    for (lines, why) in [
        ("maxmemory 1\nmaxmemory-policy noeviction", "it refused: OOM"),
        ("replicaof 127.0.0.1 1\nreplica-serve-stale-data yes", "it refused: READONLY"),
        ("replicaof 127.0.0.1 1\nreplica-serve-stale-data no", "it refused: MASTERDOWN"),
        ("min-replicas-to-write 1", "it refused: NOREPLICAS"),
        ("requirepass fleet-password", "it refused: NOAUTH"),
        ("user default on nopass ~* +@all -eval", "it refused: NOPERM"),
        ("user default on nopass ~other:* +@all", "it refused: NOPERM"),
        ("cluster-enabled yes", "it refused: CLUSTERDOWN"),
        ("rename-command EVAL \"\"", "it refused: ERR unknown command"),
    ] {
        let engine = Engine::with(lines);
        serves_without(|| machine(&server, &engine), why);
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_is_busy() {
    let server = server();
    let engine = Engine::with("maxclients 2");
    let mut held = Vec::new();
    await_until(
        || {
            held.push(UnixStream::connect(engine.socket()).unwrap());
            let mut last = held.last().unwrap();
            last.write_all(b"PING\r\n").is_err() || last.read(&mut [b'+'; 64]).is_ok_and(|read| read != 7)
        },
        || "an engine with no place left".to_owned(),
    );
    serves_without(|| machine(&server, &engine), "");

    let mut engine = Engine::with("rdbcompression no");
    engine.command(&["EVAL", "for i = 1, 60 do redis.call('SET', i, string.rep('x', 2048)) end", "0"]);
    engine.command(&["SAVE"]);
    engine.restart_with("key-load-delay 200000\nloading-process-events-interval-bytes 1024");
    serves_without(|| machine(&server, &engine), "it refused: LOADING");

    let engine = Engine::with("lua-time-limit 20");
    let mut script = Command::new("redis-cli");
    script.arg("-s").arg(engine.socket()).args(["EVAL", "while true do end", "0"]).stdout(Stdio::null());
    let mut script = script.spawn().unwrap();
    await_until(|| engine.command(&["PING"]).starts_with("BUSY"), || "a busy engine".to_owned());
    serves_without(|| machine(&server, &engine), "it refused: BUSY");
    script.kill().unwrap();
    script.wait().unwrap();
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_fills_or_is_replaced_meanwhile_keeps_nobody_waiting() {
    for (lines, most) in [("CONFIG SET maxmemory 1", 5), ("REPLICAOF 127.0.0.1 1", 22)] {
        let (server, engine) = (server(), Engine::start());
        let barrier = Arc::new(Barrier::default());
        let at_engine = Arc::clone(&barrier);
        let relay = Relay::start(&engine, move |errand| match errand {
            Errand::Store => Passage::Before(Arc::clone(&at_engine)),
            _ => Passage::AtOnce,
        });
        let first = relay.leads(machine(&server, &engine)).hallpass(&["token"]).spawn().unwrap();
        barrier.await_reached();
        engine.command(&lines.split(' ').collect::<Vec<_>>());
        barrier.lift();
        let next = machine(&server, &engine).hallpass(&["token"]).spawn().unwrap();
        for outcome in [first, next].map(finish) {
            assert_eq!(outcome.answer(), "token");
            assert!(outcome.stderr.lines().count() <= 1, "{outcome}");
            assert!(outcome.took < Duration::from_secs(most), "{lines}: {outcome}");
        }
        assert!(server.token_requests().len() <= 2, "{lines}");
    }
}

/// The shortest of three runs, each of another machine: a busy machine makes some longer. With it comes what it needs.
#[track_caller]
fn shortest<T>(machine: impl Fn() -> (Room, T), args: &[&str], check: impl Fn(&Outcome)) -> Duration {
    let runs = (0..3).map(|_| {
        let (room, _engine) = machine();
        std::fs::write(room.directory().join("lines"), "{\"scope\":\"many\"}\n".repeat(20)).unwrap();
        let outcome = room.run(args);
        check(&outcome);
        outcome.took
    });
    runs.min().unwrap()
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn slow_engine_costs_at_most_a_second() {
    let server = server();
    let alone = || (Room::ephemeral(&server.base(), "runner", SECRET), ());
    // None finds what another one has brought.
    let behind = |delay: Duration| {
        let engine = Engine::start();
        let relay = Relay::start(&engine, move |_| Passage::Late(delay));
        (relay.leads(machine(&server, &engine)), (relay, engine))
    };
    let calls: [(&[&str], i32); 3] =
        [(&["token"], 0), (&["token", "--scope", "refused"], 5), (&["token", "--many", "lines"], 0)];
    for (args, code) in calls {
        let without = shortest(alone, args, |outcome| assert_eq!(outcome.code(), code, "{outcome}"));
        for (millis, warnings) in [(100, 0), (400, 1), (2000, 1)] {
            let took = shortest(
                || behind(Duration::from_millis(millis)),
                args,
                |outcome| {
                    let warned = outcome.stderr.matches("warning: the shared cache ").count();
                    assert!(outcome.code() == code && warned <= warnings, "{millis} ms: {outcome}");
                },
            );
            let most = without + Duration::from_millis(1300);
            assert!(took < most, "{millis} ms, {args:?}: {took:?}, without a shared cache {without:?}");
        }
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn slow_engine_shares_tokens() {
    for millis in [100, 400] {
        let (server, engine) = (minting(Duration::from_millis(50), 3600), Engine::start());
        let relay = Relay::start(&engine, move |_| Passage::Late(Duration::from_millis(millis)));
        let machines: Vec<Room> = (0..6).map(|_| relay.leads(machine(&server, &engine))).collect();
        let running: Vec<_> = machines.iter().map(|one| one.hallpass(&["token"]).spawn().unwrap()).collect();
        for outcome in running.into_iter().map(finish) {
            assert_eq!(outcome.answer(), "token-0", "{millis} ms: {outcome}");
        }
        assert_eq!(server.token_requests().len(), 1, "{millis} ms");
    }
}

/// So many lines for `--many`.
fn scopes(count: usize) -> String {
    (0..count).fold(String::new(), |lines, number| lines + &format!("{{\"scope\":\"s{number}\"}}\n"))
}

/// Hundreds of look-ups that are answered at once are no reason to give an engine up.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn many_tokens_are_shared() {
    let (server, engine) = (minting(Duration::ZERO, 3600), Engine::start());
    let lines = scopes(600);
    for _ in 0..2 {
        let machine = machine(&server, &engine);
        std::fs::write(machine.directory().join("lines"), &lines).unwrap();
        let outcome = machine.run(&["token", "--many", "lines"]);
        assert_eq!((outcome.answer().lines().count(), outcome.stderr.as_str()), (600, ""));
    }
    assert_eq!(server.token_requests().len(), 600);
}

/// What a server takes too long for is not the fault of the engine.
#[test]
#[ignore = "needs redis-server: tests/run"]
fn deadline_of_command_is_not_blamed_on_engine() {
    let (server, engine) = (minting(Duration::from_secs(5), 3600), Engine::start());
    for deadline in ["1s", "150ms"] {
        let room = machine(&server, &engine);
        let outcome = room.run(&["--deadline", deadline, "token"]);
        assert!(!outcome.refused(6).contains("shared cache"), "{outcome}");
        let state = room.run(&["status", "--json"]).json()[0]["shared_cache"]["state"].clone();
        assert_eq!(state, "configured", "{deadline}");
        assert_eq!(engine.keys(":lease").len(), 0, "it is given back: {deadline}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_repeats_password_is_not_repeated() {
    let (server, engine) = (server(), Engine::start());
    let url = answering(b"-WRONGPASS not canarypassword, it begins with canarypass\r\n");
    let machine = machine(&server, &engine).with("HALLPASS_SHARED_CACHE", url);
    let room = machine.with("HALLPASS_SHARED_CACHE_PASSWORD_FROM", "env:P").with("P", "canarypassword");
    for args in [&["token", "-vv"][..], &["doctor", "--offline", "--json"], &["status", "--json"]] {
        let outcome = room.run(args);
        assert!(format!("{outcome}").contains("WRONGPASS"), "{outcome}");
        // Nor a part of it, which no redaction knows.
        outcome.assert_hidden("canarypass");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_says_yes_to_all_is_warned_of_once() {
    let (server, engine) = (server(), Engine::start());
    let room = machine(&server, &engine).with("HALLPASS_SHARED_CACHE", answering(b"+OK\r\n"));
    let lines = scopes(32);
    std::fs::write(room.directory().join("lines"), lines).unwrap();
    let outcome = room.run(&["token", "--many", "lines"]);
    assert_eq!(outcome.answer().lines().count(), 32);
    assert_eq!(outcome.stderr.matches("the shared cache").count(), 1, "{outcome}");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn password_opens_it() {
    let server = server();
    let port = free_port();
    let engine = Engine::with(&format!(
        "port {port}\nbind 127.0.0.1\nrequirepass fleet-password\nuser ci on >ci-password ~hallpass:* +@all"
    ));
    let with = |room: Room, password: &str| {
        room.with("HALLPASS_SHARED_CACHE_PASSWORD_FROM", "env:FLEET_PASSWORD").with("FLEET_PASSWORD", password)
    };
    is_shared(&with(machine(&server, &engine), "fleet-password"));
    let by_user = |user: &str| format!("redis://{user}@127.0.0.1:{port}/0");
    is_shared(&with(machine(&server, &engine).with("HALLPASS_SHARED_CACHE", by_user("ci")), "ci-password"));
    assert_eq!(server.token_requests().len(), 1);
    let wrong = || with(machine(&server, &engine), "hunter2");
    serves_without(wrong, "it refused: WRONGPASS");
    wrong().run(&["token", "-vv", "--scope", "b"]).assert_hidden("hunter2");
    let without = Engine::start();
    serves_without(|| with(machine(&server, &without), "hunter2"), "it refused: ERR to AUTH");
    let beyond = format!("redis://127.0.0.1:{port}/99");
    serves_without(
        || with(machine(&server, &engine).with("HALLPASS_SHARED_CACHE", &beyond), "fleet-password"),
        "it refused: ERR DB index is out of range",
    );
    let nobody = by_user("nobody");
    serves_without(
        || with(machine(&server, &engine).with("HALLPASS_SHARED_CACHE", &nobody), "x"),
        "it refused: WRONGPASS",
    );
}

/// An engine that answers each connection so, and then keeps it open.
fn answering(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer);
            kept.push(stream);
        }
    });
    format!("redis://{address}/0")
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_is_another_program() {
    let (server, engine) = (server(), Engine::start());
    let without = |url: &str, why: &str| {
        serves_without(|| machine(&server, &engine).with("HALLPASS_SHARED_CACHE", url), why);
    };
    for (answer, why) in [
        (b"".as_slice(), "it gave no answer within 1.0 s"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak the protocol of Redis"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "it refused: LOADING"),
        (b"-ERR \x1b[31mred\x07\r\n", "it refused: ERR"),
        (b"+OK\r\n", "does not speak the protocol of Redis"),
        (b"*1000000000\r\n", ""),
        (b"$1000000000\r\n", ""),
    ] {
        without(&answering(answer), why);
    }
    // A real server of HTTP, which hangs up on what it can't read.
    let web = Server::kind();
    without(&web.base().replace("http://", "redis://"), "");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn tls_is_verified() {
    let port = free_port();
    let files = tempfile::tempdir().unwrap();
    let certify = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        let path = |end: &str| files.path().join(format!("{name}.{end}"));
        std::fs::write(path("pem"), certificate.pem()).unwrap();
        std::fs::write(path("key"), key.serialize_pem()).unwrap();
        (path("pem"), path("key"))
    };
    let ((chain, key), (other, _)) = (certify("127.0.0.1"), certify("cache.example"));
    let lines = |chain: &Path, key: &Path, port: u16| {
        let (chain, key) = (chain.display(), key.display());
        format!("tls-port {port}\nbind 127.0.0.1\ntls-cert-file {chain}\ntls-key-file {key}\ntls-auth-clients no")
    };
    let engine = Engine::with(&lines(&chain, &key, port));
    let server = server();
    let by_tls = || machine(&server, &engine).with("HALLPASS_SHARED_CACHE", format!("rediss://127.0.0.1:{port}/2"));
    is_shared(&by_tls().with("HALLPASS_CACERT", &chain));
    let outcome = by_tls().run(&["token", "--cacert", &chain.to_string_lossy()]);
    assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("token", ""));
    assert_eq!(server.token_requests().len(), 1);
    serves_without(by_tls, "certificate");
    serves_without(|| by_tls().with("HALLPASS_CACERT", &other), "certificate");
    let plain = |url: &str| machine(&server, &engine).with("HALLPASS_SHARED_CACHE", url);
    serves_without(|| plain(&format!("redis://127.0.0.1:{port}/0")), "");

    // A certificate that is trusted, and of another host.
    let (other_port, (chain, key)) = (free_port(), certify("127.0.0.2"));
    let engine = Engine::with(&lines(&chain, &key, other_port));
    let url = format!("rediss://127.0.0.1:{other_port}/0");
    let by_other_name =
        || machine(&server, &engine).with("HALLPASS_SHARED_CACHE", &url).with("HALLPASS_CACERT", &chain);
    serves_without(by_other_name, "certificate");

    // An engine that wants a certificate of its clients, who have none.
    let (mutual_port, (chain, key)) = (free_port(), certify("127.0.0.1"));
    let mutual = lines(&chain, &key, mutual_port).replace("clients no", "clients yes");
    let engine = Engine::with(&format!("{mutual}\ntls-ca-cert-file {}", chain.display()));
    let url = format!("rediss://127.0.0.1:{mutual_port}/0");
    let without_one = || machine(&server, &engine).with("HALLPASS_SHARED_CACHE", &url).with("HALLPASS_CACERT", &chain);
    serves_without(without_one, "");

    // Servers that speak no TLS, or say nothing at all.
    for (answer, why) in [(b"-ERR unknown command\r\n".as_slice(), ""), (b"", "it gave no answer within 1.0 s")] {
        let url = answering(answer).replace("redis://", "rediss://");
        serves_without(|| plain(&url), why);
    }
}
