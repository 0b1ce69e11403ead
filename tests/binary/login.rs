//! A sign-in from end to end: the real program, the sandbox, and a browser that the program starts itself.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::fault::{Server, hang_up, stall};
use crate::room::{Room, finish};
use crate::visitor;

/// A sandbox in a process of its own, which ends with the test.
struct Sandbox {
    child: Child,
    issuer: String,
}

impl Sandbox {
    fn start(flags: &[&str]) -> Self {
        let mut child = Room::new().hallpass(&[&["sandbox", "-q"], flags].concat()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = |name: &str| {
            let line =
                lines.find(|line| line.as_ref().unwrap().starts_with(&format!("export {name}="))).unwrap().unwrap();
            line.split('\'').nth(1).unwrap().to_owned()
        };
        let issuer = next("HALLPASS_ISSUER");
        Self { child, issuer }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn browsing() -> Room {
    Room::sealed().with("BROWSER", visitor::command("it_is_the_browser"))
}

#[test]
fn a_person_signs_in_and_has_tokens() {
    let sandbox = Sandbox::start(&["--auto-consent"]);
    for flags in [&[][..], &["--par", "never"]] {
        let room = browsing();
        let line = ["login", &sandbox.issuer, "--client-id", "sandbox-public", "--scope", "openid profile", "--json"];
        let outcome = room.run(&[&line[..], flags].concat());
        let view = outcome.json();
        assert_eq!(
            (&view["zone"], &view["who"], &view["vault"]),
            (&"sandbox".into(), &"ada".into(), &"sealed".into()),
            "{outcome}"
        );
        let urls: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("http://")).collect();
        assert_eq!((urls.len(), urls[0].contains("request_uri=")), (1, flags.is_empty()), "{outcome}");
        assert!(!outcome.stderr.contains("code="), "{outcome}");
        let token = room.run(&["token", "--json", "--id-token"]).json();
        assert_eq!((&token["source"], &token["scope"]), (&"cache".into(), &"openid profile".into()));
        let status: Value = room.run(&["status", "--json"]).json();
        assert_eq!((&status[0]["who"], &status[0]["refresh_token"]), (&"ada".into(), &true.into()));
        assert_eq!(room.run(&["token", "--fresh", "--json"]).json()["source"], "refresh");
    }
}

#[test]
fn a_person_who_is_asked_may_say_no() {
    let sandbox = Sandbox::start(&[]);
    let room = Room::sealed();
    let mut child = room
        .hallpass(&["login", &sandbox.issuer, "--client-id", "sandbox-public", "--no-browser"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let url = loop {
        let mut line = String::new();
        assert!(stderr.read_line(&mut line).unwrap() > 0);
        if line.starts_with("http://") {
            break line.trim_end().to_owned();
        }
    };
    let page = visitor::visit(&url);
    let ticket = page.split("name=\"ticket\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let authority = sandbox.issuer.trim_start_matches("http://").split('/').next().unwrap();
    let body = format!("ticket={ticket}&decision=deny");
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(
        stream,
        "POST /sandbox/authorize HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    let back = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(visitor::visit(back).contains("The sign-in did not work"));
    let outcome = finish(child);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (5, ""), "{outcome}");
    assert_eq!(room.run(&["zone", "has", "sandbox"]).code(), 1);
}

/// A code is good for one request: what became of it is not known, and it is not sent again.
#[test]
fn a_lost_answer_to_a_code_is_in_doubt_after_one_request() {
    for lost in [hang_up(), stall()] {
        let server = Server::with_token_answer(move |_, _| lost.clone());
        let room = browsing();
        let base = server.base();
        let endpoint = format!("{base}/authorize");
        room.run(&[
            "zone",
            "add",
            "me",
            "--issuer",
            &base,
            "--client-id",
            "app",
            "--authorization-endpoint",
            &endpoint,
        ])
        .answer();
        let mut child = room
            .hallpass(&["login", "-z", "me", "--no-browser", "--deadline", "3s"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("\nhttp://") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        let url = said.lines().last().unwrap().to_owned();
        let value = |name: &str| {
            let start = url.split(&format!("{name}=")).nth(1).unwrap();
            start.split('&').next().unwrap().replace("%3A", ":").replace("%2F", "/")
        };
        let page = visitor::visit(&format!("{}?code=CODE-1&state={}", value("redirect_uri"), value("state")));
        assert!(page.contains("<h1>Thank you</h1>"), "{page}");
        let outcome = finish(child);
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (8, ""), "{said}");
        assert!(said.contains("in doubt") && !said.contains("CODE-1"), "{said}");
        assert_eq!(server.token_requests().len(), 1, "a code is never sent twice");
    }
}

#[test]
fn the_tokens_of_a_zone_with_a_key_are_bound_to_it() {
    let sandbox = Sandbox::start(&["--auto-consent"]);
    let room = browsing();
    let add = ["zone", "add", "me", "--issuer", &sandbox.issuer, "--client-id", "sandbox-public", "--auth", "none"];
    room.run(&[&add[..], &["--grant", "authorization_code", "--dpop", "--scope", "openid"]].concat()).answer();
    room.run(&["login", "-z", "me"]).answer();
    let token = room.run(&["token", "-z", "me", "--json"]).json();
    assert_eq!((&token["token_type"], &token["source"]), (&"DPoP".into(), &"cache".into()));
}
