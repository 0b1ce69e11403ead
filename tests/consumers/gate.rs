//! nginx in front of a service, which asks `hallpass gate` about each request.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use crate::fault::{self, Server};
use crate::room::{Room, await_until};

/// A program, until the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_gate(room: &Room, port: u16) -> Running {
    let address = format!("127.0.0.1:{port}");
    let flags = ["gate", "--tokens-file", "callers.txt", "--listen", &address, "--exclude", "GET:/public"];
    let mut child = room.hallpass(&flags).stderr(Stdio::inherit()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("http://"), "{line}");
    Running(child)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Status and body of a request by curl.
fn ask(room: &Room, port: u16, path: &str, fields: &[&str]) -> (u16, String) {
    let url = format!("http://127.0.0.1:{port}{path}");
    let mut curl = room.program("curl");
    curl.args(["-s", "--path-as-is", "-w", "%{http_code}", &url]).args(fields.iter().flat_map(|field| ["-H", field]));
    let text = String::from_utf8(curl.output().unwrap().stdout).unwrap();
    let (body, status) = text.split_at(text.len() - 3);
    (status.parse().unwrap(), body.to_owned())
}

#[test]
#[ignore = "needs nginx and curl: tests/run installs them"]
fn nginx_lets_in_only_whom_gate_knows() {
    let room = Room::new();
    fs::write(room.directory().join("callers.txt"), "#hallpass: label=\"ci\"\nlisted-token-1\n").unwrap();
    let service = Server::start(|request, _| fault::answer(200, "text/plain", &request.head));
    let (gate_port, port) = (free_port(), free_port());
    let snippet = include_str!("../../contrib/gate/nginx.conf")
        .replace("127.0.0.1:8080", service.host())
        .replace("127.0.0.1:9190", &format!("127.0.0.1:{gate_port}"))
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{port}"));
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {name};\n"));
    let configuration = format!(
        "daemon off; pid nginx.pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n{}{snippet}}}\n",
        temporary.concat()
    );
    fs::write(room.directory().join("nginx.conf"), configuration).unwrap();
    let mut nginx = room.program("/usr/sbin/nginx");
    nginx.args(["-p", room.directory().to_str().unwrap(), "-e", "stderr", "-c", "nginx.conf"]).stderr(Stdio::null());
    let gate = start_gate(&room, gate_port);
    let _nginx = Running(nginx.spawn().unwrap());
    await_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok(), || "nginx does not listen".to_owned());
    let listed = "Authorization: Bearer listed-token-1";
    let spoofed = ["X-Auth-Request-User: root", "X-Auth-Request-Preferred-Username: root", listed];
    let (status, head) = ask(&room, port, "/orders", &spoofed);
    assert_eq!(status, 200);
    assert!(head.contains("X-Auth-Request-Preferred-Username: ci") && !head.contains("root"), "{head}");
    for (path, fields, expected) in [
        ("/orders", &[][..], 401),
        ("/orders", &["Authorization: Bearer other-token-2"], 401),
        ("/orders", &["X-Forwarded-Uri: /public"], 401),
        ("/orders", &["X-Original-URI: /public"], 401),
        ("/public/../orders", &[], 401),
        ("/public/%2e%2e/orders", &[], 401),
        ("/_auth", &[listed], 404),
        ("/public/a", &[], 200),
    ] {
        assert_eq!(ask(&room, port, path, fields).0, expected, "{path} {fields:?}");
    }
    drop(gate);
    assert_eq!(ask(&room, port, "/orders", &[listed]).0, 500, "closed without a gate");
    let _gate = start_gate(&room, gate_port);
    assert_eq!(ask(&room, port, "/orders", &[listed]).0, 200);
}
