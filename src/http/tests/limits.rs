use std::thread::sleep;
use std::time::{Duration, Instant};

use super::server::{Server, Wire, answer};
use super::{Fault, client, impatient, is_bad, is_unconnected, once, secret_form, send, settings, within};
use crate::http::Settings;
use crate::http::phase::Phase;
use crate::oauth::message::{METADATA_LIMIT, Replay, Request};

fn asked(answer: impl Into<Vec<u8>>) -> Result<crate::oauth::message::Response, Fault> {
    let server = Server::says(answer);
    once(&Request::metadata(server.url("/")))
}

/// Writes for ever, or until nobody reads any more.
fn pour(stream: &mut dyn Wire, piece: &[u8]) -> bool {
    while stream.write_all(piece).is_ok() {}
    false
}

#[expect(clippy::disallowed_methods, reason = "a server that drips has to wait for real")]
fn drip(stream: &mut dyn Wire, piece: &[u8]) -> bool {
    while stream.write_all(piece).is_ok() {
        sleep(Duration::from_millis(20));
    }
    false
}

#[expect(clippy::disallowed_methods, reason = "a server that is silent has to wait for real")]
fn silence() -> bool {
    sleep(Duration::from_secs(20));
    false
}

#[test]
fn whole_answer_is_handed_out_whatever_its_status() {
    for status in ["200 OK", "201 Created", "400 Bad Request", "401 Unauthorized", "404 Not Found", "500 Oops"] {
        let got = asked(answer(status, r#"{"a":1}"#)).unwrap();
        assert_eq!(got.status.to_string(), status[..3]);
        assert_eq!((got.body.as_slice(), got.header("content-type")), (&br#"{"a":1}"#[..], Some("application/json")));
    }
    assert_eq!(asked("HTTP/1.1 204 No Content\r\n\r\n").unwrap().body, b"");
    assert_eq!(asked("HTTP/1.0 200 OK\r\n\r\nto the end").unwrap().body, b"to the end");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(asked(chunked).unwrap().body, b"abcde");
}

#[test]
fn body_has_limit() {
    let full = "x".repeat(METADATA_LIMIT);
    assert_eq!(asked(answer("200 OK", &full)).unwrap().body.len(), METADATA_LIMIT);
    for huge in [
        answer("200 OK", &format!("{full}x")),
        format!("HTTP/1.1 200 OK\r\n\r\n{full}x"),
        "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\nx".to_owned(),
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{full}x\r\n0\r\n\r\n",
            METADATA_LIMIT + 1
        ),
    ] {
        let fault = asked(huge).unwrap_err();
        assert!(is_bad(&fault, &format!("longer than {METADATA_LIMIT} bytes")), "{fault:?}");
    }
}

#[test]
fn endless_body_ends_at_limit() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"] {
        let server = Server::plays(move |_, _, stream| {
            let _ = stream.write_all(head.as_bytes());
            pour(stream, format!("10000\r\n{}\r\n", "x".repeat(0x10000)).as_bytes())
        });
        let began = Instant::now();
        let fault = once(&Request::metadata(server.url("/"))).unwrap_err();
        assert!(is_bad(&fault, "longer than"), "{fault}");
        assert!(began.elapsed() < Duration::from_secs(15));
    }
}

#[test]
fn headers_have_limit() {
    let line = |i: usize| format!("x-{i}: {}\r\n", "y".repeat(1000));
    let short = |i: usize| format!("x-{i}: y\r\n");
    for fits in [(0..60).map(line).collect::<String>(), (0..120).map(short).collect(), "a: b\r\n".repeat(500)] {
        assert!(asked(format!("HTTP/1.1 200 OK\r\n{fits}content-length: 0\r\n\r\n")).is_ok());
    }
    for many in [(0..80).map(line).collect::<String>(), (0..5000).map(line).collect(), "a: b\r\n".repeat(1100)] {
        let fault = asked(format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n")).unwrap_err();
        assert!(is_bad(&fault, "its headers are too large"), "{fault}");
    }
    let server = Server::plays(move |_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
        pour(stream, "y".repeat(0x10000).as_bytes())
    });
    let fault = once(&Request::metadata(server.url("/"))).unwrap_err();
    assert!(is_bad(&fault, "its headers are too large"), "{fault}");
}

#[test]
fn answer_that_is_cut_off_is_no_answer() {
    for (cut, at) in [
        ("", Phase::Wait),
        ("HTTP/1.1 200", Phase::Wait),
        ("HTTP/1.1 200 OK\r\ncontent-len", Phase::Wait),
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}", Phase::Body),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Phase::Body),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", Phase::Body),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}", Phase::Body),
    ] {
        let fault = asked(cut).unwrap_err();
        assert!(matches!(fault, Fault::Cut { phase, .. } if phase == at), "{cut:?}: {fault:?}");
    }
}

#[test]
fn what_is_not_http_is_malformed() {
    for bad in [
        "{}\r\n\r\n",
        "SSH-2.0-x\r\n\r\n",
        "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
    ] {
        let fault = asked(bad).unwrap_err();
        assert!(is_bad(&fault, "not proper HTTP"), "{bad:?}: {fault:?}");
    }
}

#[test]
fn compressed_answer_was_not_asked_for() {
    for encoding in ["gzip", "br", "gzip, gzip", "x\x1b"] {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 2\r\n\r\n{{}}");
        let fault = asked(text).unwrap_err();
        assert!(is_bad(&fault, "it is encoded as") || is_bad(&fault, "not proper HTTP"), "{fault}");
        assert!(!fault.to_string().contains('\x1b'));
    }
    for name in ["identity", "utf-8", "UTF8"] {
        let plain = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: 2\r\n\r\n{{}}");
        assert_eq!(asked(plain).unwrap().body, b"{}");
    }
}

#[test]
fn interim_answers_are_passed_over_but_not_for_ever() {
    let early = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5) + &answer("200 OK", "{}");
    assert_eq!(asked(early).unwrap().status, 200);
    let server = Server::plays(|_, _, stream| drip(stream, b"HTTP/1.1 103 Early Hints\r\n\r\n"));
    let (client, _) = client(Settings { retries: false, ..settings() });
    let began = Instant::now();
    let fault = client.with_limits(impatient(200)).send(&mut || Request::metadata(server.url("/"))).unwrap_err();
    assert!(matches!(fault, Fault::Silent { phase: Phase::Wait, .. }), "{fault}");
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn deadline_bounds_silence_and_dripping() {
    let silent = Server::plays(|_, _, _| silence());
    let dripping_head = Server::plays(|_, _, stream| drip(stream, b"H"));
    let dripping_body = Server::plays(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        drip(stream, b"x")
    });
    for (server, at) in [(&silent, Phase::Wait), (&dripping_head, Phase::Wait), (&dripping_body, Phase::Body)] {
        let began = Instant::now();
        let fault = send(within(300), &Request::metadata(server.url("/"))).unwrap_err();
        let took = began.elapsed();
        match fault {
            Fault::Deadline { phase, .. } => assert_eq!(phase, at),
            // `HHH` need not wait for the deadline to be wrong.
            fault if at == Phase::Wait && is_bad(&fault, "not proper HTTP") => {}
            other => panic!("{other}"),
        }
        assert!(took < Duration::from_secs(15), "{took:?}");
    }
}

#[test]
fn deadline_that_has_passed_sends_nothing() {
    let server = Server::says(answer("200 OK", "{}"));
    let fault = send(within(0), &Request::metadata(server.url("/"))).unwrap_err();
    assert!(matches!(fault, Fault::Deadline { phase: Phase::Connect, .. }), "{fault}");
    assert_eq!(server.connects(), 0);
}

#[test]
fn silence_ends_before_deadline() {
    let silent = Server::plays(|_, _, _| silence());
    let half = Server::plays(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{").unwrap();
        silence()
    });
    for (server, at) in [(&silent, Phase::Wait), (&half, Phase::Body)] {
        let client = client(Settings { retries: false, ..settings() }).0.with_limits(impatient(150));
        let began = Instant::now();
        let fault = client.send(&mut || Request::metadata(server.url("/"))).unwrap_err();
        assert!(matches!(fault, Fault::Silent { phase, .. } if phase == at), "{fault}");
        assert!(began.elapsed() < Duration::from_secs(15));
    }
}

#[test]
fn body_that_keeps_coming_is_not_silent() {
    #[expect(clippy::disallowed_methods, reason = "a slow server has to wait for real")]
    let server = Server::plays(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n").unwrap();
        for _ in 0..8 {
            sleep(Duration::from_millis(60));
            stream.write_all(b"x").unwrap();
        }
        false
    });
    let client = client(settings()).0.with_limits(impatient(300));
    assert_eq!(client.send(&mut || Request::metadata(server.url("/"))).unwrap().body, b"xxxxxxxx");
}

#[test]
fn endless_handshake_is_connect_timeout() {
    // It accepts and reads, but never speaks TLS.
    let server = Server::plays(|_, _, _| false);
    let url = format!("https://{}/", server.address);
    let fault = send(within(300), &secret_form(&url, Replay::Single)).unwrap_err();
    assert!(matches!(fault, Fault::Deadline { phase: Phase::Connect, .. }), "{fault}");
    let mut limits = impatient(5000);
    limits.connect = Duration::from_millis(100);
    let (client, clock) = client(settings());
    let fault = client.with_limits(limits).send(&mut || secret_form(&url, Replay::Single)).unwrap_err();
    assert!(is_unconnected(&fault, "no connection within 0.1 s"), "{fault}");
    assert_eq!(clock.0.lock().unwrap().len(), 2);
}

#[test]
fn nobody_there_is_told_apart_from_no_such_name() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let fault = once(&Request::metadata(format!("http://{closed}/"))).unwrap_err();
    assert!(is_unconnected(&fault, "it refused the connection"), "{fault}");
    assert!(fault.not_sent() && fault.is_outage());
    // Without a network a resolver may keep silent instead of saying no.
    let fault = once(&Request::metadata("https://nowhere.invalid/x?hunter2")).unwrap_err();
    let silent = is_unconnected(&fault, "no connection within");
    assert!(silent || is_unconnected(&fault, "the host was not found"), "{fault}");
    assert!(!format!("{fault} {fault:?}").contains("hunter2"));
}

#[test]
fn localhost_tries_both_families() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        if std::net::TcpListener::bind(address).is_err() {
            // A machine without IPv6 has one family to try.
            continue;
        }
        let server = Server::on(
            address,
            |stream| Some(Box::new(stream)),
            |_, _, stream| {
                stream.write_all(answer("200 OK", "{}").as_bytes()).unwrap();
                false
            },
        );
        let url = format!("http://localhost:{}/x", server.address.port());
        assert_eq!(once(&Request::metadata(url)).unwrap().status, 200);
        assert!(server.requests()[0].contains("host: localhost:"));
    }
}
