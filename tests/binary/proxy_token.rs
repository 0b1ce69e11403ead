//! The tokens of `hallpass proxy`: when they are obtained, renewed, refused and forgotten.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fault::{Server, Step, oauth_error, token};
use crate::proxy::{Upstream, ok, room, start_proxy};
use crate::room::{Room, await_until};

/// Tokens `t1`, `t2` … that live so long.
fn numbered(expires_in: u64) -> Server {
    let count = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| token(&format!("t{}", count.fetch_add(1, Ordering::SeqCst) + 1), expires_in))
}

/// The token that a request came with.
fn bearer(head: &str) -> &str {
    let value = head.split("\r\nAuthorization: Bearer ").nth(1).unwrap_or_default();
    value.split("\r\n").next().unwrap_or_default()
}

/// An upstream that takes these tokens, and answers with the one that came.
fn taking(accepted: &'static [&'static str]) -> Upstream {
    Upstream::answering(move |head| {
        let token = bearer(head);
        if accepted.contains(&token) {
            return ok(token);
        }
        format!("HTTP/1.1 401 No\r\nContent-Length: {}\r\n\r\n{token}", token.len())
    })
}

#[test]
fn url_is_printed_before_token_is_there() {
    let server = Server::with_token_answer(|_, _| vec![Step::Hold]);
    let upstream = Upstream::echo();
    let proxy = start_proxy(&room(&server), &upstream.origin, &[]);
    assert!(proxy.url.starts_with("http://127.0.0.1:"));
    assert_eq!(proxy.end().code(), 0);
    let mut child = room(&server)
        .hallpass(&["proxy", "--json", "--to", &upstream.origin, "--allow-host", "127.0.0.1"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let answer: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(answer["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{line}");
}

#[test]
fn no_token_no_request() {
    let server = Server::with_token_answer(|_, _| oauth_error(401, "invalid_client"));
    let upstream = Upstream::echo();
    let proxy = start_proxy(&room(&server), &upstream.origin, &[]);
    let answer = proxy.get("/");
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("\"oauth_error\":\"invalid_client\""), "{answer}");
    assert_eq!(upstream.connections(), 0);
    let outcome = proxy.end();
    assert!(outcome.code() == 0 && outcome.stderr.contains("error: "), "{outcome}");
    outcome.assert_hidden("s3cret-of-c");
}

#[test]
fn token_is_renewed_ahead_of_time_without_requests() {
    let (server, upstream) = (numbered(2), Upstream::echo());
    let proxy = start_proxy(&room(&server), &upstream.origin, &[]);
    server.await_token_requests(3);
    assert_eq!(upstream.connections(), 0);
    let number = |answer: &str| bearer(answer).trim_start_matches('t').parse::<u32>().unwrap_or_default();
    await_until(|| number(&proxy.get("/")) >= 3, || "the third token".to_owned());
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn still_valid_token_serves_while_renewal_is_slow_or_fails() {
    let count = AtomicUsize::new(0);
    let server = Server::with_token_answer(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => token("t1", 8),
        _ => vec![Step::Hold],
    });
    let upstream = Upstream::echo();
    let proxy = start_proxy(&room(&server), &upstream.origin, &[]);
    server.await_token_requests(2);
    let begun = std::time::Instant::now();
    assert_eq!(bearer(&proxy.get("/")), "t1");
    assert!(begun.elapsed() < Duration::from_secs(5), "the request waited for the renewal");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn other_commands_share_the_token() {
    let (server, upstream) = (numbered(3600), Upstream::echo());
    let room = room(&server);
    assert_eq!(room.run(&["token"]).answer(), "t1");
    let proxy = start_proxy(&room, &upstream.origin, &[]);
    assert_eq!(bearer(&proxy.get("/")), "t1");
    // A newer one is taken at the next request.
    assert_eq!(room.run(&["token", "--fresh"]).answer(), "t2");
    assert_eq!(bearer(&proxy.get("/")), "t2");
    assert_eq!(room.run(&["token", "forget"]).code(), 0);
    assert_eq!(bearer(&proxy.get("/")), "t3");
    assert_eq!(room.run(&["token"]).answer(), "t3");
    assert_eq!(proxy.end().code(), 0);
}

/// A token that another process has put in the place of ours is renewed ahead of time as well.
#[test]
fn token_of_other_process_is_renewed_too() {
    let (server, upstream) = (numbered(4), Upstream::echo());
    let room = room(&server);
    let proxy = start_proxy(&room, &upstream.origin, &[]);
    server.await_token_requests(1);
    assert_eq!(room.run(&["token", "--fresh"]).code(), 0);
    server.await_token_requests(3);
    assert_eq!((upstream.connections(), proxy.end().code()), (0, 0));
}

#[test]
fn forgotten_token_is_not_sent_again() {
    let count = AtomicUsize::new(0);
    let server = Server::with_token_answer(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => token("t1", 3600),
        _ => oauth_error(400, "unauthorized_client"),
    });
    let upstream = Upstream::echo();
    let room = room(&server);
    let proxy = start_proxy(&room, &upstream.origin, &[]);
    assert_eq!(bearer(&proxy.get("/")), "t1");
    assert_eq!(room.run(&["token", "forget"]).code(), 0);
    assert!(proxy.get("/").starts_with("HTTP/1.1 502 "));
    assert_eq!((upstream.connections(), proxy.end().code()), (1, 0));
}

#[test]
fn refused_request_is_repeated_once_with_newer_token() {
    let (server, upstream) = (numbered(3600), taking(&["t2"]));
    let room = room(&server);
    let proxy = start_proxy(&room, &upstream.origin, &[]);
    assert!(proxy.get("/").starts_with("HTTP/1.1 401 "), "only with the flag");
    assert_eq!(proxy.end().code(), 0);
    let proxy = start_proxy(&room, &upstream.origin, &["--retry-401"]);
    assert!(proxy.get("/").ends_with("\r\n\r\nt2"));
    assert_eq!(server.token_requests().len(), 2);
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn api_that_keeps_refusing_costs_one_renewal() {
    let (server, upstream) = (numbered(3600), taking(&[]));
    let proxy = start_proxy(&room(&server), &upstream.origin, &["--retry-401"]);
    for _ in 0..5 {
        assert!(proxy.get("/").starts_with("HTTP/1.1 401 "));
    }
    assert_eq!(server.token_requests().len(), 2);
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn short_body_is_repeated_and_long_one_is_not() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let upstream = Upstream::start(move |mut caller| {
        let head = caller.head();
        let body = caller.until("END");
        let chunked = head.contains("Transfer-Encoding: chunked");
        if chunked {
            caller.until("0\r\n\r\n");
        }
        seen.lock().unwrap().push((bearer(&head).to_owned(), body.len()));
        let status = if bearer(&head) == "t1" { "401 No" } else { "200 OK" };
        caller.send(format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    });
    let long = format!("{}END", "x".repeat(64 * 1024));
    let short = &long[3..];
    for (body, chunked, status) in [(short, false, 200), (short, true, 200), (&*long, false, 401), (&*long, true, 401)]
    {
        let server = numbered(3600);
        let proxy = start_proxy(&room(&server), &upstream.origin, &["--retry-401"]);
        let framed = if chunked {
            format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
        } else {
            format!("Content-Length: {}\r\n\r\n{body}", body.len())
        };
        let answer = proxy.ask(&format!("POST / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{framed}"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{chunked} {}: {answer}", body.len());
        let seen = std::mem::take(&mut *bodies.lock().unwrap());
        let tokens: Vec<&str> = seen.iter().map(|(token, _)| token.as_str()).collect();
        assert_eq!(tokens, if status == 200 { &["t1", "t2"][..] } else { &["t1"] }, "{chunked} {}", body.len());
        assert_eq!(proxy.end().code(), 0);
    }
}

#[test]
fn slow_token_server_is_asked_once_by_many() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let server = Server::with_token_answer(move |_, _| {
        asked.fetch_add(1, Ordering::SeqCst);
        [&[Step::Wait(Duration::from_millis(300))], &token("t1", 3600)[..]].concat()
    });
    let upstream = Upstream::echo();
    let proxy = start_proxy(&room(&server), &upstream.origin, &[]);
    let proxy = Arc::new(proxy);
    let threads: Vec<_> = (0..20)
        .map(|_| {
            let proxy = Arc::clone(&proxy);
            std::thread::spawn(move || bearer(&proxy.get("/")).to_owned())
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == "t1"));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(Arc::into_inner(proxy).unwrap().end().code(), 0);
}

/// TLS to the upstream is verified as everywhere.
#[test]
fn upstream_with_tls_is_verified() {
    let script = "set -eu; S=$(hallpass discover --raw | grep -o 'https://127.0.0.1:[0-9]*' | head -n 1); \
        start() { \
            : >url; hallpass proxy --to $S --allow-host 127.0.0.1 \"$@\" >url 2>/dev/null & P=$!; \
            while ! test -s url; do sleep 0.02; done; \
            for i in 1 2; do curl -sS -w '\\n' $(cat url)/api/orders; done; kill $P; wait $P; \
        }; \
        start --cacert \"$HALLPASS_SANDBOX_CACERT\"; start";
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let outcome = room.run(&["sandbox", "--", "sh", "-c", script]);
    let lines: Vec<&str> = outcome.answer().lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 4, "{outcome}");
    assert!(lines[..2].iter().all(|line| line.contains("\"path\":\"/api/orders\"")), "{outcome}");
    assert!(lines[2..].iter().all(|line| line.contains("not signed by a trusted authority")), "{outcome}");
}

/// A person's sign-in and its end, in the sandbox.
#[test]
fn logout_counts_at_the_next_request() {
    let upstream = Upstream::echo();
    let script = format!(
        "set -eu; hallpass login \"$HALLPASS_ISSUER\" -z me --device --client-id sandbox-public >/dev/null 2>&1; \
         hallpass -z me proxy --to {} --allow-host 127.0.0.1 >url & P=$!; \
         while ! test -s url; do sleep 0.02; done; U=$(cat url); \
         curl -s -o /dev/null -w '%{{http_code}} ' $U/; hallpass logout -z me >/dev/null 2>&1; \
         curl -s -w ' %{{http_code}} ' $U/; kill $P; wait $P; echo $?",
        upstream.origin
    );
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let outcome = room.run(&["sandbox", "--auto-consent", "--", "sh", "-c", &script]);
    let answer = outcome.answer();
    assert!(answer.starts_with("200 ") && answer.ends_with(" 502 0") && answer.contains("\"exit\":4"), "{outcome}");
    assert_eq!(upstream.connections(), 1, "{outcome}");
}

/// Each request has a proof of its own, and the upstream's nonce is answered once.
#[test]
fn bound_token_goes_with_proof_and_nonce() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let upstream = Upstream::answering(move |head| {
        let mut seen = seen.lock().unwrap();
        seen.push(head.to_owned());
        let demand = "HTTP/1.1 401 No\r\nWWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: n1\r\nContent-Length: 0\r\n\r\n";
        if seen.len() == 1 || head.starts_with("GET /always") { demand.to_owned() } else { ok("in") }
    });
    let script = format!(
        "set -eu; printf %s \"$HALLPASS_SANDBOX_DPOP_SECRET\" | hallpass zone add bank --dpop \
         --issuer \"$HALLPASS_ISSUER\" --client-id sandbox-dpop --client-secret-from - >/dev/null 2>&1; \
         hallpass -z bank proxy --to {} --allow-host 127.0.0.1 >url & P=$!; \
         while ! test -s url; do sleep 0.02; done; U=$(cat url); \
         curl -sS $U/a?b; curl -sS -X POST $U/c; curl -sS -o /dev/null -w '%{{http_code}}' $U/always; kill $P; wait $P",
        upstream.origin
    );
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let outcome = room.run(&["sandbox", "--", "sh", "-c", &script]);
    assert_eq!(outcome.answer(), "inin401", "{outcome}");
    let proofs: Vec<serde_json::Value> = heads
        .lock()
        .unwrap()
        .iter()
        .map(|head| {
            assert!(head.contains("\r\nAuthorization: DPoP ey"), "{head}");
            let proof = head.split("\r\nDPoP: ").nth(1).unwrap().split('.').nth(1).unwrap();
            let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, proof).unwrap();
            serde_json::from_slice(&claims).unwrap()
        })
        .collect();
    assert_eq!(proofs.len(), 5, "the nonce is answered once each time: {proofs:?}");
    let url = |path: &str| format!("{}{path}", upstream.origin);
    assert_eq!((&proofs[0]["htu"], proofs[0].get("nonce")), (&url("/a").into(), None));
    assert_eq!((&proofs[1]["htu"], &proofs[1]["nonce"]), (&url("/a").into(), &"n1".into()));
    assert_eq!((&proofs[2]["htm"], &proofs[2]["nonce"]), (&"POST".into(), &"n1".into()));
    let ids: std::collections::BTreeSet<String> = proofs.iter().map(|proof| proof["jti"].to_string()).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn end_does_not_wait_for_token_server() {
    let server = Server::with_token_answer(|_, _| vec![Step::Hold]);
    let upstream = Upstream::echo();
    let proxy = start_proxy(&room(&server), &upstream.origin, &["--drain", "100ms"]);
    await_until(|| !server.token_requests().is_empty(), || "a token request".to_owned());
    let begun = std::time::Instant::now();
    assert_eq!(proxy.end().code(), 0);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
