use std::net::TcpListener;
use std::time::Duration;

use super::server::{Server, answer};
use super::{Fault, client, is_unconnected, secret_form, send, settings, within};
use crate::http::phase::Phase;
use crate::http::{Settings, is_outage};
use crate::oauth::message::{Replay, Request};

const ROWS: [Replay; 5] = [Replay::Safe, Replay::RetryOnce, Replay::Input, Replay::Transaction, Replay::Single];

fn arrivals(replay: Replay, says: &str) -> usize {
    let server = Server::says(says);
    let (client, clock) = client(settings());
    let mut built = 0;
    let result = client.send(&mut || {
        built += 1;
        secret_form(&server.url("/token"), replay)
    });
    assert!(is_outage(&result), "{result:?}");
    assert_eq!((built, clock.0.lock().unwrap().len()), (server.arrivals(), server.arrivals() - 1));
    server.arrivals()
}

#[test]
fn each_cell_of_table() {
    for (replay, [no_answer, busy, broken]) in
        ROWS.into_iter().zip([[3, 3, 3], [2, 3, 2], [1, 3, 1], [1, 3, 1], [1, 1, 1]])
    {
        assert_eq!(arrivals(replay, ""), no_answer, "{replay:?}");
        assert_eq!(arrivals(replay, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), no_answer, "{replay:?}");
        assert_eq!(arrivals(replay, &answer("429 Slow down", "{}")), busy, "{replay:?}");
        assert_eq!(arrivals(replay, &answer("503 Busy", "{}")), busy, "{replay:?}");
        assert_eq!(arrivals(replay, &answer("500 Oops", "{}")), broken, "{replay:?}");
        assert_eq!(arrivals(replay, &answer("502 Oops", "{}")), broken, "{replay:?}");
    }
}

#[test]
fn what_was_not_sent_is_tried_three_times() {
    for replay in ROWS {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (client, clock) = client(settings());
        let fault = client.send(&mut || secret_form(&format!("http://{closed}/"), replay)).unwrap_err();
        assert!(is_unconnected(&fault, "it refused the connection"), "{fault}");
        let pauses = clock.0.lock().unwrap().clone();
        assert_eq!(pauses.len(), 2);
        assert!(pauses.iter().all(|p| (Duration::from_millis(200)..=Duration::from_secs(5)).contains(p)));
    }
}

#[test]
fn answer_is_not_asked_for_again() {
    for says in ["200 OK", "400 Bad", "401 No", "404 No", "408 Late"] {
        let server = Server::says(answer(says, "{}"));
        let result = send(settings(), &secret_form(&server.url("/"), Replay::Safe));
        assert!(!is_outage(&result));
        assert_eq!(server.arrivals(), 1);
    }
    for says in ["rubbish\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n"] {
        let server = Server::says(says);
        assert!(!is_outage(&send(settings(), &secret_form(&server.url("/"), Replay::Safe))));
        assert_eq!(server.arrivals(), 1);
    }
}

#[test]
fn probe_tries_once() {
    let server = Server::says(answer("503 Busy", "{}"));
    let settings = Settings { retries: false, ..settings() };
    assert_eq!(send(settings, &Request::metadata(server.url("/"))).unwrap().status, 503);
    assert_eq!(server.arrivals(), 1);
}

#[test]
fn second_try_may_succeed() {
    let server = Server::plays(|number, _, stream| {
        let text = if number == 0 { String::new() } else { answer("200 OK", "{}") };
        let _ = stream.write_all(text.as_bytes());
        false
    });
    assert_eq!(send(settings(), &secret_form(&server.url("/"), Replay::RetryOnce)).unwrap().status, 200);
    assert_eq!(server.arrivals(), 2);
}

fn pauses(retry_after: &str, deadline: u64) -> (u16, Vec<Duration>) {
    let text = format!("HTTP/1.1 429 Slow down\r\nretry-after: {retry_after}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::says(text);
    let (client, clock) = client(within(deadline));
    let answer = client.send(&mut || secret_form(&server.url("/"), Replay::Input)).unwrap();
    assert_eq!(answer.header("retry-after"), Some(retry_after));
    let pauses = clock.0.lock().unwrap().clone();
    (answer.status, pauses)
}

#[test]
fn retry_after_is_obeyed_when_it_fits() {
    let seven = Duration::from_secs(7);
    assert_eq!(pauses("7", 60_000), (429, vec![seven, seven]));
    // The test's clock stands at 08:49:37.
    assert_eq!(pauses("Sun, 06 Nov 1994 08:49:44 GMT", 60_000), (429, vec![seven, seven]));
    assert_eq!(pauses("7", 5_000), (429, vec![]));
    assert_eq!(pauses("99999999999999999999", 60_000), (429, vec![]));
    let shortest = Duration::from_millis(200);
    assert_eq!(pauses("soon", 60_000), (429, vec![shortest, shortest]));
}

#[test]
fn no_pause_goes_past_deadline() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (client, clock) = client(within(150));
    assert!(client.send(&mut || Request::metadata(format!("http://{closed}/"))).is_err());
    assert_eq!(clock.0.lock().unwrap().len(), 0);
}

#[test]
fn what_must_not_be_repeated_is_in_doubt() {
    for replay in [Replay::Transaction, Replay::Single] {
        for (says, at) in [
            ("", Phase::Wait),
            ("rubbish\r\n\r\n", Phase::Body),
            ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", Phase::Body),
            ("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{}", Phase::Body),
            ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n{}", Phase::Body),
            ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n{}", Phase::Wait),
            ("HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 2\r\n\r\n{}", Phase::Wait),
        ] {
            let server = Server::says(says);
            let fault = send(settings(), &secret_form(&server.url("/t?x=hunter2"), replay)).unwrap_err();
            let Fault::InDoubt { origin, phase, .. } = &fault else { panic!("{says:?}: {fault}") };
            assert_eq!((origin.as_str(), *phase, server.arrivals()), (server.url("").as_str(), at, 1), "{says:?}");
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
    }
}

#[test]
fn answer_leaves_no_doubt() {
    for (says, status) in [("400 Bad", 400), ("500 Oops", 500), ("503 Busy", 503), ("505 No", 505)] {
        let server = Server::says(answer(says, "{}"));
        let answer = send(settings(), &secret_form(&server.url("/"), Replay::Single)).unwrap();
        assert_eq!((answer.status, server.arrivals()), (status, 1));
    }
}

#[test]
fn redirect_leaves_transaction_in_doubt() {
    for (replay, doubt) in [(Replay::Transaction, true), (Replay::Single, false), (Replay::Input, false)] {
        let server = Server::says("HTTP/1.1 303 See Other\r\nlocation: /done\r\ncontent-length: 0\r\n\r\n");
        let fault = send(settings(), &secret_form(&server.url("/"), replay)).unwrap_err();
        assert_eq!((matches!(fault, Fault::InDoubt { .. }), server.arrivals()), (doubt, 1), "{fault}");
    }
}

#[test]
fn gateway_makes_no_doubt_of_what_may_be_repeated() {
    for (replay, tries) in [(Replay::Safe, 3), (Replay::RetryOnce, 2), (Replay::Input, 1)] {
        let server = Server::says(answer("502 Bad Gateway", "{}"));
        let answer = send(settings(), &secret_form(&server.url("/"), replay)).unwrap();
        assert_eq!((answer.status, server.arrivals()), (502, tries), "{replay:?}");
        assert!(is_outage(&Ok(answer)));
    }
    let server = Server::says(answer("502 Bad Gateway", "{}"));
    let lost = send(settings(), &secret_form(&server.url("/"), Replay::Single));
    assert!(is_outage(&lost), "the breaker counts it anyway");
}

#[test]
fn repeatable_requests_share_connection() {
    let server = Server::plays(|_, _, stream| {
        stream.write_all(answer("200 OK", "{}").as_bytes()).unwrap();
        true
    });
    let (client, _) = client(settings());
    for replay in [Replay::Safe, Replay::RetryOnce, Replay::Safe] {
        client.send(&mut || secret_form(&server.url("/"), replay)).unwrap();
    }
    assert_eq!(server.connects(), 1);
    for replay in [Replay::Input, Replay::Transaction, Replay::Single] {
        client.send(&mut || secret_form(&server.url("/"), replay)).unwrap();
    }
    assert_eq!((server.connects(), server.arrivals()), (4, 6));
}

#[test]
fn threads_share_client() {
    let server = Server::says(answer("200 OK", "{}"));
    let (client, _) = client(settings());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(client.send(&mut || Request::metadata(server.url("/"))).unwrap().status, 200);
                }
            });
        }
    });
    assert_eq!(server.arrivals(), 40);
}
