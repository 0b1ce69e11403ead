//! A sign-in from end to end: the real program, the sandbox, and a browser that the program starts itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::fault::{Server, TOKEN, answer, hang_up, lying_length, stall, token_text};
use crate::room::{Room, finish};
use crate::visitor;

/// A sandbox in a process of its own, which ends with the test.
pub struct Sandbox {
    child: Child,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
}

impl Sandbox {
    pub fn start(flags: &[&str]) -> Self {
        let mut child = Room::new().hallpass(&[&["sandbox", "-q"], flags].concat()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = |name: &str| {
            let line =
                lines.find(|line| line.as_ref().unwrap().starts_with(&format!("export {name}="))).unwrap().unwrap();
            line.split('\'').nth(1).unwrap().to_owned()
        };
        let [issuer, client_id, client_secret] =
            ["HALLPASS_ISSUER", "HALLPASS_CLIENT_ID", "HALLPASS_CLIENT_SECRET"].map(&mut next);
        Self { child, issuer, client_id, client_secret }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn browsing() -> Room {
    Room::sealed().with("BROWSER", visitor::command("browser_opens_page"))
}

#[test]
fn person_signs_in_and_has_tokens() {
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
fn person_who_is_asked_may_say_no() {
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

/// A login that waits for a browser, at a server that answers at its token endpoint alone.
struct Waiting {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
    redirect_uri: String,
    state: String,
}

impl Waiting {
    fn start(room: &Room, server: &Server) -> Self {
        let base = server.base();
        let endpoint = format!("{base}/authorize");
        let add = ["zone", "add", "me", "--issuer", &base, "--client-id", "app", "--authorization-endpoint", &endpoint];
        room.run(&add).answer();
        let mut child = room
            .hallpass(&["login", "-z", "me", "--no-browser", "--deadline", "6s"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("\nhttp://") {
            if stderr.read_line(&mut said).unwrap() == 0 {
                let _ = child.wait();
                panic!("it shows no address: {said}");
            }
        }
        let url = said.lines().last().unwrap().to_owned();
        let value = |name: &str| {
            let start = url.split(&format!("{name}=")).nth(1).unwrap();
            start.split('&').next().unwrap().replace("%3A", ":").replace("%2F", "/")
        };
        let (redirect_uri, state) = (value("redirect_uri"), value("state"));
        Self { child, stderr, said, redirect_uri, state }
    }

    fn authority(&self) -> &str {
        self.redirect_uri.strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap()
    }

    /// The browser comes back with a code.
    fn comes_back(&self) {
        let page = visitor::visit(&format!("{}?code=CODE-1&state={}", self.redirect_uri, self.state));
        assert!(page.contains("<h1>Signed in</h1>"), "{page}");
    }

    fn end(mut self) -> crate::room::Outcome {
        let mut outcome = finish(self.child);
        self.stderr.read_to_string(&mut self.said).unwrap();
        outcome.stderr = self.said;
        outcome
    }
}

/// A code is good for one request: what became of it is not known, and it is not sent again.
#[test]
fn lost_code_response_is_in_doubt() {
    let half = lying_length(&token_text(TOKEN, 60)[..30], 400);
    let gateways = [502, 504].map(|status| answer(status, "text/html", "<h1>Bad Gateway</h1>"));
    for lost in [hang_up(), stall(), half].into_iter().chain(gateways) {
        let server = Server::with_token_answer(move |_, _| lost.clone());
        let room = browsing();
        let login = Waiting::start(&room, &server);
        login.comes_back();
        let outcome = login.end();
        let said = outcome.assert_hidden("CODE-1").refused(8);
        assert!(said.contains("in doubt") && said.contains("a new sign-in is always safe"), "{outcome}");
        assert_eq!(server.token_requests().len(), 1, "a code is never sent twice");
    }
}

/// Everybody on this machine may knock: nobody but the browser is let in, and nobody keeps it out.
#[test]
fn hostile_neighbours_neither_sign_in_nor_keep_browser_out() {
    let server = Server::kind();
    let room = browsing();
    let login = Waiting::start(&room, &server);
    let authority = login.authority();
    let hosts = [authority, "evil.example", "127.0.0.1", "", "localhost:1"];
    let targets = [
        "/",
        "/callback/",
        "/callback%3fcode=x",
        "//callback",
        "/callback;x?code=evil",
        "/CALLBACK?code=evil",
        "/favicon.ico",
        "/callback/../callback?code=evil",
        "*",
    ];
    let mut answers = String::new();
    let mut knock = |request: &str| {
        let mut stream = TcpStream::connect(authority).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answers += &String::from_utf8_lossy(&answer);
    };
    for target in targets {
        knock(&format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n"));
    }
    let script = "error=x&error_description=%3Cscript%3Ealert(1)%3C/script%3E";
    for (number, host) in hosts.iter().enumerate().skip(1) {
        knock(&format!("GET /callback?{script}&state={number} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    }
    for method in ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        knock(&format!("{method} /callback?code=evil&state={} HTTP/1.1\r\nHost: {authority}\r\n\r\n", login.state));
    }
    for garbage in [
        "",
        "\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00",
        "GET",
        "GET /callback?code=evil",
        "GET /callback?code=evil HTTP/9.9\r\n\r\n",
        "GET http://evil.example/callback?code=evil HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        knock(garbage);
    }
    knock(&format!("GET /callback HTTP/1.1\r\nHost: {authority}\r\nX: {}\r\n\r\n", "a".repeat(1_000_000)));
    // Two that look like answers and know nothing; a third would be the end.
    knock(&format!("GET /callback?code=evil&state=evil HTTP/1.1\r\nHost: {authority}\r\n\r\n"));
    knock(&format!("GET /callback?{script} HTTP/1.1\r\nHost: {authority}\r\n\r\n"));
    assert!(!answers.contains("evil") && !answers.contains("alert"), "something came back: {answers}");
    let idle: Vec<TcpStream> = (0..500).map(|_| TcpStream::connect(authority).unwrap()).collect();
    login.comes_back();
    drop(idle);
    login.end().answer();
    let requests = server.token_requests();
    assert!(requests.len() == 1 && requests[0].body.contains("code=CODE-1&"), "{requests:?}");
}

#[test]
fn tokens_of_zone_with_key_are_bound_to_it() {
    let sandbox = Sandbox::start(&["--auto-consent"]);
    let room = browsing();
    let add = ["zone", "add", "me", "--issuer", &sandbox.issuer, "--client-id", "sandbox-public", "--auth", "none"];
    room.run(&[&add[..], &["--grant", "authorization_code", "--dpop", "--scope", "openid"]].concat()).answer();
    room.run(&["login", "-z", "me"]).answer();
    let token = room.run(&["token", "-z", "me", "--json"]).json();
    assert_eq!((&token["token_type"], &token["source"]), (&"DPoP".into(), &"cache".into()));
}
