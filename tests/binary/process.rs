//! Streams, environment and children of the process.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::fault::{Server, TOKEN};
use crate::room::{Room, finish};

const SECRET: &str = "canary-0c0ffee1";

#[test]
fn full_disk_behind_stdout_is_error() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for args in [vec!["token"], vec!["header"], vec!["token", "--json"], vec!["discover"], vec!["help", "exit-codes"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let outcome = finish(room.hallpass(&args).stdout(full).spawn().unwrap());
        assert_eq!(outcome.code(), 7, "{args:?}\n{outcome}");
        assert!(outcome.stderr.contains("error"), "{args:?}\n{outcome}");
        assert!(!outcome.stderr.contains("panicked") && !outcome.stderr.contains(TOKEN), "{args:?}\n{outcome}");
    }
}

#[test]
fn file_that_outgrows_its_limit_is_error() {
    let room = Room::new();
    let limited = |line: &str| {
        let mut shell = room.program("sh");
        shell.arg("-c").arg(format!("ulimit -f 0; exec {} {line}", env!("CARGO_BIN_EXE_hallpass")));
        shell
    };
    for line in ["help exit-codes > out", "man > out", "man pages"] {
        let outcome = finish(limited(line).spawn().unwrap());
        assert_eq!(outcome.code(), 7, "{line}\n{outcome}");
        assert!(outcome.stderr.contains("error"), "{line}\n{outcome}");
    }
}

/// What a signal that dumps core leaves, where the shell allows files of any size. It comes when the command has said
/// something on stderr.
fn dumps_core(room: &Room, line: &str) -> bool {
    let mut shell = room.program("sh");
    let script = format!(
        "ulimit -c unlimited; {line} 2>err & until [ -s err ]; do sleep 0.02; done; kill -ABRT $!; wait $!; exit $?"
    );
    let outcome = finish(shell.arg("-c").arg(script).current_dir(room.directory()).spawn().unwrap());
    assert_eq!(outcome.code(), 128 + 6, "{line}\n{outcome}");
    std::fs::read_dir(room.directory())
        .unwrap()
        .any(|entry| entry.unwrap().file_name().to_string_lossy().contains("core"))
}

#[test]
fn crash_leaves_no_core_file() {
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    assert!(!dumps_core(&room, &format!("{} sandbox", env!("CARGO_BIN_EXE_hallpass"))));
    if !dumps_core(&room, "sh -c 'echo ready >&2; exec sleep 99'") {
        println!("this machine writes core files elsewhere, so this shows less than it could");
    }
}

#[test]
fn sandbox_says_that_it_is_test_server() {
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let outcome = room.run(&["sandbox", "--", "echo", "hi"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, "hi\n"), "{outcome}");
    assert_eq!(outcome.stderr, "test server only: it protects nothing\n");
    assert_eq!(room.run(&["sandbox", "-q", "--", "echo", "hi"]).stderr, "");
}

#[test]
fn closed_pipe_ends_quietly_as_141() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for args in [vec!["token"], vec!["header"], vec!["discover"], vec!["--help"], vec!["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let outcome = finish(room.hallpass(&args).stdout(writer).spawn().unwrap());
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (141, ""), "{args:?}");
    }
}

#[test]
fn closed_streams_do_not_matter() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let shell = |redirection: &str| {
        let line = format!("exec \"$0\" token {redirection}");
        finish(room.program("/bin/sh").args(["-c", &line, env!("CARGO_BIN_EXE_hallpass")]).spawn().unwrap())
    };
    assert_eq!(shell("<&-").answer(), TOKEN);
    assert_eq!(shell("2>&-").answer(), TOKEN);
}

#[test]
fn answer_that_is_lost_is_told() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let shell = |line: &str| {
        let line = format!("\"$0\" {line}");
        finish(room.program("/bin/sh").args(["-c", &line, env!("CARGO_BIN_EXE_hallpass")]).spawn().unwrap())
    };
    // Rust's runtime puts /dev/null in the place of a closed stdout, so the write succeeds.
    for line in ["-v token >&-", "-v zone list --json >&-"] {
        let outcome = shell(line);
        assert_eq!(outcome.code(), 0, "{line}\n{outcome}");
        assert!(
            outcome.stderr.contains("stdout is closed, or leads nowhere: the answer is lost\n"),
            "{line}\n{outcome}"
        );
    }
    for line in ["token >/dev/null", "zone has env >&-", "token >&-", "token | cat"] {
        assert_eq!((shell(line).code(), shell(line).stderr.as_str()), (0, ""), "{line}");
    }
    // How Python's DEVNULL and Node's `ignore` look: to throw the answer away on purpose is no failure.
    let both_ways = OpenOptions::new().read(true).write(true).open("/dev/null").unwrap();
    finish(room.hallpass(&["token"]).stdout(both_ways).spawn().unwrap()).answer();
}

#[test]
fn no_home_is_clear_configuration_error() {
    let room = Room::new().without_variable("HALLPASS_HOME");
    let stderr = room.run(&["zone", "list"]).refused(3).to_owned();
    assert!(stderr.contains("HALLPASS_HOME"), "it does not name the way out: {stderr}");
    // The ephemeral zone needs no home.
    let server = Server::kind();
    let room =
        Room::ephemeral(&server.base(), "app", SECRET).without_variable("HALLPASS_HOME").with("HALLPASS_NO_CACHE", "1");
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
}

#[test]
fn with_no_cache_no_file_is_written() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET).with("HALLPASS_NO_CACHE", "1");
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    assert_eq!(room.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn given_token_asks_nobody() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET).with("HALLPASS_TOKEN", "given-token");
    assert_eq!(room.run(&["token"]).answer(), "given-token");
    assert_eq!(room.run(&["header"]).answer(), "Authorization: Bearer given-token");
    assert_eq!(server.connections(), 0);
    room.with("HALLPASS_TOKEN", "two words").run(&["header"]).assert_hidden("two words").refused(8);
}

#[test]
fn environments_secrets_do_not_reach_children() {
    let server = Server::kind();
    let room = Room::sealed().with("PATH", "/usr/bin:/bin").with("HALLPASS_CLIENT_SECRET", SECRET);
    let seen = room.directory().join("seen");
    let command = format!("cmd:env > '{}'; echo from-command", seen.display());
    let base = server.base();
    let args = ["zone", "add", "z", "--issuer", &base, "--client-id", "app", "--client-secret-ref", &command];
    room.run(&args).answer();
    assert_eq!(room.run(&["-z", "z", "token"]).answer(), TOKEN);
    let seen = std::fs::read_to_string(seen).expect("the command ran");
    assert!(seen.contains("PATH="), "the command saw no environment at all");
    assert!(!seen.contains(SECRET), "HALLPASS_CLIENT_SECRET reached a child:\n{seen}");
    assert!(!seen.contains(crate::room::VAULT_KEY), "the vault's key reached a child:\n{seen}");
    let basic = server.token_requests()[0].field("authorization").unwrap().to_owned();
    assert_eq!(basic, "Basic YXBwOmZyb20tY29tbWFuZA==");
}

#[test]
fn wrong_calls_and_help_show_no_secret() {
    let room = Room::ephemeral("http://127.0.0.1:9", "app", SECRET).with("HALLPASS_TOKEN", "canary-given");
    let flag = format!("--client-secret={SECRET}");
    for args in [
        vec!["--help"],
        vec!["token", "--help"],
        vec!["header", "--help"],
        vec!["zone", "add", "--help"],
        vec!["token", &flag],
        vec!["header", &flag],
        vec!["zone", "add", "z", &flag],
        vec!["nonsense"],
        vec![],
    ] {
        let outcome = room.run(&args);
        outcome.assert_hidden(SECRET).assert_hidden("canary-given");
        if args.first() == Some(&"nonsense") || args.iter().any(|arg| *arg == flag) {
            outcome.refused(2);
        }
    }
}

#[test]
fn secret_shows_only_where_it_is_asked_for() {
    let server = Server::kind();
    let room = Room::sealed().with("GIVEN", SECRET);
    let encoded = "YXBwOmNhbmFyeS0wYzBmZmVlMQ==";
    let base = server.base();
    let runs: Vec<Vec<&str>> = vec![
        vec!["-vv", "zone", "add", "z", "--issuer", &base, "--client-id", "app", "--client-secret-from", "env:GIVEN"],
        vec!["-vv", "token"],
        vec!["-vv", "token", "--fresh"],
        vec!["-vv", "token", "--json"],
        vec!["-vv", "token", "--explain"],
        vec!["-vv", "token", "list", "--json"],
        vec!["-vv", "header"],
        vec!["-vv", "discover"],
        vec!["-vv", "discover", "--json"],
        vec!["-vv", "zone", "show", "z"],
        vec!["-vv", "zone", "show", "z", "--json"],
        vec!["-vv", "zone", "list", "--json"],
        vec!["-vv", "zone", "export", "z"],
        vec!["-vv", "vault", "status"],
        vec!["-vv", "vault", "list", "--json"],
        vec!["-vv", "status", "--json"],
        vec!["-vv", "--dry-run", "token", "--fresh"],
    ];
    for args in runs {
        let outcome = room.run(&args);
        outcome.assert_hidden(SECRET).assert_hidden(encoded).assert_hidden("canary").answer();
        assert!(!outcome.stderr.contains(TOKEN), "{args:?} shows the token on stderr\n{outcome}");
        if !["token", "header"].iter().any(|verb| args.contains(verb)) || args.contains(&"list") {
            outcome.assert_hidden(TOKEN);
        }
    }
    for file in room.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{} holds the secret", file.display());
    }
    // Where it is asked for.
    assert_eq!(room.run(&["header", "--basic"]).answer(), format!("Authorization: Basic {encoded}"));
}

#[test]
fn secret_is_in_no_argument_of_running_process() {
    let server = Server::with_token_answer(|_, _| crate::fault::stall());
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let mut child = room.hallpass(&["--deadline", "20s", "token"]).stderr(Stdio::null()).spawn().unwrap();
    server.await_token_requests(1);
    let line = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).unwrap_or_default();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!String::from_utf8_lossy(&line).contains("canary"));
    assert_eq!(children.trim(), "", "minting starts no process");
}

#[test]
fn unknown_zone_names_known_ones() {
    let room = Room::sealed().with("GIVEN", SECRET);
    for name in ["alpha", "beta"] {
        let args = [
            "zone",
            "add",
            name,
            "--issuer",
            "http://127.0.0.1:9",
            "--client-id",
            "app",
            "--client-secret-from",
            "env:GIVEN",
        ];
        room.run(&args).answer();
    }
    let stderr = room.run(&["-z", "gamma", "token"]).refused(3).to_owned();
    assert!(stderr.contains("alpha") && stderr.contains("beta"), "{stderr}");
    let stderr = Room::sealed().run(&["token"]).refused(3).to_owned();
    assert!(stderr.contains("hint"), "{stderr}");
}

#[test]
fn errors_are_one_line_of_json_when_asked() {
    let server = Server::with_token_answer(|_, _| crate::fault::oauth_error(401, "invalid_client"));
    let outcome = Room::ephemeral(&server.base(), "app", SECRET).run(&["--json", "token"]);
    let stderr = outcome.assert_hidden(SECRET).refused(5);
    let line = stderr.lines().last().unwrap();
    let error: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {stderr}"));
    let error = &error["error"];
    assert_eq!(error["exit"], 5);
    assert_eq!(error["oauth_error"], "invalid_client");
    assert_eq!(error["kind"], "authentication");
    assert_eq!(error["retriable"], false);
    assert!(error["message"].is_string() && error.get("hint").is_some(), "{error}");
}
