//! How an answer is spoiled.

use serde_json::{Value, json};

use super::gzip;
use crate::jose::{Algorithm, SigningKey};
use crate::sandbox::endpoint::message::{Refusal, Reply};
use crate::sandbox::state::State;

/// An answer and how it goes over the wire.
pub struct Delivery {
    pub reply: Reply,
    pub manner: Manner,
}

/// How an answer goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Whole,
    /// Without saying how long it is (chunked).
    Endless,
    /// A byte at a time.
    Slow,
    /// Half of it, then nothing more.
    Stall,
    /// Half of it, then the connection ends.
    Truncate,
    /// Not at all; the connection stays open.
    Silence,
    /// Not at all; the connection is reset.
    Reset,
    /// Something that is not HTTP instead.
    NotHttp,
}

impl From<Reply> for Delivery {
    fn from(reply: Reply) -> Self {
        Self { reply, manner: Manner::Whole }
    }
}

pub fn status(status: u16) -> Delivery {
    let error = if status == 503 { "temporarily_unavailable" } else { "server_error" };
    Reply::json(status, &json!({"error": error, "error_description": "asked for by --fault"})).into()
}

pub fn later(status: u16, seconds: u32) -> Delivery {
    let mut delivery = self::status(status);
    delivery.reply.headers.push(("retry-after", seconds.to_string()));
    delivery
}

pub fn slow(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::Slow }
}

pub fn stall(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::Stall }
}

pub fn truncate(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::Truncate }
}

pub fn silence(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::Silence }
}

pub fn reset(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::Reset }
}

pub fn not_http(reply: Reply) -> Delivery {
    Delivery { reply, manner: Manner::NotHttp }
}

pub fn huge_header(mut reply: Reply) -> Delivery {
    reply.headers.push(("x-padding", "x".repeat(128 * 1024)));
    reply.into()
}

pub fn huge(mut reply: Reply) -> Delivery {
    reply.body.resize(reply.body.len() + 8 * 1024 * 1024, b' ');
    Delivery { reply, manner: Manner::Endless }
}

pub fn gzip(mut reply: Reply) -> Delivery {
    if let Ok(bomb) = gzip::compress_padded(&reply.body, 16 * 1024 * 1024) {
        reply.body = bomb;
    }
    reply.headers.push(("content-encoding", "gzip".to_owned()));
    reply.into()
}

pub fn deep(reply: Reply) -> Delivery {
    append(reply, &format!(r#""deep":{}{}"#, "[".repeat(10_000), "]".repeat(10_000)))
}

pub fn duplicate(reply: Reply) -> Delivery {
    let first = serde_json::from_slice::<Value>(&reply.body)
        .ok()
        .and_then(|document| document.as_object()?.keys().next().cloned());
    match first {
        Some(name) => append(reply, &format!("{}:\"again\"", json!(name))),
        None => reply.into(),
    }
}

pub fn array(mut reply: Reply) -> Delivery {
    reply.body.insert(0, b'[');
    reply.body.push(b']');
    reply.into()
}

pub fn not_json(reply: Reply) -> Delivery {
    text(reply, "application/x-www-form-urlencoded", "access_token=abc&token_type=bearer")
}

pub fn not_utf8(mut reply: Reply) -> Delivery {
    if reply.body.pop() == Some(b'}') {
        reply.body.extend_from_slice(b",\"odd\":\"\xff\xfe\"}");
    }
    reply.into()
}

pub fn html(reply: Reply) -> Delivery {
    text(reply, "text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in</title><h1>Please sign in</h1>\n")
}

pub fn bad_gateway() -> Delivery {
    let reply = Reply { status: 502, headers: Vec::new(), body: Vec::new() };
    let mut delivery = text(reply, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
    delivery.reply.status = 502;
    delivery
}

pub fn empty(mut reply: Reply) -> Delivery {
    reply.status = 200;
    reply.body.clear();
    reply.into()
}

pub fn redirect(state: &State) -> Delivery {
    let location = format!("{}/elsewhere", state.issuer);
    Reply { status: 307, headers: vec![("location", location)], body: Vec::new() }.into()
}

pub fn hostile_error() -> Delivery {
    let description = "\u{1b}[2J\u{1b}]0;title\u{7}wiped\r\n::add-mask::x\r\n##vso[task.complete]\u{202e}dne";
    Reply::json(400, &json!({"error": "invalid_request", "error_description": description})).into()
}

pub fn invalid_client() -> Delivery {
    Reply::from(Refusal::client("asked for by --fault")).into()
}

pub fn error_200() -> Delivery {
    Reply::json(200, &json!({"error": "invalid_request", "error_description": "asked for by --fault"})).into()
}

pub fn wrong_key(state: &State, reply: Reply) -> Delivery {
    let Ok(other) = SigningKey::generate(Algorithm::Es256) else { return reply.into() };
    let mut public = other.public_jwk();
    public["kid"] = json!(state.key.kid());
    set(reply, "keys", json!([public]))
}

/// Gives a member of an answer that said yes another value.
pub fn set(reply: Reply, name: &str, value: Value) -> Delivery {
    edit(reply, |document| document.insert(name.to_owned(), value))
}

/// Takes a member out of an answer that said yes.
pub fn remove(reply: Reply, name: &str) -> Delivery {
    edit(reply, |document| document.shift_remove(name))
}

fn edit(mut reply: Reply, change: impl FnOnce(&mut serde_json::Map<String, Value>) -> Option<Value>) -> Delivery {
    if reply.status == 200
        && let Ok(Value::Object(mut document)) = serde_json::from_slice(&reply.body)
    {
        change(&mut document);
        reply.body = Value::Object(document).to_string().into_bytes();
    }
    reply.into()
}

/// Writes a member behind the last one of an object.
fn append(mut reply: Reply, member: &str) -> Delivery {
    if reply.body.last() == Some(&b'}') {
        reply.body.pop();
        reply.body.extend_from_slice(format!(",{member}}}").as_bytes());
    }
    reply.into()
}

fn text(mut reply: Reply, kind: &str, body: &str) -> Delivery {
    reply.status = 200;
    reply.headers.retain(|(name, _)| *name != "content-type");
    reply.headers.push(("content-type", kind.to_owned()));
    reply.body = body.as_bytes().to_vec();
    reply.into()
}
