//! curl, from PATH.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::fault::{Reply, Request, Server, TOKEN, answer, redirect, token, with_fields};
use crate::room::Room;

fn room(server: &Server) -> Room {
    Room::ephemeral(&server.base(), "c", "s3cret-of-c").with("PATH", std::env::var_os("PATH").unwrap())
}

fn api() -> Server {
    Server::start(|request, _| match request.target() {
        "/gone" => answer(404, "text/plain", "gone"),
        _ => answer(200, "text/plain", "fine"),
    })
}

fn bearer() -> String {
    format!("Bearer {TOKEN}")
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn api_gets_token_and_stdin_is_curls() {
    let (server, api) = (Server::kind(), api());
    let room = room(&server);
    let url = format!("{}/items", api.base());
    let outcome = room.run_with_stdin(
        &["curl", "--allow-host", "127.0.0.1", "--", "-sSf", "-H", "X-A: b", "-d", "@-", &url],
        "the body",
    );
    assert_eq!(outcome.answer(), "fine");
    assert_eq!(api.credentials(), [Some(bearer())]);
    assert_eq!((api.requests()[0].method(), &*api.requests()[0].body), ("POST", "the body"));
    let gone = format!("{}/gone", api.base());
    assert_eq!(room.run(&["curl", "--allow-host", "127.0.0.1", "--", "-sf", &gone]).code(), 22);
    let next = ["curl", "--allow-host", "127.0.0.1", "--", "-s", &url, "--next", "-sI", &url];
    room.run(&next).answer();
    assert_eq!(api.credentials(), vec![Some(bearer()); 4]);
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn redirect_and_curlrc_carry_nothing_away() {
    let (server, other) = (Server::kind(), Arc::new(api()));
    let base = other.base();
    let api = Server::start(move |_, _| {
        vec![crate::fault::Step::Send(
            format!("HTTP/1.1 302 Found\r\nLocation: {base}/stolen\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .into(),
        )]
    });
    let room = room(&server);
    let home = room.directory().to_owned();
    std::fs::write(home.join(".curlrc"), format!("location-trusted\nurl = {}/rc\n", other.base())).unwrap();
    let room = room.with("HOME", &home).with("CURL_HOME", &home);
    room.run(&["curl", "--allow-host", "127.0.0.1", "--", "-sSL", &format!("{}/", api.base())]).answer();
    assert_eq!(api.credentials(), [Some(bearer())]);
    // The other server is on the same host, but on another port.
    assert_eq!(other.credentials(), [None]);
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn proxy_of_environment_does_not_see_token_for_loopback() {
    let (server, api, proxy) = (Server::kind(), api(), Server::kind());
    let room = room(&server).with("http_proxy", proxy.base()).with("ALL_PROXY", proxy.base());
    for host in ["127.0.0.1", "localhost"] {
        let url = api.base().replace("127.0.0.1", host);
        room.run(&["curl", "--allow-host", host, "--", "-sS", &url]).answer();
    }
    assert_eq!((api.credentials(), proxy.connections()), (vec![Some(bearer()); 2], 0));
}

type Answering = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

/// Issues TOKEN-0, TOKEN-1 and so on.
fn counting_server() -> Server {
    let mints = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| token(&format!("TOKEN-{}", mints.fetch_add(1, Ordering::SeqCst)), 3600))
}

/// Knows all tokens but TOKEN-0, and answers with `refusal` to that one.
fn strict_api(refusal: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| match request.field("Authorization") {
        Some("Bearer TOKEN-0") => refusal(request),
        _ => answer(200, "text/plain", format!("fine {} {}", request.method(), request.body)),
    })
}

const CHALLENGE: &str = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn refused_request_is_made_again_without_trace() {
    for (words, stdout, code) in [
        ("-sS", "fine GET ", 0),
        ("-sSf", "fine GET ", 0),
        ("-sS -d body", "fine POST body", 0),
        ("-sS -T file", "fine PUT of the file", 0),
        ("-sS -o out", "", 0),
        ("-sS -w %{http_code}", "fine GET 200", 0),
        ("-sS -L -X DELETE", "fine DELETE ", 0),
        ("-sS --http1.0 -d body", "fine POST body", 0),
    ] {
        let (server, api) = (counting_server(), strict_api(|_| with_fields(401, CHALLENGE, "refused")));
        let room = room(&server);
        std::fs::write(room.directory().join("file"), "of the file").unwrap();
        let url = api.base();
        let args = [
            &["-q", "curl", "--retry-401", "--allow-host", "127.0.0.1", "--", &url],
            &*words.split(' ').collect::<Vec<_>>(),
        ];
        let outcome = room.run(&args.concat());
        assert_eq!((outcome.code(), &*outcome.stdout, &*outcome.stderr), (code, stdout, ""), "{words}: {outcome}");
        assert_eq!(api.credentials(), [Some("Bearer TOKEN-0".to_owned()), Some("Bearer TOKEN-1".to_owned())]);
        if words.contains("-o out") {
            assert_eq!(std::fs::read_to_string(room.directory().join("out")).unwrap(), "fine GET ");
        }
    }
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn head_of_refusal_is_not_printed() {
    let (server, api) = (counting_server(), strict_api(|_| with_fields(401, CHALLENGE, "refused")));
    let room = room(&server);
    for words in ["-sSi", "-sSI", "-sSv"] {
        room.run(&["token", "forget", "--all"]);
        let outcome = room.run(&["curl", "--retry-401", "--allow-host", "127.0.0.1", "--", words, &api.base()]);
        assert!(!outcome.stdout.contains("401") && !outcome.stdout.contains("refused"), "{words}: {outcome}");
        assert!(outcome.stdout.contains(if words == "-sSv" { "fine" } else { "HTTP/1.1 200" }), "{words}: {outcome}");
    }
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn request_that_may_have_had_effect_is_not_made_again() {
    let long = "x".repeat(1 << 20);
    let size = long.len();
    let refusals: [(&str, Answering, usize, usize); 3] = [
        // The order was taken, and only the page that shows it wants another token.
        (
            "-L",
            Box::new(|request| match request.target() {
                "/" => redirect(303, "/shown"),
                _ => with_fields(401, CHALLENGE, "refused"),
            }),
            2,
            "refused".len(),
        ),
        ("-S", Box::new(move |_| with_fields(401, CHALLENGE, &long)), 1, size),
        ("-S", Box::new(|_| answer(403, "text/plain", "refused")), 1, "refused".len()),
    ];
    for (option, refusal, requests, printed) in refusals {
        let (server, api) = (counting_server(), strict_api(refusal));
        let room = room(&server);
        let url = api.base() + "/";
        let outcome =
            room.run(&["curl", "--retry-401", "--allow-host", "127.0.0.1", "--", "-s", option, "-d", "x", &url]);
        assert_eq!((outcome.code(), outcome.stdout.len()), (0, printed));
        assert_eq!((api.requests().len(), server.token_requests().len()), (requests, 1), "{option}");
    }
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn second_refusal_is_printed_and_a_closed_stdout_ends_curl() {
    let (server, api) = (Server::kind(), Server::start(|_, _| with_fields(401, CHALLENGE, "refused")));
    let room = room(&server);
    let url = api.base();
    let outcome =
        room.run(&["-q", "curl", "--retry-401", "--allow-host", "127.0.0.1", "--", "-sSf", "-w", "%{http_code}", &url]);
    assert_eq!((outcome.code(), &*outcome.stdout), (22, "401"), "{outcome}");
    assert_eq!((outcome.stderr.matches("curl: (22)").count(), api.requests().len()), (1, 2), "{outcome}");

    let endless = Server::start(|_, _| crate::fault::endless_body());
    let line = format!(
        "\"$HALLPASS\" curl --retry-401 --allow-host 127.0.0.1 -- -s {} | head -c 3; echo \" ${{PIPESTATUS[0]}}\"",
        endless.base()
    );
    let room = room.with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"));
    let outcome = crate::room::finish(room.program("bash").args(["-c", &line]).spawn().unwrap());
    assert!(outcome.answer().ends_with(" 23"), "{outcome}");
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn nonce_of_api_is_answered_with_same_token() {
    let api = Server::start(|request, _| {
        let proof = request.field("DPoP").unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof).unwrap()).unwrap();
        match claims["nonce"].as_str() {
            Some("n1") => answer(200, "text/plain", "fine"),
            _ => with_fields(401, "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: n1\r\n", ""),
        }
    });
    let script = format!(
        "set -eu; printf %s \"$HALLPASS_SANDBOX_DPOP_SECRET\" | hallpass zone add bank --dpop \
         --issuer \"$HALLPASS_ISSUER\" --client-id sandbox-dpop --client-secret-from - >/dev/null 2>&1; \
         hallpass -z bank curl --retry-401 --allow-host 127.0.0.1 -- -sSf {}",
        api.base()
    );
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    assert_eq!(room.run(&["sandbox", "--", "sh", "-c", &script]).answer(), "fine");
    let credentials = api.credentials();
    assert_eq!(credentials.len(), 2);
    assert_eq!(credentials[0], credentials[1]);
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn proof_is_for_url_that_curl_requests() {
    let script = "set -eu; printf %s \"$HALLPASS_SANDBOX_DPOP_SECRET\" | hallpass zone add bank --dpop \
         --issuer \"$HALLPASS_ISSUER\" --client-id sandbox-dpop --client-secret-from - >/dev/null 2>&1; \
         api=${HALLPASS_SANDBOX_API_URL#http://}; for url in \"HTTP://${api%/api}/a/../b/./../api?c\" \"http://$api#/..\"; do \
         hallpass -z bank curl --allow-host 127.0.0.1 -- -sSf -o /dev/null -w '%{http_code} ' \"$url\"; done";
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    assert_eq!(room.run(&["sandbox", "--", "sh", "-c", script]).answer(), "200 200 ");
}
