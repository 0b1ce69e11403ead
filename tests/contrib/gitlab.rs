//! The component, included as `docs/ci.md` shows it, and its job run as a runner of GitLab runs it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{block, documents, interpolate, parse, strings};
use crate::room::{Room, finish};
use crate::sandbox::{CLIENT, Sandbox, install, play, search_path};

/// A document with its inputs put in, in names as well.
fn with_inputs(value: &Value, input: &dyn Fn(&str) -> String) -> Value {
    let text = |text: &str| interpolate(text, "$[[", "]]", &|name| input(name.strip_prefix("inputs.").unwrap()));
    match value {
        Value::String(old) => Value::String(text(old)),
        Value::Array(items) => items.iter().map(|item| with_inputs(item, input)).collect(),
        Value::Object(members) => members.iter().map(|(name, item)| (text(name), with_inputs(item, input))).collect(),
        _ => value.clone(),
    }
}

/// `extends`: objects are merged, everything else is replaced.
fn merge(base: &Value, over: &Value) -> Value {
    let (Value::Object(base), Value::Object(more)) = (base, over) else { return over.clone() };
    let mut merged = base.clone();
    for (name, value) in more {
        let value = base.get(name).map_or_else(|| value.clone(), |old| merge(old, value));
        merged.insert(name.clone(), value);
    }
    Value::Object(merged)
}

/// The job of the page, for this issuer and client.
fn job(issuer: &str, client: &str) -> Value {
    let template = documents("gitlab/template.yml");
    let [spec, body] = template.as_slice() else { panic!("a component is its inputs and its jobs") };
    let page = parse(&block("GitLab", "yaml")).remove(0);
    let inputs = page["include"][0]["inputs"].as_object().unwrap();
    let declared = spec["spec"]["inputs"].as_object().unwrap();
    assert!(inputs.keys().all(|name| declared.contains_key(name)), "{inputs:?}");
    let given = BTreeMap::from([("issuer", issuer), ("client-id", client)]);
    assert!(inputs.keys().all(|name| given.contains_key(name.as_str())));
    let component = with_inputs(body, &|name| {
        let default = declared[name].get("default").map(|value| value.as_str().unwrap());
        (*given.get(name).or(default.as_ref()).unwrap()).to_owned()
    });
    let deploy = &page["deploy"];
    merge(&component[deploy["extends"].as_str().unwrap()], deploy)
}

#[test]
fn job_that_extends_component_hands_token_to_its_program_alone() {
    let room = Room::new().without_variable("HALLPASS_HOME");
    let sandbox = Sandbox::start(&room);
    let job = job(sandbox.issuer(), CLIENT);
    install(&room);
    play(&room, "deploy", "printf %s \"$API_TOKEN\" >token");
    let script: Vec<&str> = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let script = script.join("\n").replace("./deploy", "deploy");
    let run = |log: &str| {
        let mut bash = room.program("bash");
        bash.args(["-c", &format!("set -eo pipefail\nset -x\n{script}")]);
        bash.env("PATH", search_path(&room)).env("HOME", room.directory()).env("CI", "true").env("HALLPASS_LOG", log);
        bash.envs(strings(&job["variables"]));
        for (name, token) in job["id_tokens"].as_object().unwrap() {
            assert_eq!(token["aud"], sandbox.issuer());
            bash.env(name, sandbox.id_token());
        }
        finish(bash.spawn().unwrap())
    };
    for log in ["steps", "wire"] {
        let outcome = run(log);
        outcome.answer();
        let token = std::fs::read_to_string(room.directory().join("token")).unwrap();
        assert_eq!(sandbox.verify(&token, CLIENT)["scope"], "write");
        outcome.assert_hidden(&token).assert_hidden(sandbox.id_token());
    }
    // Nothing is kept on the machine of the runner.
    let left = std::fs::read_dir(room.directory()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["bin", "token"]);
}

#[test]
fn component_names_hidden_job_by_its_input() {
    let body = documents("gitlab/template.yml").remove(1);
    let named = with_inputs(&body, &|name| format!("<{name}>"));
    assert!(named.get("<as>").is_some(), "{named}");
    assert_eq!(named["<as>"]["id_tokens"]["HALLPASS_ID_TOKEN"]["aud"], "<issuer>");
}
