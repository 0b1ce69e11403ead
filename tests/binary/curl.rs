//! `hallpass curl` with a curl that reports what it was given. The real one is asked in `tests/consumers.rs`.

use std::os::unix::fs::PermissionsExt;

use crate::fault::{Server, TOKEN};
use crate::room::Room;

/// Reports its arguments, the files of `-K`, and the variables that may hold secrets; exits with 22.
const REPORTER: &str = r#"#!/bin/sh
if [ "$2" = --version ]; then echo "curl ${CURL_VERSION:-8.5.0} (x)"; exit; fi
for argument; do
    echo "argument: $argument"
    if [ "$before" = -K ]; then cat "$argument"; fi
    before=$argument
done
env | grep -E '^(HALLPASS_CLIENT_SECRET|HALLPASS_TOKEN|no_proxy)=' | sort
exit 22
"#;

fn room(server: &Server) -> Room {
    let room = Room::ephemeral(&server.base(), "c", "s3cret-of-c");
    let bin = room.directory().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("curl"), REPORTER).unwrap();
    std::fs::set_permissions(bin.join("curl"), std::fs::Permissions::from_mode(0o755)).unwrap();
    room.with("PATH", format!("{}:/usr/bin:/bin", bin.display()))
}

fn without_descriptor(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.starts_with("argument: /dev/fd/") {
                "argument: /dev/fd/N\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

#[test]
fn curl_gets_token_by_pipe_and_its_code_is_ours() {
    let server = Server::kind();
    let room = room(&server);
    let outcome = room.run(&["curl", "--allow-host", "api.example", "--", "-sS", "-o", "f", "https://api.example/a"]);
    assert_eq!(outcome.code(), 22, "{outcome}");
    assert_eq!(outcome.stderr, "", "{outcome}");
    let expected = format!(
        "argument: -q\nargument: -K\nargument: /dev/fd/N\nheader = \"Authorization: Bearer {TOKEN}\"\nargument: -sS\n\
         argument: -o\nargument: f\nargument: https://api.example/a\n"
    );
    assert_eq!(without_descriptor(&outcome.stdout), expected, "{outcome}");
}

#[test]
fn each_transfer_gets_token() {
    let server = Server::kind();
    let room = room(&server);
    let outcome = room.run(&[
        "curl",
        "--allow-host",
        "localhost",
        "--",
        "http://localhost:1/",
        "--next",
        "-I",
        "http://localhost:2/",
    ]);
    let expected = format!(
        "argument: -q\nargument: -K\nargument: /dev/fd/N\nheader = \"Authorization: Bearer {TOKEN}\"\n\
         argument: http://localhost:1/\nargument: --next\nargument: -K\nargument: /dev/fd/N\n\
         header = \"Authorization: Bearer {TOKEN}\"\nargument: -I\nargument: http://localhost:2/\n\
         no_proxy=localhost,localhost\n"
    );
    assert_eq!(without_descriptor(&outcome.stdout), expected, "{outcome}");
}

#[test]
fn without_token_no_curl() {
    let server = Server::with_token_answer(|_, _| crate::fault::answer(500, "text/plain", "no"));
    let room = room(&server);
    for (args, exit) in [
        (&["curl", "--allow-host", "h", "--no-breaker", "--", "https://h/"][..], 6),
        (&["curl", "--", "https://h/"], 8),
        (&["curl", "--allow-host", "h", "--", "https://h/", "https://other/"], 8),
        (&["curl", "--allow-host", "h", "--", "http://h/"], 8),
        (&["curl", "--allow-host", "h", "--", "-k", "https://h/"], 8),
        (&["curl", "--allow-host", "localhost", "--", "-k", "--connect-to", "::h:", "https://localhost/"], 8),
        (&["curl", "--allow-host", "localhost", "--", "-x", "h:1", "http://localhost/"], 8),
        (&["curl", "--allow-host", "localhost", "--", "--noproxy", "x", "http://localhost/"], 8),
        (&["curl", "--allow-host", "h", "--", "https://h/", "--location-trusted"], 8),
        (&["curl", "--allow-host", "h", "--", "-W", "https://h/"], 2),
        (&["curl", "-z", "none", "--", "https://h/"], 3),
        (&["curl", "--unknown"], 2),
        (&["curl", "--"], 2),
        (&["curl"], 2),
    ] {
        let outcome = room.run(&[&["--json"], args].concat());
        assert_eq!((outcome.code(), &*outcome.stdout), (125, ""), "{args:?}: {outcome}");
        let error: serde_json::Value = serde_json::from_str(outcome.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(error["error"]["exit"], exit, "{args:?}: {outcome}");
    }
    assert_eq!(room.run(&["curl", "--help"]).code(), 0);
}

#[test]
fn zone_is_chosen_by_host() {
    let server = Server::start(|request, base| {
        if request.is_metadata() {
            return crate::fault::metadata(base);
        }
        let client = request.body.split('&').find_map(|part| part.strip_prefix("client_id="));
        crate::fault::token(client.unwrap_or("nobody"), 3600)
    });
    let room = room(&server).without_variable("HALLPASS_ISSUER").with("S", "s3cret-of-c");
    for (name, hosts) in [("any", "*.example"), ("one", "a.example"), ("port", "a.example:8443"), ("none", "b.test")] {
        let issuer = server.base();
        let add = ["zone", "add", name, "--issuer", &issuer, "--client-id", name, "--client-secret-ref", "env:S"];
        room.run(&[&add[..], &["--auth", "client_secret_post", "--host", hosts]].concat()).answer();
    }
    room.run(&["zone", "default", "none"]).answer();
    for (url, client) in [
        ("https://a.example/", "one"),
        ("https://a.example:8443/", "port"),
        ("https://x.example/", "any"),
        ("https://b.test/", "none"),
    ] {
        let outcome = room.run(&["curl", "--", url]);
        assert!(outcome.stdout.contains(&format!("Bearer {client}")), "{url}: {outcome}");
    }
    let outcome = room.run(&["curl", "--", "https://c.test/"]);
    assert_eq!(outcome.code(), 125);
    assert!(outcome.stderr.contains("hint: to allow it once: --allow-host c.test"), "{outcome}");
    assert!(outcome.stderr.contains("hallpass zone edit none --host c.test"), "{outcome}");
    assert_eq!(room.run(&["curl", "-z", "one", "--", "https://x.example/"]).code(), 125);
}

#[test]
fn token_of_environment_goes_only_where_flag_allows() {
    let server = Server::kind();
    let room = room(&server).with("HALLPASS_TOKEN", "handed.over");
    assert_eq!(room.run(&["curl", "--", "https://h/"]).code(), 125);
    let outcome = room.run(&["curl", "--allow-host", "h", "--", "https://h/"]);
    assert!(outcome.stdout.contains("Bearer handed.over\"") && !outcome.stdout.contains("HALLPASS_"), "{outcome}");
}

#[test]
fn old_curl_follows_no_redirect_with_token() {
    let server = Server::kind();
    let room = room(&server).with("CURL_VERSION", "7.82.0");
    let follow = ["curl", "--allow-host", "h", "--", "-sL", "https://h/"];
    assert_eq!(room.run(&follow).code(), 125);
    assert_eq!(room.run(&["curl", "--allow-host", "h", "--", "-s", "https://h/"]).code(), 22);
    assert_eq!(room.with("CURL_VERSION", "7.83.1").run(&follow).code(), 22);
}
