use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Duration;

use serde_json::json;

use super::{Response, Room};
use crate::jose::{Fault as Refused, verify};
use crate::sandbox::fault::KINDS;

/// The answer of the token endpoint under a fault, as bytes.
fn bytes(fault: &str) -> std::io::Result<Vec<u8>> {
    let room = Room::faulty(fault);
    room.raw(room.form("/sandbox/token", &room.basic(), "grant_type=client_credentials").as_bytes())
}

fn struck(fault: &str) -> Response {
    Response::parse(&bytes(fault).unwrap()).unwrap()
}

#[test]
fn statuses() {
    for status in [404, 500, 502, 503, 429] {
        assert_eq!(struck(&status.to_string()).status, status);
    }
    assert!(!struck("503").head.contains("retry-after"));
    assert!(struck("429").has("retry-after: 1"));
    let hour = struck("503-hour");
    assert!(hour.status == 503 && hour.has("retry-after: 3600"));
    assert!(struck("502").body.starts_with(b"<html>"));
    let redirect = struck("redirect");
    assert!(redirect.status == 307 && redirect.head.contains("/sandbox/elsewhere"));
    let refused = struck("invalid-client");
    assert_eq!(refused.refusal(), (401, "invalid_client"));
    assert!(refused.head.contains("www-authenticate: basic"));
    assert_eq!(struck("error-200").refusal(), (200, "invalid_request"));
    let hostile = struck("hostile-error");
    assert!(hostile.status == 400 && hostile.json["error_description"].as_str().unwrap().contains("\u{1b}[2J"));
}

#[test]
fn bodies() {
    assert!(struck("html").body.starts_with(b"<!DOCTYPE html>"));
    let empty = struck("empty");
    assert!(empty.status == 200 && empty.body.is_empty());
    assert_eq!(struck("not-json").body, b"access_token=abc&token_type=bearer");
    assert!(struck("array").json[0]["access_token"].is_string());
    assert!(String::from_utf8(struck("not-utf8").body).is_err());
    let twice = String::from_utf8(struck("duplicate").body).unwrap();
    assert_eq!(twice.matches("\"access_token\":").count(), 2);
    let deep = String::from_utf8(struck("deep").body).unwrap();
    assert!(deep.starts_with("{\"access_token\"") && deep.contains(&"[".repeat(10_000)));
    let huge = struck("huge");
    assert!(huge.body.len() > 8 * 1024 * 1024 && !huge.head.contains("content-length"));
    assert!(huge.json["access_token"].is_string());
    let gzip = struck("gzip");
    assert!(gzip.has("content-encoding: gzip") && gzip.body.starts_with(&[0x1f, 0x8b]) && gzip.body.len() < 200_000);
    assert!(struck("huge-header").head.len() > 128 * 1024);
}

#[test]
fn members_of_token_answer() {
    let member = |fault: &str, name: &str| struck(fault).json.get(name).cloned();
    assert_eq!(member("bad-type", "token_type"), Some(json!("mac")));
    assert_eq!(member("lower-type", "token_type"), Some(json!("bearer")));
    assert_eq!(member("no-type", "token_type"), None);
    assert_eq!(member("no-expiry", "expires_in"), None);
    assert_eq!(member("string-expiry", "expires_in"), Some(json!("300")));
    assert_eq!(member("negative-expiry", "expires_in"), Some(json!(-300)));
    assert_eq!(member("huge-expiry", "expires_in"), Some(json!(1e30)));
    assert_eq!(member("token-missing", "access_token"), None);
    assert_eq!(member("token-empty", "access_token"), Some(json!("")));
    assert_eq!(member("token-number", "access_token"), Some(json!(12345)));
    assert_eq!(member("token-crlf", "access_token"), Some(json!("abc\r\nX-Injected: yes")));
    assert_eq!(member("token-long", "access_token").unwrap().as_str().unwrap().len(), 20 * 1024);
}

#[test]
fn connections_that_end_badly() {
    assert_eq!(bytes("reset").unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(bytes("not-http").unwrap(), b"220 mail.example ESMTP\r\n");
    let cut = struck("truncate");
    let promised: usize =
        cut.head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert_eq!(cut.body.len(), promised / 2);
}

#[test]
fn answers_that_do_not_come() {
    // Reads until so many bytes of the body have come, then listens for a while more: how many there are in the end.
    let come = |fault: &str, enough: usize| {
        let room = Room::faulty(fault);
        let mut stream = room.connect();
        let form = room.form("/sandbox/token", &room.basic(), "grant_type=client_credentials");
        stream.write_all(form.as_bytes()).unwrap();
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        let mut body = 0;
        while body < enough {
            let count = stream.read(&mut part).unwrap();
            assert_ne!(count, 0, "the connection ended");
            answer.extend_from_slice(&part[..count]);
            body = Response::parse(&answer).map_or(0, |reply| reply.body.len());
        }
        let patience = if enough == 0 { Duration::from_millis(250) } else { Duration::from_secs(20) };
        stream.set_read_timeout(Some(patience)).unwrap();
        let more = stream.read(&mut part);
        assert!(!matches!(more, Ok(0)), "the connection ended");
        (body, more.unwrap_or(0))
    };
    assert_eq!(come("silence", 0), (0, 0));
    let (first, more) = come("slow", 2);
    assert!(first < 50 && (1..50).contains(&more), "{first} {more}");
    let (half, more) = come("stall", 100);
    assert!(half < 600 && more == 0, "{half} {more}");
}

#[test]
fn count_limits_how_often_it_strikes() {
    let room = Room::faulty("503*2");
    assert_eq!([0; 4].map(|_| room.mint("").status), [503, 503, 200, 200]);
    let lines = room.lines.lock().unwrap();
    assert!(lines[1].ends_with(" fault=503") && !lines[2].contains("fault"), "{lines:?}");
}

#[test]
fn fault_strikes_its_target_only() {
    let room = Room::faulty("metadata:500");
    assert_eq!(room.get("/sandbox/.well-known/openid-configuration").status, 500);
    assert_eq!(room.get("/.well-known/oauth-authorization-server/sandbox").status, 500);
    assert_eq!((room.get("/sandbox/jwks").status, room.mint("").status), (200, 200));
    let room = Room::faulty("500");
    assert_eq!((room.get("/sandbox/jwks").status, room.mint("").status), (200, 500));
    for (target, path) in [("par", "par"), ("device", "device_authorization"), ("authorize", "authorize")] {
        let room = Room::faulty(&format!("{target}:502"));
        assert_eq!(
            (room.post(&format!("/sandbox/{path}"), "", "").status, room.mint("").status),
            (502, 200),
            "{target}"
        );
    }
}

#[test]
fn metadata_and_keys() {
    let document = |fault: &str| Room::faulty(fault).get("/sandbox/.well-known/openid-configuration").json;
    assert!(document("metadata:wrong-issuer")["issuer"].as_str().unwrap().ends_with("/other"));
    assert!(document("metadata:no-token-endpoint").get("token_endpoint").is_none());
    assert_eq!(Room::faulty("jwks:no-keys").get("/sandbox/jwks").json, json!({"keys": []}));
    let room = Room::faulty("jwks:wrong-key");
    assert_eq!(verify(&room.token(), &room.get("/sandbox/jwks").json), Err(Refused::Signature));
}

#[test]
fn introspection_without_clear_answer() {
    let active = |fault: &str| {
        let room = Room::faulty(fault);
        let reply = room.post("/sandbox/introspect", &room.basic(), &format!("token={}", room.token()));
        reply.json.get("active").cloned()
    };
    assert_eq!(active("introspection:no-active"), None);
    assert_eq!(active("introspection:string-active"), Some(json!("true")));
}

#[test]
fn refusal_stays_refusal() {
    let room = Room::faulty("no-expiry");
    assert_eq!(room.mint("&scope=nothing").refusal(), (400, "invalid_scope"));
}

#[test]
fn every_kind_changes_answer() {
    for kind in KINDS.iter().filter(|kind| "silence slow stall".split(' ').all(|other| other != kind.name)) {
        let (target, path) = match kind.only {
            Some("metadata") => ("metadata", "/.well-known/openid-configuration"),
            Some("introspection") => ("introspection", "/introspect"),
            None | Some("jwks") => ("jwks", "/jwks"),
            Some(_) => continue,
        };
        let room = Room::faulty(&format!("{target}:{}*1", kind.name));
        let ask = || {
            let path = format!("/sandbox{path}");
            let request = if target == "introspection" {
                room.form(&path, &room.basic(), "token=x")
            } else {
                format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", room.authority())
            };
            room.raw(request.as_bytes())
                .map(|bytes| Response::parse(&bytes).map(|reply| (reply.status, reply.head.len(), reply.body)))
        };
        let (spoiled, whole) = (ask().ok().flatten(), ask().unwrap().unwrap());
        assert_eq!(whole.0, 200, "{}", kind.name);
        assert_ne!(spoiled.as_ref(), Some(&whole), "{}", kind.name);
    }
}
