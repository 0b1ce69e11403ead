//! Proxies in front of a service, which ask `hallpass gate` about each request: every one by its file in contrib/gate/, and
//! with the same cases.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::fault::{self, Request, Server, Step};
use crate::pinned::pinned;
use crate::room::{Room, await_until, free_port};

/// A proxy, as its file in contrib/gate/ makes one.
struct Proxy {
    /// Names and texts: port 8000 is the proxy, 8080 the service, 9190 the gate.
    files: &'static [(&'static str, &'static str)],
    /// What a whole configuration needs besides, and how it is started. It gets the port of the proxy.
    start: fn(&Room, u16) -> Command,
    /// What a client gets when the gate is down.
    closed: u16,
}

const NGINX: Proxy = Proxy {
    files: &[("nginx.conf", include_str!("../../contrib/gate/nginx.conf"))],
    start: |room, _| {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|name| format!("{name}_temp_path {name};\n")).concat();
        let http = format!("access_log off; client_max_body_size 0;\n{temporary}include nginx.conf;");
        let main = format!("daemon off; pid nginx.pid; error_log stderr; events {{}}\nhttp {{ {http} }}\n");
        write(room, "main.conf", &main);
        let mut nginx = room.program("/usr/sbin/nginx");
        nginx.args(["-p", room.directory().to_str().unwrap(), "-e", "stderr", "-c", "main.conf"]);
        nginx
    },
    closed: 500,
};

const CADDY: Proxy = Proxy {
    files: &[("Caddyfile", include_str!("../../contrib/gate/Caddyfile"))],
    start: |room, _| {
        write(room, "main", "{\n\tadmin off\n}\nimport Caddyfile\n");
        let mut caddy = room.program("/usr/bin/caddy");
        caddy.args(["run", "--config", "main", "--adapter", "caddyfile"]).env("HOME", room.directory());
        caddy
    },
    closed: 502,
};

const HAPROXY: Proxy = Proxy {
    files: &[
        ("haproxy.cfg", include_str!("../../contrib/gate/haproxy.cfg")),
        ("hallpass.lua", include_str!("../../contrib/gate/hallpass.lua")),
    ],
    start: |room, _| {
        let text = fs::read_to_string(room.directory().join("haproxy.cfg")).unwrap();
        write(room, "haproxy.cfg", &text.replace("/etc/haproxy/hallpass.lua", "hallpass.lua"));
        let mut haproxy = room.program("/usr/sbin/haproxy");
        haproxy.args(["-db", "-f", "haproxy.cfg"]);
        haproxy
    },
    closed: 503,
};

const TRAEFIK: Proxy = Proxy {
    files: &[("traefik-dynamic.yml", include_str!("../../contrib/gate/traefik-dynamic.yml"))],
    start: |room, port| {
        let mut traefik = room.program(pinned("bin/traefik"));
        traefik.arg(format!("--entryPoints.web.address=127.0.0.1:{port}"));
        traefik.args(["--providers.file.filename=traefik-dynamic.yml", "--global.checkNewVersion=false"]);
        traefik
    },
    closed: 500,
};

const ENVOY: Proxy = Proxy {
    files: &[("envoy.yaml", include_str!("../../contrib/gate/envoy.yaml"))],
    start: |room, _| {
        let mut envoy = room.program(pinned("bin/envoy"));
        envoy.args(["-c", "envoy.yaml", "--use-dynamic-base-id", "--log-level", "error", "--concurrency", "1"]);
        envoy
    },
    closed: 503,
};

#[test]
#[ignore = "needs nginx and curl: tests/run installs them"]
fn nginx_lets_in_only_whom_gate_knows() {
    Scene::start(&NGINX).play();
}

#[test]
#[ignore = "needs Caddy and curl: tests/run installs them"]
fn caddy_lets_in_only_whom_gate_knows() {
    Scene::start(&CADDY).play();
}

#[test]
#[ignore = "needs HAProxy and curl: tests/run installs them"]
fn haproxy_lets_in_only_whom_gate_knows() {
    Scene::start(&HAPROXY).play();
}

#[test]
#[ignore = "needs Traefik and curl: tests/run installs them"]
fn traefik_lets_in_only_whom_gate_knows() {
    Scene::start(&TRAEFIK).play();
}

#[test]
#[ignore = "needs Envoy and curl: tests/run installs them"]
fn envoy_lets_in_only_whom_gate_knows() {
    Scene::start(&ENVOY).play();
}

/// A program, until the test ends; how it is ended.
pub struct Running(Child, Signal);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), self.1);
        let _ = self.0.wait();
    }
}

/// What was revoked.
type Revoked = Arc<Mutex<HashSet<String>>>;

/// An authorization server that knows two callers.
fn start_authority(revoked: Revoked) -> Server {
    Server::start(move |request, base| {
        if request.is_metadata() {
            let metadata = fault::metadata_text(base);
            return fault::json(
                200,
                metadata.replacen('{', &format!(r#"{{"introspection_endpoint":"{base}/introspect","#), 1),
            );
        }
        let token = request.body.trim_start_matches("token=").split('&').next().unwrap();
        let roles = match token {
            _ if revoked.lock().unwrap().contains(token) => return fault::json(200, r#"{"active":false}"#),
            "token-of-alice" => json!(["admin", "dev"]),
            "token-of-guest" => json!(["dev"]),
            _ => return fault::json(200, r#"{"active":false}"#),
        };
        let answer = json!({"active": true, "sub": "u-1", "preferred_username": "alice", "email": "alice@a.example",
            "client_id": "web", "scope": "read write", "realm_access": {"roles": roles}});
        fault::json(200, answer.to_string())
    })
}

/// A client, a proxy, a gate, a service and an authorization server.
struct Scene {
    proxy: &'static Proxy,
    room: Room,
    revoked: Revoked,
    _authority: Server,
    service: Server,
    gate_port: u16,
    port: u16,
    _running: Running,
}

const ALICE: &str = "Authorization: Bearer token-of-alice";
const GUEST: &str = "Authorization: Bearer token-of-guest";
const LISTED: &str = "Authorization: Bearer listed-token-1";
/// The example of RFC 6455 §1.3.
const WEBSOCKET_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const WEBSOCKET_ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const IDENTITY: [&str; 6] = ["User", "Email", "Preferred-Username", "Groups", "Scopes", "Client-Id"];

pub fn write(room: &Room, name: &str, text: &str) {
    fs::write(room.directory().join(name), text).unwrap();
}

pub fn start_gate(room: &Room, port: u16, flags: &[&str]) -> Running {
    let address = format!("127.0.0.1:{port}");
    let mut gate = room.hallpass(&[&["gate", "--listen", &address], flags].concat());
    let mut child = gate.stderr(Stdio::inherit()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("http://"), "{line}");
    Running(child, Signal::KILL)
}

/// Status and body of a request by curl.
fn ask(room: &Room, port: u16, path: &str, args: &[&str]) -> (u16, String) {
    let url = format!("http://127.0.0.1:{port}{path}");
    let mut curl = room.program("curl");
    curl.args(["-s", "-m", "20", "--path-as-is", "-w", "%{http_code}", &url]).args(args);
    let text = String::from_utf8(curl.output().unwrap().stdout).unwrap();
    let (body, status) = text.split_at(text.len() - 3);
    (status.parse().unwrap(), body.to_owned())
}

/// The arguments of curl for these fields.
fn fields<'a>(fields: &[&'a str]) -> Vec<&'a str> {
    fields.iter().flat_map(|field| ["-H", field]).collect()
}

/// Every value of a field.
fn values<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    let lines = request.head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
}

impl Scene {
    fn start(proxy: &'static Proxy) -> Self {
        let revoked = Revoked::default();
        let authority = start_authority(Arc::clone(&revoked));
        let room = Room::ephemeral(&authority.base(), "gate", "s3cret");
        write(&room, "callers.txt", "#hallpass: label=\"ci\"\nlisted-token-1\n");
        let service = Server::start(|request, _| match request.field("Upgrade") {
            Some(_) => {
                let head = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
                vec![Step::Send(format!("{head}Sec-WebSocket-Accept: {WEBSOCKET_ACCEPT}\r\n\r\n").into()), Step::Echo]
            }
            None => fault::answer(200, "text/plain", "served"),
        });
        let (gate_port, port) = (free_port(), free_port());
        let (gate_text, port_text) = (gate_port.to_string(), port.to_string());
        let service_text = service.host().rsplit(':').next().unwrap();
        let ports = [("8080", "SERVICE", service_text), ("9190", "GATE", &gate_text), ("8000", "PROXY", &port_text)];
        for (name, text) in proxy.files {
            // In two steps: a port may contain the digits of another one.
            let marked = ports.iter().fold((*text).to_owned(), |text, (known, mark, _)| text.replace(known, mark));
            let text = ports.iter().fold(marked, |text, (_, mark, port)| text.replace(mark, port));
            write(&room, name, &text);
        }
        let mut command = (proxy.start)(&room, port);
        let running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(), Signal::TERM);
        // Some listen before they have read their configuration; there is no gate yet.
        await_until(|| ask(&room, port, "/orders", &[]).0 == proxy.closed, || "the proxy to be closed".to_owned());
        Self { proxy, room, revoked, _authority: authority, service, gate_port, port, _running: running }
    }

    fn start_gate(&self) -> Running {
        let flags = ["--tokens-file", "callers.txt", "--introspect", "--cache-ttl", "1s", "--exclude", "GET:/public"];
        start_gate(&self.room, self.gate_port, &flags)
    }

    /// What the client gets, and what the service was asked meanwhile.
    fn ask(&self, path: &str, args: &[&str]) -> (u16, Option<Request>) {
        let before = self.service.requests().len();
        let (status, body) = ask(&self.room, self.port, path, args);
        let served = self.service.requests().into_iter().nth(before);
        let is_head = args.contains(&"-I");
        assert!(served.is_none() || is_head || body == "served", "{path} {args:?}: {body}");
        (status, served)
    }

    #[track_caller]
    fn let_in(&self, path: &str, args: &[&str]) -> Request {
        let (status, served) = self.ask(path, args);
        assert_eq!(status, 200, "{path} {args:?}");
        served.unwrap()
    }

    #[track_caller]
    fn kept_out(&self, path: &str, args: &[&str], expected: u16) {
        let (status, served) = self.ask(path, args);
        assert_eq!((status, served.is_some()), (expected, false), "{path} {args:?}");
    }

    fn play(&self) {
        let gate = self.start_gate();
        self.identity_is_that_of_token();
        self.whoever_has_no_right_is_kept_out();
        self.no_spelling_is_excluded();
        self.requirement_of_place_counts();
        self.streams_pass();
        self.what_is_revoked_is_refused();
        drop(gate);
        self.kept_out("/orders", &fields(&[ALICE]), self.proxy.closed);
        self.kept_out("/public", &[], self.proxy.closed);
        let _gate = self.start_gate();
        await_until(|| self.ask("/orders", &fields(&[LISTED])).0 == 200, || "it stays closed".to_owned());
    }

    /// Every field of the profile is the gate's own, whatever a client sends.
    fn identity_is_that_of_token(&self) {
        let spoofed: Vec<String> = IDENTITY
            .iter()
            .flat_map(|name| {
                [format!("X-Auth-Request-{name}: root"), format!("x_auth_request_{}: root", name.replace('-', "_"))]
            })
            .collect();
        let spoofed: Vec<&str> = spoofed.iter().map(String::as_str).collect();
        for (credential, identity) in [
            (&[ALICE][..], ["u-1", "alice@a.example", "alice", "admin,dev", "read write", "web"]),
            (&[LISTED], ["", "", "ci", "", "", ""]),
            (&[], ["", "", "", "", "", ""]),
        ] {
            let path = if credential.is_empty() { "/public/x" } else { "/orders?a=b" };
            let request = self.let_in(path, &fields(&[credential, &spoofed[..]].concat()));
            assert_eq!(request.target(), path);
            for (name, value) in IDENTITY.iter().zip(identity) {
                let seen = values(&request, &format!("X-Auth-Request-{name}"));
                assert!(seen == [value] || value.is_empty() && seen.is_empty(), "{name}: {seen:?} for {value}");
            }
            assert!(!request.head.contains("root"), "{}", request.head);
        }
    }

    fn whoever_has_no_right_is_kept_out(&self) {
        let bad = "Authorization: Bearer other-token-2";
        self.kept_out("/orders", &[], 401);
        self.kept_out("/orders", &fields(&[bad]), 401);
        self.kept_out("/orders", &fields(&["Authorization: Basic YTpi"]), 401);
        for path in ["/_auth", "/_auth_admin", "/auth"] {
            let (status, served) = self.ask(path, &[]);
            assert!(matches!(status, 401 | 404) && served.is_none(), "{path}: {status}");
        }
        let challenge = |args: &[&str]| {
            let (_, head) = ask(&self.room, self.port, "/orders", &[&["-o", "/dev/null", "-D", "-"], args].concat());
            head.to_ascii_lowercase()
        };
        assert!(challenge(&[]).contains("www-authenticate: bearer realm=\"hallpass\"\r\n"), "{}", challenge(&[]));
        assert!(challenge(&fields(&[bad])).contains("error=\"invalid_token\""), "{}", challenge(&fields(&[bad])));
    }

    /// A path is excluded for what it is, not for what a client says of it.
    fn no_spelling_is_excluded(&self) {
        self.let_in("/public/a?b", &[]);
        self.kept_out("/public", &["-I"], 401);
        self.kept_out("/public", &["-d", "a=b"], 401);
        for said in ["X-Forwarded-Uri: /public", "X-Original-URI: /public", "X-Original-URL: http://h/public"] {
            self.kept_out("/orders", &fields(&[said]), 401);
            self.let_in("/public", &fields(&[&said.replace("/public", "/orders")]));
            self.kept_out("/orders", &fields(&[said, "Connection: close, X-Forwarded-Uri, X-Forwarded-Method"]), 401);
        }
        self.kept_out(
            "/public",
            &[&["-d", "a=b"], &fields(&["X-Forwarded-Method: GET", "X-Original-Method: GET"])[..]].concat(),
            401,
        );
        for path in [
            "/public/../orders",
            "/public/%2e%2e/orders",
            "/public/..;/orders",
            "/public%2f..%2forders",
            "//public",
            "/public\\..\\orders",
            "/Public",
        ] {
            let (status, served) = self.ask(path, &[]);
            // What comes to the service is what was asked about.
            assert!(served.is_none_or(|request| request.target() == "/public"), "{path}: {status}");
        }
    }

    fn requirement_of_place_counts(&self) {
        self.let_in("/admin/users?a=b", &fields(&[ALICE]));
        self.kept_out("/admin/users?role=dev", &fields(&[GUEST]), 403);
        self.kept_out("/admin", &fields(&[LISTED]), 403);
        self.kept_out("/admin/users", &[], 401);
        self.let_in("/orders?role=nobody", &fields(&[GUEST]));
        for path in ["/x/../admin/users", "/x/%2e%2e/admin/users", "/./admin"] {
            let (status, served) = self.ask(path, &fields(&[GUEST]));
            assert!(status != 200 || !served.unwrap().target().starts_with("/admin"), "{path}: {status}");
        }
    }

    /// An upload comes whole, and a WebSocket stays open; the gate sees neither.
    fn streams_pass(&self) {
        let upload: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        fs::write(self.room.directory().join("upload"), &upload).unwrap();
        let args = [&["--data-binary", "@upload"], &fields(&[ALICE])[..]].concat();
        assert!(self.let_in("/orders", &args).bytes == upload, "it is another one");
        self.kept_out("/orders", &["--data-binary", "@upload"], 401);
        let open = |credential: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let handshake = "GET /live HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Version: 13\r\n";
            stream
                .write_all(format!("{handshake}Sec-WebSocket-Key: {WEBSOCKET_KEY}\r\n{credential}\r\n\r\n").as_bytes())
                .unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut status = String::new();
            reader.read_line(&mut status).unwrap();
            let mut line = String::new();
            while status.contains(" 101 ") && line != "\r\n" {
                line.clear();
                reader.read_line(&mut line).unwrap();
            }
            (status, stream, reader)
        };
        let (status, mut stream, mut reader) = open(ALICE);
        assert!(status.starts_with("HTTP/1.1 101 "), "{status}");
        for message in [&b"\x81\x85abcdefghi"[..], b"\x88\x80abcd"] {
            stream.write_all(message).unwrap();
            let mut back = vec![0; message.len()];
            reader.read_exact(&mut back).unwrap();
            assert_eq!(back, message);
        }
        assert!(open("X: 1").0.starts_with("HTTP/1.1 401 "));
    }

    /// Within the second that the gate remembers an answer of the server, and within that of a token file.
    fn what_is_revoked_is_refused(&self) {
        self.let_in("/orders", &fields(&[ALICE]));
        self.let_in("/orders", &fields(&[LISTED]));
        self.revoked.lock().unwrap().insert("token-of-alice".to_owned());
        write(&self.room, "callers.txt", "other-token-1\n");
        let begun = Instant::now();
        for credential in [ALICE, LISTED] {
            await_until(|| self.ask("/orders", &fields(&[credential])).0 == 401, || format!("{credential} is let in"));
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        self.revoked.lock().unwrap().clear();
        write(&self.room, "callers.txt", "#hallpass: label=\"ci\"\nlisted-token-1\n");
    }
}
