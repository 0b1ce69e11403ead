//! A HAR document of `--har`, read by a validator from elsewhere.

use serde_json::Value;

use crate::fault::{Server, hang_up, metadata, oauth_error, token};
use crate::pinned::pinned;
use crate::room::{Room, finish};

/// The HAR 1.2 schema of har-validator, and its version of what is wrong.
const VALIDATE: &str = "const check = require(process.argv[1] + '/node_modules/har-validator');\
    check.har(JSON.parse(require('fs').readFileSync(0))).then(() => {}, error => {\
    console.error(JSON.stringify(error.errors, null, 1)); process.exit(1) })";

fn validate(document: &str) -> crate::room::Outcome {
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let mut node = room.program("node");
    let mut child = node.args(["-e", VALIDATE]).arg(pinned("")).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), document.as_bytes()).unwrap();
    finish(child)
}

#[test]
#[ignore = "needs npm packages: tests/run installs them"]
fn har_is_sound_whatever_server_does() {
    assert_ne!(validate("{\"log\":{\"version\":\"1.2\",\"creator\":{},\"entries\":[{}]}}").code(), 0);
    for (server, code) in [
        (Server::with_token_answer(|_, _| token("T", 60)), 0),
        (Server::with_token_answer(|_, _| oauth_error(400, "invalid_scope")), 5),
        (Server::with_token_answer(|_, _| hang_up()), 6),
        (Server::start(|request, base| if request.is_metadata() { metadata(base) } else { crate::fault::raw("x") }), 8),
    ] {
        let room = Room::ephemeral(&server.base(), "c", "s3cret-of-c");
        assert_eq!(room.run(&["--har", "x.har", "token", "--param", "a=b"]).code(), code);
        let text = std::fs::read_to_string(room.directory().join("x.har")).unwrap();
        let outcome = validate(&text);
        assert_eq!(outcome.code(), 0, "{text}\n{outcome}");
        let document: Value = serde_json::from_str(&text).unwrap();
        let creator = &document["log"]["creator"];
        assert_eq!((&creator["name"], &creator["version"]), (&"hallpass".into(), &env!("CARGO_PKG_VERSION").into()));
        let entries = document["log"]["entries"].as_array().unwrap();
        assert!(entries.len() > 1, "{text}");
        let starts: Vec<_> = entries.iter().map(|entry| entry["startedDateTime"].as_str().unwrap()).collect();
        assert!(starts.is_sorted(), "the entries are in the order of their start: {starts:?}");
        for entry in entries {
            // `time` is the sum of the timings that apply; -1 is one that does not, and ssl is a part of connect.
            let timing = |name: &str| entry["timings"][name].as_f64().unwrap_or(-1.0);
            assert!(["send", "wait", "receive"].iter().all(|name| timing(name) >= 0.0), "{entry}");
            let all = ["blocked", "dns", "connect", "send", "wait", "receive"].map(timing);
            let sum: f64 = all.into_iter().filter(|time| *time >= 0.0).sum();
            assert!((entry["time"].as_f64().unwrap() - sum).abs() < 0.001, "{entry}");
        }
    }
}
