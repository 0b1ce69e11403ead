//! cargo's credential provider protocol (RFC 2730): one line of JSON each way, until cargo closes stdin.

use std::io::{BufRead as _, BufReader, Read as _};

use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{Error, helper};

use super::{HelperFlags, answer_json};

/// The longest request.
const LIMIT: u64 = 1024 * 1024;

/// Give cargo a token for the registries of the zones
///
/// cargo calls the program that credential-provider names with the one argument --cargo-plugin: hallpass itself will do.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What cargo gets: what it is spoken to with
  $ hallpass helper cargo </dev/null"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    answer_json(cx, &json!({"v": [1]}))?;
    let stdin = cx.ui.with_streams(|streams| std::mem::replace(&mut streams.stdin, Box::new(std::io::empty())));
    let mut lines = BufReader::new(stdin);
    loop {
        let mut line = Vec::new();
        let read = lines.by_ref().take(LIMIT).read_until(b'\n', &mut line);
        if read.map_err(|error| helper::unreadable_request(&error.to_string()))? == 0 {
            return Ok(Outcome::Exit(0));
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(request) => respond(cx, args, &request),
            Err(_) => failure("other", Some("the request is not JSON")),
        };
        answer_json(cx, &answer)?;
    }
}

fn respond(cx: &Context, args: &Args, request: &Value) -> Value {
    let text = |pointer| request.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if text("/kind") != "get" {
        return failure("operation-not-supported", None);
    }
    // Passed over, such a -z would get the token of another zone.
    if request.get("args").and_then(Value::as_array).is_some_and(|args| !args.is_empty()) {
        return report(cx, &helper::unknown_arguments());
    }
    let index = text("/registry/index-url");
    match args.flags.find_credential(cx, index.strip_prefix("sparse+").unwrap_or(index)) {
        Ok(Some(credential)) => {
            let mut answer = json!({"kind": "get", "token": credential.value.expose(), "cache": "session",
                "operation_independent": true});
            if let Some(at) = credential.expires_at() {
                answer["cache"] = "expires".into();
                answer["expiration"] = at.epoch().into();
            }
            json!({"Ok": answer})
        }
        Ok(None) => failure("url-not-supported", None),
        Err(error) => report(cx, &error),
    }
}

fn report(cx: &Context, error: &Error) -> Value {
    cx.ui.report(error);
    // cargo shows it, and a server may have repeated a secret in it.
    failure("other", Some(&error.clone().redact(&cx.ui.secrets()).message))
}

fn failure(kind: &str, message: Option<&str>) -> Value {
    let mut failure = json!({"kind": kind});
    if let Some(message) = message {
        failure["message"] = message.into();
        failure["caused-by"] = json!([]);
    }
    json!({"Err": failure})
}
