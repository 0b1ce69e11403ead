//! `hallpass exec`: what the program gets, its exit code, signals, and files that go.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::fault::{self, Server, TOKEN, token};
use crate::room::{Outcome, Room, finish};

fn room(server: &Server) -> Room {
    Room::ephemeral(&server.base(), "c", "s3cret-of-c").with("PATH", "/usr/bin:/bin")
}

fn exec(room: &Room, flags: &[&str], script: &str) -> Outcome {
    room.run(&[&["exec"], flags, &["--", "sh", "-c", script]].concat())
}

/// The room with these zones, each with a client of its name.
fn add_zones(room: Room, server: &Server, names: [&str; 2]) -> Room {
    let (room, issuer) = (room.with("S", "s3cret-of-c"), server.base());
    for name in names {
        let add = ["zone", "add", name, "--issuer", &issuer, "--client-id", name, "--client-secret-ref", "env:S"];
        room.run(&[&add[..], &["--auth", "client_secret_post"]].concat()).answer();
    }
    room
}

/// Waits until this is so.
fn await_until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn program_gets_token_and_no_secret() {
    let server = Server::kind();
    let room = room(&server).with("OTHER", "kept");
    let shows = "echo \"$HALLPASS_TOKEN,$A,$HALLPASS_CLIENT_SECRET,$OTHER\"";
    assert_eq!(exec(&room, &[], shows).answer(), format!("{TOKEN},,,kept"));
    assert_eq!(exec(&room, &["--env", "A"], shows).answer(), format!(",{TOKEN},,kept"));
    assert_eq!(exec(&room, &["--keep-env"], shows).answer(), format!("{TOKEN},,s3cret-of-c,kept"));
    let arguments = exec(&room, &[], "tr '\\0' ' ' </proc/$$/cmdline");
    assert!(!arguments.answer().contains(TOKEN), "{arguments}");
    assert_eq!(room.run_with_stdin(&["exec", "--", "cat"], "through").answer(), "through");
}

#[test]
fn code_is_programs_or_that_of_env() {
    let server = Server::kind();
    let room = room(&server);
    std::fs::write(room.directory().join("plain"), "x").unwrap();
    for (flags, command, code) in [
        (&[][..], &["sh", "-c", "exit 7"][..], 7),
        (&["--file", "F"], &["sh", "-c", "exit 7"], 7),
        (&[], &["sh", "-c", "kill -TERM $$"], 143),
        (&["--file", "F"], &["sh", "-c", "kill -TERM $$"], 143),
        (&[], &["no-such-program"], 127),
        (&["--file", "F"], &["./no-such-program"], 127),
        (&[], &["./plain"], 126),
        (&["-z", "none"], &["true"], 125),
        (&["--env", "A=none"], &["true"], 125),
        (&["--env", "A", "--file", "A"], &["true"], 125),
        (&["--env", "1A"], &["true"], 125),
        (&["--refresh"], &["true"], 125),
        (&["--no-such-flag"], &["true"], 125),
    ] {
        let outcome = room.run(&[&["exec"], flags, &["--"], command].concat());
        assert_eq!(outcome.code(), code, "{flags:?} {command:?}: {outcome}");
        assert_eq!(outcome.stdout, "", "{outcome}");
    }
    assert_eq!(room.run(&["--no-such-flag", "exec", "--", "true"]).code(), 125);
    assert_eq!(room.run(&["--no-such-flag", "token"]).code(), 2);
    let json = room.run(&["--json", "exec", "-z", "none", "--", "true"]);
    assert!(json.stderr.contains("\"exit\":3}"), "{json}");
    assert_eq!(left_files(&room), 0);
}

#[test]
fn script_without_interpreter_is_run_by_sh() {
    let server = Server::kind();
    let room = room(&server);
    let script = room.directory().join("script");
    std::fs::write(&script, "echo \"$1 ${A:+and a token}\"; exit 3\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    for flag in ["--env", "--file"] {
        let outcome = room.run(&["exec", flag, "A", "--", "./script", "b c"]);
        assert_eq!((outcome.code(), &*outcome.stdout), (3, "b c and a token\n"), "{flag}: {outcome}");
    }
}

#[test]
fn without_token_no_program() {
    let server = Server::with_token_answer(|_, _| crate::fault::oauth_error(400, "invalid_scope"));
    let room = room(&server);
    assert_eq!(exec(&room, &[], "touch ran").code(), 125);
    assert!(!room.directory().join("ran").exists());
}

fn left_files(room: &Room) -> usize {
    room.files().iter().filter(|file| file.components().any(|part| part.as_os_str() == "handed")).count()
}

#[test]
fn file_is_private_and_gone_afterwards() {
    let server = Server::kind();
    let room = room(&server);
    let outcome =
        exec(&room, &["--file", "F", "--file", "G"], "stat -c %a \"$F\"; cat \"$F\" \"$G\"; echo $HALLPASS_TOKEN");
    assert_eq!(outcome.answer(), format!("600\n{TOKEN}{TOKEN}"));
    assert_eq!(left_files(&room), 0);
}

#[test]
fn file_goes_after_signal_and_after_crash() {
    let server = Server::kind();
    let room = room(&server);
    let start = |script: &str| {
        let args = ["exec", "--file", "F", "--", "sh", "-c", script];
        let child = room.hallpass(&args).stdin(Stdio::null()).spawn().unwrap();
        await_until(|| room.directory().join("ready").exists());
        std::fs::remove_file(room.directory().join("ready")).unwrap();
        child
    };
    let loops = "touch ready; while :; do sleep 0.05; done";
    for (signal, script, code) in [
        (Signal::TERM, loops.to_owned(), 143),
        (Signal::HUP, loops.to_owned(), 129),
        (Signal::TERM, format!("trap 'exit 5' TERM; {loops}"), 5),
        (Signal::USR1, format!("trap 'exit 6' USR1; {loops}"), 6),
        (Signal::USR2, loops.to_owned(), 140),
        (Signal::WINCH, format!("trap 'exit 7' WINCH; {loops}"), 7),
    ] {
        let child = start(&script);
        assert!(left_files(&room) > 0);
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(finish(child).code(), code, "{script}");
        assert_eq!(left_files(&room), 0, "{script}");
    }
    let mut child = start("echo $$ >pid; touch ready; exec sleep 1000");
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    let orphan = std::fs::read_to_string(room.directory().join("pid")).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(orphan).unwrap(), Signal::KILL).unwrap();
    assert!(left_files(&room) > 0);
    exec(&room, &[], "true").answer();
    assert_eq!(left_files(&room), 0);
}

#[test]
fn file_goes_after_signal_where_secret_comes_from_command() {
    let server = Server::with_token_answer(|_, _| token("T", 2));
    let room = room(&server).without_variable("HALLPASS_ISSUER");
    let directory = room.directory().to_owned();
    // The first reading is quick. Each later one, which a renewal asks for, lasts until a signal ends it.
    let secret = "cmd:test -e read && { touch reading; exec sleep 50; }; touch read; echo s3cret-of-c";
    let add = ["zone", "add", "z", "--issuer", &server.base(), "--client-id", "c", "--client-secret-ref", secret];
    room.run(&add).answer();
    for (flags, script, code) in [
        (&["--file", "F"][..], "touch ready; exec sleep 50", 143),
        (&["--file", "F", "--refresh"], "touch ready; exec sleep 50", 143),
        (&["--file", "F", "--refresh"], "trap 'exit 5' TERM; touch ready; sleep 50 & wait", 5),
    ] {
        for name in ["read", "reading", "ready"] {
            let _ = std::fs::remove_file(directory.join(name));
        }
        let args = [&["exec", "--fresh"], flags, &["--", "sh", "-c", script]].concat();
        let mut command = room.hallpass(&args);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let sign = if flags.contains(&"--refresh") { "reading" } else { "ready" };
        await_until(|| directory.join(sign).exists() && directory.join("ready").exists());
        assert!(left_files(&room) > 0);
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let outcome = finish(child);
        assert_eq!((outcome.code(), left_files(&room)), (code, 0), "{flags:?} {script}: {outcome}");
        assert!(outcome.took < Duration::from_secs(20), "{outcome}");
    }
}

#[test]
fn signal_that_is_ignored_stays_ignored() {
    let server = Server::kind();
    let room = room(&server).with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"));
    let line = "trap '' HUP; \"$HALLPASS\" exec --file F -- sh -c 'kill -HUP $PPID $$; sleep 0.2; echo lives'";
    assert_eq!(finish(room.program("sh").args(["-c", line]).spawn().unwrap()).answer(), "lives");
}

#[test]
fn long_min_ttl_asks_for_no_more_tokens() {
    let server = Server::with_token_answer(|_, _| token("T", 60));
    let room = room(&server);
    let outcome = exec(&room, &["--file", "F", "--refresh", "--min-ttl", "1h"], "sleep 3");
    outcome.answer();
    assert!(!outcome.stderr.contains("not renewed"), "{outcome}");
    assert_eq!(server.token_requests().len(), 1);
}

#[test]
fn file_is_renewed_while_program_runs() {
    let mints = AtomicUsize::new(0);
    let server =
        Server::with_token_answer(move |_, _| token(&format!("TOKEN-{}", mints.fetch_add(1, Ordering::SeqCst)), 2));
    let room = room(&server);
    let script = "first=$(cat \"$F\"); until test \"$(cat \"$F\")\" != \"$first\"; do sleep 0.05; done; echo \"$first\"; cat \"$F\"";
    let outcome = exec(&room, &["--file", "F", "--refresh"], script);
    assert_eq!(outcome.answer(), "TOKEN-0\nTOKEN-1");
    assert!(!outcome.stderr.contains("not renewed"), "it is renewed before it expires: {outcome}");
}

#[test]
fn file_is_renewed_beside_one_that_can_not_be() {
    let mints = [(); 2].map(|()| AtomicUsize::new(0));
    let server = Server::with_token_answer(move |request, _| {
        let is_lost = request.body.contains("client_id=lost");
        let count = mints[usize::from(is_lost)].fetch_add(1, Ordering::SeqCst);
        match (is_lost, count) {
            (true, 1..) => fault::json(400, r#"{"error":"unauthorized_client"}"#),
            (_, count) => token(&format!("TOKEN-{count}"), 2),
        }
    });
    let room = room(&server).without_variable("HALLPASS_ISSUER");
    let room = add_zones(room, &server, ["lost", "found"]);
    let script = "until test \"$(cat \"$B\")\" = TOKEN-2; do sleep 0.05; done; cat \"$A\"";
    let outcome = exec(&room, &["--file", "A=lost", "--file", "B=found", "--refresh"], script);
    assert_eq!(outcome.answer(), "TOKEN-0");
    assert!(outcome.stderr.contains("the token in A was not renewed"), "{outcome}");
}

#[test]
fn zones_have_variables_of_their_own() {
    let server = Server::with_token_answer(|request, _| {
        let client = request.body.split('&').find_map(|part| part.strip_prefix("client_id="));
        token(client.unwrap_or("nobody"), 3600)
    });
    let room = room(&server).without_variable("HALLPASS_ISSUER");
    let room = add_zones(room, &server, ["one", "two"]);
    let outcome = exec(&room, &["--env", "A", "--env", "B=two", "--file", "C=two"], "echo \"$A $B $(cat \"$C\") $S\"");
    assert_eq!(outcome.answer(), "one two two ");
}
