//! curl, from PATH.

use std::sync::Arc;

use crate::fault::{Server, TOKEN, answer};
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
