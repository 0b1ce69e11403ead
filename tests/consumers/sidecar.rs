//! git and curl, which have no token and go through `hallpass proxy`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::fault::{Server, Step};
use crate::repository::{clone_and_push, start_repository};
use crate::site::{Site, await_expiry, bearer, token_of, tokens};

/// A proxy, until the test ends.
struct Proxy {
    child: Child,
    url: String,
}

impl Proxy {
    fn start(site: &Site, origin: &str) -> Self {
        let mut child = site.room.hallpass(&["proxy", "--to", origin]).stderr(Stdio::inherit()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().trim_end_matches('/').to_owned() }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs git: tests/run installs it"]
fn git_clones_and_pushes_through_proxy() {
    let site = Site::expiring("unused.example").with("GIT_TERMINAL_PROMPT", "0").with("GIT_CONFIG_NOSYSTEM", "1");
    let repository = start_repository(&site, |request| token_of(request, bearer).is_some());
    let proxy = Proxy::start(&site, &repository.base());
    clone_and_push(&site.room, &format!("{}/r.git", proxy.url), await_expiry);
    assert_eq!(tokens(&repository, bearer), [1, 2]);
    assert!(repository.credentials().iter().all(Option::is_some));
}

#[test]
#[ignore = "needs curl: tests/run installs it"]
fn curl_sees_events_through_proxy_as_they_come() {
    let events = Server::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        vec![Step::Send(format!("{head}data: first\n\n").into()), Step::Hold]
    });
    let site = Site::new(events.host());
    let proxy = Proxy::start(&site, &events.base());
    let mut curl = site.room.program("curl").args(["-sN", &format!("{}/events", proxy.url)]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(curl.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // The server still holds the connection, and the answer has no end.
    assert_eq!((line.as_str(), curl.try_wait().unwrap()), ("data: first\n", None));
    curl.kill().unwrap();
    curl.wait().unwrap();
    assert_eq!(tokens(&events, bearer), [1]);
}
