//! What is sent, how often, and to whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::fault::{self, Reply, Server, Step, TOKEN, hang_up, json, stall, token, with_fields};
use crate::room::{Room, await_until, finish};

const SECRET: &str = "canary-77aa01";

/// A server that plays these answers at its token endpoint, one per request, and then hands out tokens.
fn sequence(replies: Vec<Reply>) -> Server {
    let next = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| {
        replies.get(next.fetch_add(1, Ordering::SeqCst)).cloned().unwrap_or_else(|| token(TOKEN, 3600))
    })
}

#[test]
fn basic_request_is_one_of_rfc() {
    let server = Server::kind();
    let outcome = Room::ephemeral(&server.base(), "a:b c", "p+q%r&s=ü").run(&["token"]);
    assert_eq!(outcome.answer(), TOKEN);
    let requests = server.token_requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!((request.method(), request.target()), ("POST", "/token"));
    assert_eq!(request.body, "grant_type=client_credentials");
    assert_eq!(request.field("content-type"), Some("application/x-www-form-urlencoded"));
    // RFC 6749 §2.3.1: form-encoded, then base64.
    let basic = "YSUzQWIrYzpwJTJCcSUyNXIlMjZzJTNEJUMzJUJD";
    assert_eq!(request.field("authorization"), Some(format!("Basic {basic}").as_str()));
    assert!(request.field("accept").is_some_and(|accept| accept.contains("application/json")), "{}", request.head);
    for field in ["cookie", "referer", "accept-encoding", "origin"] {
        assert_eq!(request.field(field), None, "{field} was sent");
    }
}

#[test]
fn post_request_keeps_secret_in_body_only() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", "p+q&s").with("HALLPASS_AUTH", "client_secret_post");
    assert_eq!(room.with("HALLPASS_SCOPE", "read write").run(&["token"]).answer(), TOKEN);
    let request = server.token_requests().remove(0);
    assert_eq!(request.field("authorization"), None);
    let mut members: Vec<&str> = request.body.split('&').collect();
    members.sort_unstable();
    assert_eq!(
        members,
        ["client_id=app", "client_secret=p%2Bq%26s", "grant_type=client_credentials", "scope=read+write"]
    );
}

#[test]
fn mint_with_cached_metadata_is_one_request() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    let first = server.requests();
    assert!(first.iter().filter(|request| request.is_metadata()).all(|request| {
        request.method() == "GET" && request.field("authorization").is_none() && !request.head.contains("client_id")
    }));
    assert_eq!(room.run(&["token", "--fresh"]).answer(), TOKEN);
    assert_eq!(room.run(&["token", "--no-cache"]).answer(), TOKEN);
    assert_eq!(server.requests().len(), first.len() + 2, "each later mint must be one request");
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    assert_eq!(server.requests().len(), first.len() + 2, "a cached token must be none");
}

#[test]
fn connection_lost_after_request_is_tried_once_more() {
    let server = sequence(vec![hang_up()]);
    assert_eq!(Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).answer(), TOKEN);
    assert_eq!(server.token_requests().len(), 2);

    let server = Server::with_token_answer(|_, _| hang_up());
    Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).refused(6);
    assert_eq!(server.token_requests().len(), 2, "once more, not twice");
}

#[test]
fn server_error_is_tried_once_more() {
    let server = sequence(vec![json(500, "")]);
    assert_eq!(Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).answer(), TOKEN);
    assert_eq!(server.token_requests().len(), 2);

    let server = Server::with_token_answer(|_, _| json(500, ""));
    Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).refused(6);
    assert_eq!(server.token_requests().len(), 2);
}

#[test]
fn refusal_is_never_tried_again() {
    for status in [400, 401, 403, 422] {
        let server = Server::with_token_answer(move |_, _| fault::oauth_error(status, "invalid_client"));
        Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).refused(5);
        assert_eq!(server.token_requests().len(), 1, "{status}");
    }
}

#[test]
fn retry_after_is_obeyed() {
    let server = sequence(vec![with_fields(503, "Retry-After: 1\r\n", "")]);
    assert_eq!(Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).answer(), TOKEN);
    let requests = server.token_requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(990), "it came back too early");

    // What lies beyond the deadline is not waited for, and never asked early.
    let server = sequence(vec![with_fields(429, "Retry-After: 3600\r\n", "")]);
    let outcome = Room::ephemeral(&server.base(), "app", SECRET).run(&["--deadline", "50s", "token"]);
    outcome.refused(6);
    assert!(outcome.took < Duration::from_secs(30), "{outcome}");
    assert_eq!(server.token_requests().len(), 1);
}

#[test]
fn deadline_bounds_whole_command() {
    type Script = fn(&str) -> Reply;
    let stalls: [(&str, Script); 5] = [
        ("silence", |_| stall()),
        ("a dripping head", |_| fault::drip_head()),
        ("a dripping body", |base| fault::drip(&fault::metadata_text(base))),
        ("hang-ups", |_| hang_up()),
        ("server errors", |_| json(503, "")),
    ];
    for (name, script) in stalls {
        let everywhere = Server::start(move |_, base| script(base));
        let at_token = Server::with_token_answer(move |_, base| script(base));
        for server in [everywhere, at_token] {
            let room = Room::ephemeral(&server.base(), "app", SECRET);
            for args in [["--deadline", "1s", "token"], ["--deadline", "1s", "header"]] {
                let outcome = room.run(&args);
                outcome.refused(6);
                assert!(outcome.took < Duration::from_secs(15), "{name}: {outcome}");
            }
        }
    }
}

#[test]
fn breaker_opens_after_five_outages_and_asks_nobody() {
    let server = Server::with_token_answer(|_, _| hang_up());
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for _ in 0..5 {
        room.run(&["token"]).refused(6);
    }
    let connections = server.connections();
    let outcome = room.run(&["token"]);
    outcome.refused(6);
    assert_eq!(server.connections(), connections, "the open breaker let a connection through");
    // It is asked past the breaker, and does not close it.
    room.run(&["--no-breaker", "token"]).refused(6);
    assert!(server.connections() > connections, "--no-breaker asks");

    let status = room.run(&["status", "--json"]).json();
    assert!(status.to_string().contains("open_until"), "status does not tell of the open breaker: {status}");
}

#[test]
fn breaker_whose_pause_is_over_lets_one_process_through() {
    let (back, free) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (is_back, is_free) = (back.clone(), free.clone());
    let server = Server::with_token_answer(move |_, _| {
        if !is_back.load(Ordering::SeqCst) {
            return hang_up();
        }
        while !is_free.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        token(TOKEN, 300)
    });
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for _ in 0..5 {
        room.run(&["token"]).refused(6);
    }
    let state = room.files().into_iter().find(|path| path.components().any(|part| part.as_os_str() == "breaker"));
    let state = state.filter(|path| path.extension().is_some_and(|end| end == "json")).expect("the state is kept");
    let mut breaker: serde_json::Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    breaker["open_until"] = (breaker["open_until"].as_i64().unwrap() - 60_000).into();
    std::fs::write(&state, breaker.to_string()).unwrap();
    assert_eq!(room.run(&["status", "--json"]).json()[0]["breaker"], serde_json::Value::Null, "the pause is over");

    back.store(true, Ordering::SeqCst);
    let before = server.token_requests().len();
    let mut children: Vec<_> = (0..8)
        .map(|number| {
            // Each asks for something of its own: the lock of the token's key must not be what holds them back.
            room.hallpass(&["token", "--no-cache", "--scope", &format!("s{number}")]).spawn().unwrap()
        })
        .collect();
    server.await_token_requests(before + 1);
    let status = room.run(&["status", "--json"]).json();
    assert!(status[0]["breaker"]["open_until"].is_string(), "a probe is under way: {status}");
    let mut ended = || children.iter_mut().filter_map(|child| child.try_wait().unwrap()).count();
    await_until(|| ended() == 7, || "all but the probe".to_owned());
    free.store(true, Ordering::SeqCst);
    let outcomes: Vec<_> = children.into_iter().map(finish).collect();
    assert_eq!(server.token_requests().len(), before + 1, "only the probe may ask");
    let (through, held): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.code() == 0);
    assert_eq!((through.len(), held.len()), (1, 7));
    for outcome in held {
        assert!(outcome.refused(6).contains("the circuit breaker is open"), "{outcome}");
    }
    room.run(&["token", "--no-cache"]).answer();
    assert_eq!(room.run(&["status", "--json"]).json()[0]["breaker"], serde_json::Value::Null, "the probe closed it");
}

#[test]
fn refusal_never_opens_breaker() {
    let server = Server::with_token_answer(|_, _| fault::oauth_error(401, "invalid_client"));
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for number in 1..=8 {
        room.run(&["token"]).refused(5);
        assert_eq!(server.token_requests().len(), number);
    }
}

#[test]
fn answer_closes_count_of_outages() {
    // Two tries each: four commands, one success, four commands.
    let mut replies = vec![hang_up(); 8];
    replies.push(token(TOKEN, 1));
    replies.extend(vec![hang_up(); 8]);
    let server = sequence(replies);
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for _ in 0..4 {
        room.run(&["token", "--no-cache"]).refused(6);
    }
    assert_eq!(room.run(&["token", "--no-cache"]).answer(), TOKEN);
    for _ in 0..4 {
        room.run(&["token", "--no-cache"]).refused(6);
    }
    assert_eq!(room.run(&["token", "--no-cache"]).answer(), TOKEN, "four outages after a success do not open it");
}

#[test]
fn loopback_never_goes_through_proxy() {
    let proxy = Server::start(|_, _| json(502, ""));
    let server = Server::kind();
    let mut room = Room::ephemeral(&server.base(), "app", SECRET);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        room = room.with(name, proxy.base());
    }
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    let by_name = server.base().replace("127.0.0.1", "localhost");
    let outcome = room.with("HALLPASS_ISSUER", by_name).run(&["--deadline", "3s", "token"]);
    outcome.refused(8); // The metadata speaks of 127.0.0.1: it was reached, and is another issuer.
    assert_eq!(proxy.connections(), 0, "the proxy was asked");
}

#[test]
fn localhost_is_loopback_without_asking_anyone() {
    let server = Server::start(|request, base| {
        if request.is_metadata() { fault::metadata(&base.replace("127.0.0.1", "localhost")) } else { token(TOKEN, 60) }
    });
    let issuer = server.base().replace("127.0.0.1", "localhost");
    assert_eq!(Room::ephemeral(&issuer, "app", SECRET).run(&["token"]).answer(), TOKEN);
}

#[test]
fn plain_http_to_anywhere_else_is_refused_unsent() {
    for issuer in ["http://192.0.2.1", "http://auth.example", "http://localhost.example", "http://127.0.0.1.example"] {
        let outcome = Room::ephemeral(issuer, "app", SECRET).run(&["--deadline", "50s", "token"]);
        // The zone is wrong (3), or the request is refused for safety (8).
        assert!([3, 8].contains(&outcome.code()), "{outcome}");
        assert_eq!(outcome.assert_hidden(SECRET).stdout, "");
        assert!(outcome.took < Duration::from_secs(30), "{outcome}");
    }
}

#[test]
fn netrc_is_not_read() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let netrc = room.directory().join(".netrc");
    std::fs::write(
        &netrc,
        "machine 127.0.0.1 login netrc-canary password netrc-canary\ndefault login netrc-canary password x\n",
    )
    .unwrap();
    let room =
        Room::ephemeral(&server.base(), "app", SECRET).with("HOME", netrc.parent().unwrap()).with("NETRC", &netrc);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    for request in server.requests().iter().filter(|request| request.is_metadata()) {
        assert_eq!(request.field("authorization"), None);
    }
    let basic = server.token_requests()[0].field("authorization").unwrap().to_owned();
    assert_eq!(basic, "Basic YXBwOmNhbmFyeS03N2FhMDE=");
}

#[test]
fn refused_connection_is_outage() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Room::ephemeral(&format!("http://{address}"), "app", SECRET).run(&["--deadline", "3s", "token"]).refused(6);
}

#[test]
fn dry_run_sends_nothing_and_shows_no_secret() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let outcome = room.run(&["--dry-run", "token"]);
    assert!(outcome.assert_hidden(SECRET).answer().contains("curl"), "{outcome}");
    assert_eq!(server.token_requests().len(), 0);
}

#[test]
fn slow_but_sound_server_is_waited_for() {
    let server = Server::with_token_answer(|_, _| {
        let mut reply = vec![Step::Wait(Duration::from_millis(700))];
        reply.extend(token(TOKEN, 60));
        reply
    });
    assert_eq!(Room::ephemeral(&server.base(), "app", SECRET).run(&["token"]).answer(), TOKEN);
    assert_eq!(server.token_requests().len(), 1);
}

#[test]
fn moved_token_endpoint_is_found_again() {
    let moved = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now = std::sync::Arc::clone(&moved);
    let server = Server::start(move |request, base| {
        let moved = now.load(Ordering::SeqCst);
        if request.is_metadata() {
            let text = fault::metadata_text(base);
            json(200, if moved { text.replace("/token\"", "/new\"") } else { text })
        } else if (request.target() == "/new") == moved {
            token(TOKEN, 60)
        } else {
            json(404, "")
        }
    });
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    moved.store(true, Ordering::SeqCst);
    assert_eq!(room.run(&["token", "--fresh"]).answer(), TOKEN);
}
