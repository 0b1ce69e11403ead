//! `--har`: the HTTP of a command as a document for a ticket.

use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

/// The document, with every member that HAR 1.2 requires of an entry.
fn entries(room: &Room) -> Vec<Value> {
    let text = std::fs::read_to_string(room.directory().join("x.har")).unwrap();
    for secret in ["t0ken", "s3cr3t-value", "hunter2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    let log = &document["log"];
    assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("hallpass")));
    let entries = log["entries"].as_array().unwrap().clone();
    for entry in &entries {
        for pointer in [
            "/startedDateTime",
            "/time",
            "/cache",
            "/timings/send",
            "/timings/wait",
            "/timings/receive",
            "/request/method",
            "/request/url",
            "/request/httpVersion",
            "/request/cookies",
            "/request/headers",
            "/request/queryString",
            "/request/headersSize",
            "/request/bodySize",
            "/response/status",
            "/response/statusText",
            "/response/httpVersion",
            "/response/cookies",
            "/response/headers",
            "/response/content/size",
            "/response/content/mimeType",
            "/response/redirectURL",
            "/response/headersSize",
            "/response/bodySize",
        ] {
            assert!(entry.pointer(pointer).is_some_and(|found| !found.is_null()), "{pointer} in {entry}");
        }
        for list in ["/request/headers", "/request/queryString", "/response/headers"] {
            let pairs = entry.pointer(list).unwrap().as_array().unwrap();
            assert!(
                pairs.iter().all(|pair| pair["name"].is_string() && pair["value"].is_string()),
                "{list} in {entry}"
            );
        }
    }
    entries
}

#[test]
fn exchanges_are_written_without_secrets() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let har = room.directory().join("x.har");
    server.mints(Answer::token("t0ken"));
    let line = format!("token --har {} --header 'X-Own: hunter2-hunter2' --param tenant=a", har.display());
    assert_eq!(room.run(&line).ok(), "t0ken");
    let [entry] = &entries(&room)[..] else { panic!("one exchange") };
    assert_eq!((&entry["request"]["method"], &entry["response"]["status"]), (&json!("POST"), &json!(200)));
    assert_eq!(entry["request"]["url"], format!("{}/token", server.origin()));
    assert_eq!(entry["request"]["postData"]["mimeType"], "application/x-www-form-urlencoded");
    assert!(
        entry["request"]["postData"]["text"].as_str().unwrap().contains("grant_type=client_credentials"),
        "{entry}"
    );
    assert!(entry["response"]["content"]["text"].as_str().unwrap().contains("expires_in"), "{entry}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&har).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(room.run(&line).ok(), "t0ken");
    assert_eq!(entries(&room), [] as [Value; 0], "the cached token took no request");
}

#[test]
fn failed_command_leaves_its_exchanges() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let har = room.directory().join("x.har");
    let line = format!("token --fresh --har {}", har.display());
    server.mints(Answer::error(401, "invalid_client", "no s3cr3t-value here"));
    assert_eq!(room.run(&line).code, 5);
    assert_eq!(entries(&room)[0]["response"]["status"], 401);
    server.mints(Answer::lost_response()).mints(Answer::lost_response());
    assert_eq!(room.run(&line).code, 6);
    let entries = entries(&room);
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(
        entries.iter().all(|entry| entry["response"]["status"] == 0 && entry["comment"].is_string()),
        "{entries:?}"
    );
}

#[test]
fn file_that_can_not_be_written_is_reported_before_anything_is_sent() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let outcome = room.run(&format!("token --har {}", room.directory().join("nowhere/x.har").display()));
    assert_eq!((outcome.code, &*outcome.stdout), (7, ""), "{outcome}");
    assert!(outcome.stderr.ends_with("hint: make its directory first, or name another file with --har\n"), "{outcome}");
    // Whoever follows the hint must not remove a device or a link of the system.
    for path in ["/dev/full", "/dev/stdout", "."] {
        let outcome = room.run(&format!("token --har {path}"));
        assert_eq!((outcome.code, &*outcome.stdout), (7, ""), "{outcome}");
        assert!(
            outcome.stderr.contains("with --har\n") || outcome.stderr.contains("hint: --har takes a regular file\n"),
            "{outcome}"
        );
    }
    assert_eq!(room.run("token --har -").code, 2);
    assert_eq!(server.count(), 0);
}
