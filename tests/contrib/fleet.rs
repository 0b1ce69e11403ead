//! The try-outs of the shared cache: their engine is started with their own words, and shared with their own variables.

use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::document::documents;
use super::room::{Room, await_until};

const SECRET: &str = "canary-contrib-7";

/// The words after `valkey-server` in the shell command of a container.
fn engine_words(container: &Value) -> String {
    let command = container["command"].as_array().unwrap();
    let shell = command[2].as_str().unwrap().replace("$$", "$");
    shell.strip_prefix("exec valkey-server ").unwrap_or_else(|| panic!("{shell}")).to_owned()
}

/// The engine started so gives two machines one token; `variables` are those of a runner.
fn shares_token(words: &str, variables: &[(String, String)]) {
    let room = Room::new();
    let (key, password) = (room.directory().join("key"), room.directory().join("password"));
    std::fs::write(&key, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n").unwrap();
    std::fs::write(&password, "engine-password\n").unwrap();
    let socket = room.directory().join("socket");
    let words = words.replace("/run/secrets/engine-password", &password.to_string_lossy());
    let words = words.replace("/run/secrets/hallpass/password", &password.to_string_lossy());
    let command = format!("exec redis-server --port 0 --unixsocket {} {words}", socket.display());
    let mut engine = Command::new("sh");
    let engine = engine.args(["-c", &command]).current_dir(room.directory()).stdin(Stdio::null()).stdout(Stdio::null());
    let mut engine = engine.spawn().unwrap();
    await_until(|| UnixStream::connect(&socket).is_ok(), || "the engine".to_owned());
    let server = super::fault::Server::with_token_answer(|_, _| super::fault::token("token", 3600));
    for _ in 0..2 {
        let mut machine = Room::ephemeral(&server.base(), "ci", SECRET);
        for (name, value) in variables.iter().filter(|(name, _)| name.starts_with("HALLPASS_SHARED_CACHE")) {
            let value = match value.strip_prefix("file:") {
                Some(path) if path.contains("key") => format!("file:{}", key.display()),
                Some(_) => format!("file:{}", password.display()),
                None => format!("redis+unix://{}", socket.display()),
            };
            machine = machine.with(name, value);
        }
        let outcome = machine.run(&["header"]);
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("Authorization: Bearer token", ""));
    }
    engine.kill().unwrap();
    engine.wait().unwrap();
    assert_eq!(server.token_requests().len(), 1);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn composed_fleet_shares_a_token() {
    let file = documents("fleet/compose.yaml").remove(0);
    let variables = file["services"]["runner"]["environment"].as_object().unwrap().iter();
    let variables: Vec<_> = variables.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    shares_token(&engine_words(&file["services"]["engine"]), &variables);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn fleet_of_a_cluster_shares_a_token() {
    let objects = documents("fleet/kubernetes.yaml");
    let runner = &objects[2]["spec"]["template"]["spec"]["containers"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let variables = runner["env"].as_array().unwrap().iter();
    let variables: Vec<_> = variables.map(|one| (text(&one["name"]), text(&one["value"]))).collect();
    shares_token(&engine_words(&objects[1]["spec"]["template"]["spec"]["containers"][0]), &variables);
}
