//! A browser as far as a sign-in needs one: it opens a page on loopback and follows where it is sent.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What `BROWSER` says so that a test of this program is the browser. It may have no colon, which separates a list: so
/// the test is in no module.
pub fn command(test: &str) -> String {
    format!("{} --ignored --exact {test}", std::env::current_exe().unwrap().display())
}

/// Plays the browser of the program that started us: the last argument is the URL.
pub fn play() {
    visit(&std::env::args().next_back().unwrap());
}

/// Opens a page and gives what it ends at, head and body.
pub fn visit(url: &str) -> String {
    let mut url = url.to_owned();
    for _ in 0..10 {
        let page = get(&url);
        let location = page.split("\r\n\r\n").next().unwrap().lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.to_owned())
        });
        match location {
            Some(next) => url = next,
            None => return page,
        }
    }
    unreachable!("{url} leads nowhere")
}

fn get(url: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}
