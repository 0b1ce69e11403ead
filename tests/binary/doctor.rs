//! `hallpass doctor` at the sandbox with each of its faults.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use crate::room::Room;
use crate::shape;

/// The check that fails, alone, and the faults that it explains; no check where an answer like this is allowed.
const FAULTS: &[(&str, &str)] = &[
    (
        "endpoint",
        "404 500 502 503 503-hour 429 slow stall silence reset truncate not-http huge-header huge gzip not-json html empty \
         redirect metadata:no-token-endpoint",
    ),
    (
        "token",
        "deep duplicate array not-utf8 no-type bad-type token-missing token-empty token-number token-crlf token-long \
         jwks:wrong-key",
    ),
    ("client", "hostile-error error-200 invalid-client"),
    ("", "lower-type no-expiry string-expiry negative-expiry huge-expiry"),
    ("issuer", "metadata:wrong-issuer"),
    ("reach", "metadata:503 metadata:429 metadata:silence metadata:reset"),
    ("discovery", "metadata:404 metadata:html metadata:redirect"),
    ("jwks", "jwks:no-keys jwks:404 jwks:silence"),
    ("introspection", "introspection:no-active introspection:string-active"),
];

/// What is wrong with the examination of a sandbox with this fault; empty where nothing is.
fn examine(fault: &str, id: &str, schema: &Value) -> String {
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let doctor = ["hallpass", "doctor", "--json", "--introspect", "--deadline", "4s"];
    let outcome = room.run(&[&["sandbox", "--fault", fault, "--"], &doctor[..]].concat());
    let Ok(answer) = serde_json::from_str::<Value>(&outcome.stdout) else { return format!("no answer: {outcome}") };
    let mut wrong = shape::faults(schema, &answer);
    let text = outcome.stdout.to_lowercase();
    if text.contains("keycloak") || text.contains("realm") {
        wrong.push("a word of Keycloak".to_owned());
    }
    // The deadline is four seconds; a busy machine may need longer to notice.
    if outcome.took > Duration::from_secs(30) || outcome.code() != i32::from(!id.is_empty()) {
        wrong.push(format!("exit {} after {:?}", outcome.code(), outcome.took));
    }
    let mut failed = Vec::new();
    for finding in answer["findings"].as_array().unwrap() {
        match finding["state"].as_str().unwrap() {
            "ok" => {}
            "skip" if finding["what"] == format!("not judged because of {id}") => {}
            "fail" if !finding["fix"].is_null() => failed.push(finding["id"].as_str().unwrap()),
            _ => wrong.push(finding.to_string()),
        }
    }
    if failed.join(" ") != id {
        wrong.push(format!("{failed:?} failed"));
    }
    if wrong.is_empty() { String::new() } else { format!("{fault}, expected {id:?}: {wrong:#?}") }
}

#[test]
fn each_fault_of_sandbox_is_explained_by_one_check() {
    let faults = |(id, faults): &(&'static str, &'static str)| -> Vec<_> {
        faults.split_whitespace().map(|fault| (fault, *id)).collect()
    };
    let cases: Vec<_> = FAULTS.iter().flat_map(faults).collect();
    let room = Room::new();
    let kinds = room.run(&["sandbox", "--fault", "?", "--", "true"]).stderr;
    let kinds = kinds.split("the faults are ").nth(1).unwrap().lines().next().unwrap().to_owned();
    for kind in kinds.split_whitespace() {
        assert!(cases.iter().any(|(fault, _)| fault.rsplit(':').next() == Some(kind)), "{kind} is not examined");
    }
    let schema = room.run(&["schema", "doctor"]).json();
    let (queue, wrong) = (Mutex::new(cases), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((fault, id)) = queue.lock().unwrap().pop() else { break };
                    wrong.lock().unwrap().extend(Some(examine(fault, id, &schema)).filter(|wrong| !wrong.is_empty()));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} went wrong\n{}", wrong.len(), wrong.join("\n"));
}
