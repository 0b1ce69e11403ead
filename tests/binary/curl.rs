//! `hallpass curl` with a curl that reports what it was given. The real one is asked in `tests/consumers.rs`.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use crate::fault::{Server, TOKEN};
use crate::room::{Room, await_until, finish};

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

/// Is refused with 401 at the first call, by a head in the file of --dump-header; shows its configuration at the second.
const REFUSED: &str = r#"#!/bin/sh
for argument; do
    case $before in --dump-header) heads=$argument ;; -K) configuration=$(cat "$argument") ;; esac
    before=$argument
done
echo call >>calls
test -z "$heads" && echo "$configuration" && exit 7
printf 'HTTP/1.1 401 No\r\n\r\n' >"$heads"
echo refused
echo 'curl: (22) refused' >&2
case $* in *wait*) touch ready; exec sleep 50 ;; esac
exit "${CODE:-22}"
"#;

fn room(server: &Server) -> Room {
    room_with(server, REPORTER)
}

fn room_with(server: &Server, curl: &str) -> Room {
    let room = Room::ephemeral(&server.base(), "c", "s3cret-of-c");
    let bin = room.directory().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("curl"), curl).unwrap();
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

/// Issues TOKEN-0, TOKEN-1 and so on, at most this many.
fn counting_server(most: usize) -> Server {
    let mints = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| match mints.fetch_add(1, Ordering::SeqCst) {
        number if number < most => crate::fault::token(&format!("TOKEN-{number}"), 3600),
        _ => crate::fault::oauth_error(400, "invalid_client"),
    })
}

const RETRY: [&str; 6] = ["-q", "curl", "--retry-401", "--allow-host", "h", "--"];

fn calls(room: &Room) -> usize {
    std::fs::read_to_string(room.directory().join("calls")).unwrap_or_default().lines().count()
}

#[test]
fn refused_request_is_made_again_with_new_token() {
    let server = counting_server(2);
    let room = room_with(&server, REFUSED);
    let outcome = room.run(&[&RETRY[..], &["-sS", "https://h/"]].concat());
    assert_eq!((outcome.code(), &*outcome.stdout), (7, "header = \"Authorization: Bearer TOKEN-1\"\n"), "{outcome}");
    assert_eq!(outcome.stderr, "");
    assert_eq!((calls(&room), server.token_requests().len()), (2, 2));
}

#[test]
fn refusal_is_printed_if_there_is_no_new_token() {
    let server = counting_server(1);
    let room = room_with(&server, REFUSED);
    let outcome = room.run(&[&RETRY[1..], &["-sS", "https://h/"]].concat());
    assert_eq!((outcome.code(), &*outcome.stdout, calls(&room)), (22, "refused\n", 1), "{outcome}");
    assert!(outcome.stderr.starts_with("curl: (22) refused\nwarning: the token was not renewed: "), "{outcome}");
}

#[test]
fn curl_that_failed_after_refusal_is_not_run_again() {
    let server = counting_server(2);
    let room = room_with(&server, REFUSED).with("CODE", "18");
    let outcome = room.run(&[&RETRY[..], &["-sS", "https://h/"]].concat());
    assert_eq!((outcome.code(), &*outcome.stdout, calls(&room)), (18, "refused\n", 1), "{outcome}");
    assert_eq!(outcome.stderr, "curl: (22) refused\n");
}

#[test]
fn signal_ends_curl_that_may_be_run_again() {
    let server = counting_server(2);
    let room = room_with(&server, REFUSED);
    let child = room.hallpass(&[&RETRY[..], &["-A", "wait", "https://h/"]].concat()).spawn().unwrap();
    await_until(|| room.directory().join("ready").exists(), || "curl".to_owned());
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let outcome = finish(child);
    assert_eq!((outcome.code(), calls(&room)), (143, 1), "{outcome}");
}

#[test]
fn request_that_can_not_be_repeated_is_refused() {
    let server = Server::kind();
    let room = room_with(&server, REFUSED);
    std::fs::write(room.directory().join("body"), "x").unwrap();
    finish(room.program("mkfifo").arg("pipe").spawn().unwrap()).answer();
    let arguments = [
        "https://h/ https://h/",
        "https://h/ --next https://h/",
        "-d @- https://h/",
        "--json=@- https://h/",
        "--data-urlencode a@- https://h/",
        "-F a=@-;type=text/plain https://h/",
        "-F a=<- https://h/",
        "-T - https://h/",
        "-T . https://h/",
        "-H @- https://h/",
        "-d @pipe https://h/",
        "-F a=@body,pipe https://h/",
        "-T pipe https://h/",
        "-o pipe https://h/",
        "-D head https://h/",
        "-C - https://h/",
        "--no-clobber -o f https://h/",
        "-OJ https://h/",
    ];
    for line in arguments {
        let outcome = room.run(&[&RETRY[..], &line.split(' ').collect::<Vec<_>>()].concat());
        assert_eq!((outcome.code(), calls(&room)), (125, 0), "{line}: {outcome}");
        assert!(outcome.stderr.contains("--retry-401"), "{line}: {outcome}");
    }
    let given = room.with("HALLPASS_TOKEN", "given");
    let outcome = given.run(&[&RETRY[..], &["https://h/"]].concat());
    assert_eq!((outcome.code(), calls(&given)), (125, 0), "{outcome}");
    let room = room_with(&server, REFUSED);
    for line in ["-d @body -o - https://h/", "-o /dev/null -d a=- https://h/", "-F a=@body -c - https://h/"] {
        assert_eq!(room.run(&[&RETRY[..], &line.split(' ').collect::<Vec<_>>()].concat()).code(), 7, "{line}");
    }
}
