use super::server::{Server, answer, redirect};
use super::{Fault, once, secret_form, settings};
use crate::http::Settings;
use crate::oauth::message::{Method, Replay, Request};

#[test]
fn credential_follows_none() {
    for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
        let elsewhere = Server::says(answer("200 OK", "{}"));
        let server = Server::says(redirect(status, &elsewhere.url("/token?code=hunter2")));
        for method in [Method::Get, Method::Post, Method::Put, Method::Delete] {
            let request = Request { method, ..secret_form(&server.url("/token?x=hunter2"), Replay::Safe) };
            let fault = once(&request).unwrap_err();
            let Fault::Redirect { status: seen, target, .. } = &fault else { panic!("{status}: {fault}") };
            assert_eq!((*seen, target.clone()), (status, Some(elsewhere.url(""))));
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
        assert_eq!((server.arrivals(), elsewhere.connects()), (4, 0));
    }
}

#[test]
fn credential_does_not_even_follow_home() {
    let server = Server::says(redirect(307, "/token/"));
    assert!(matches!(once(&secret_form(&server.url("/token"), Replay::RetryOnce)), Err(Fault::Redirect { .. })));
    assert_eq!(server.arrivals(), 1);
}

#[test]
fn an_anonymous_get_follows_three_at_home() {
    let server = Server::plays(|number, _, stream| {
        let text = if number < 3 { redirect(302, &format!("/{number}")) } else { answer("200 OK", "{}") };
        stream.write_all(text.as_bytes()).unwrap();
        false
    });
    let answer = once(&Request::metadata(server.url("/start"))).unwrap();
    assert_eq!((answer.status, answer.url, server.arrivals()), (200, server.url("/2"), 4));
    for request in server.requests() {
        let head = request.to_ascii_lowercase();
        assert!(!head.contains("referer") && !head.contains("cookie") && !head.contains("encoding"), "{head}");
    }
}

#[test]
fn fourth_redirect_is_refused() {
    let server = Server::says(redirect(301, "/again"));
    assert!(matches!(once(&Request::metadata(server.url("/"))), Err(Fault::RedirectRefused { .. })));
    assert_eq!(server.arrivals(), 4);
}

#[test]
fn anonymous_get_does_not_leave_home() {
    let elsewhere = Server::says(answer("200 OK", "{}"));
    let port = elsewhere.address.port();
    for location in [
        elsewhere.url("/"),
        format!("http://localhost:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("//127.0.0.1:{port}/x"),
        format!("http://me@127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
    ] {
        let server = Server::says(redirect(302, &location));
        let fault = once(&Request::metadata(server.url("/"))).unwrap_err();
        assert!(matches!(fault, Fault::RedirectRefused { .. }), "{location}: {fault}");
        assert_eq!(server.arrivals(), 1);
    }
    assert_eq!(elsewhere.connects(), 0);
}

#[test]
fn anonymous_post_follows_none() {
    let server = Server::says(redirect(307, "/x"));
    let request = Request { credential: false, ..secret_form(&server.url("/"), Replay::Safe) };
    assert!(matches!(once(&request), Err(Fault::Redirect { .. })));
}

#[test]
fn loopback_goes_past_every_proxy() {
    let proxy = Server::says(answer("200 OK", "{}"));
    let server = Server::says(answer("200 OK", "{}"));
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let environment = crate::edges::Environment::of(names.map(|name| (name, proxy.url(""))));
    for flag in [None, Some(proxy.url(""))] {
        let settings = Settings { proxy: flag, environment: environment.clone(), ..settings() };
        let request = secret_form(&server.url("/token"), Replay::Single);
        assert_eq!(super::send(settings, &request).unwrap().status, 200);
    }
    assert_eq!((server.arrivals(), proxy.connects()), (2, 0));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "only a process of its own has variables of its own")]
fn variables_of_process_are_not_read() {
    let proxy = Server::says(answer("502 No", ""));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http::tests::redirects::an_anonymous_get_follows_three_at_home"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, proxy.url(""));
    }
    let said = child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("1 passed"), "{said:?}");
    assert_eq!(proxy.connects(), 0);
}
