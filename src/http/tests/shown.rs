use std::sync::{Arc, Mutex};

use super::server::{Server, answer};
use super::{StillClock, Zeros, secret_form, settings};
use crate::http::trace::Sink;
use crate::http::{Client, Settings, Trace};
use crate::oauth::message::Replay;

fn traced(wire: bool, server: &Server) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let sink: Sink = Arc::new(move |line: &str| kept.lock().unwrap().push(line.to_owned()));
    let trace = if wire { Trace::Wire(sink) } else { Trace::Steps(sink) };
    let settings = Settings { headers: vec![("X-Key".into(), "hunter2-in-extra".into())], ..settings() };
    let client = Client::new(Arc::new(StillClock::default()), Arc::new(Zeros), trace, Arc::default());
    let _ =
        client.send(&settings, &mut || secret_form(&server.url("/token?code=hunter2-in-query&x=y"), Replay::RetryOnce));
    let lines = lines.lock().unwrap().clone();
    for line in &lines {
        assert!(!line.contains("hunter2") && !line.contains("aHVudGVy"), "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
    lines
}

#[test]
fn steps_are_one_line_per_try() {
    let server = Server::plays(|number, _, stream| {
        let text = if number == 0 { answer("503 Busy", "") } else { answer("200 OK", "{}") };
        stream.write_all(text.as_bytes()).unwrap();
        false
    });
    let lines = traced(false, &server);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with(&format!("POST {} → 503 in ", server.url("/token"))), "{}", lines[0]);
    assert_eq!(lines[1], "try 2 of 3 in 0.2 s");
    assert!(lines[2].contains("→ 200 in "), "{}", lines[2]);
}

#[test]
fn failed_try_says_why() {
    let lines = traced(false, &Server::says(""));
    assert!(lines[0].contains("→ failed in ") && lines[0].contains("ended the connection"), "{}", lines[0]);
}

#[test]
fn wire_hides_what_is_hidden_and_what_comes_back() {
    let body = r#"{"access_token":"hunter2-token","error_description":"hunter2-in-form aHVudGVyMi1pbi1oZWFkZXI= hunter2-in-extra"}"#;
    let head = "set-cookie: s=hunter2\r\nlocation: /x?code=hunter2\r\nx-echo: hunter2-in-form";
    let server = Server::says(format!("HTTP/1.1 200 OK\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let lines = traced(true, &server);
    for expected in [
        "> POST /token?code=[redacted]&x=y HTTP/1.1",
        "> authorization: Basic [redacted]",
        "> x-key: [redacted]",
        "> accept: application/json",
        "> grant_type=client_credentials&client_secret=[redacted]",
        "< HTTP/1.1 200",
        "< set-cookie: [redacted]",
        "< location: /x",
        "< x-echo: [redacted]",
        "< {\"access_token\":\"[redacted]\",\"error_description\":\"[redacted] [redacted] [redacted]\"}",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected}: {lines:#?}");
    }
}
