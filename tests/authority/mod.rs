//! An issuer and a gate that asks it, as a proxy sees both.

#![allow(dead_code, reason = "each test crate uses its part of it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::fault::{self, Reply, Server};
use crate::room::Room;
use crate::running::Running;
use crate::signer::Signer;

/// An answer of the gate.
pub struct Answered {
    pub status: u16,
    pub fields: HashMap<String, String>,
    pub body: String,
    pub text: String,
}

impl Answered {
    pub fn parse(text: String) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let fields = lines.map(|line| line.split_once(": ").or(line.split_once(':')).unwrap());
        let fields = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Self { status, fields, body: body.to_owned(), text }
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn start(room: &Room, flags: &str) -> Running {
    let mut args = vec!["gate", "--listen", "127.0.0.1:0"];
    args.extend(flags.split_whitespace());
    Running::of(room.hallpass(&args))
}

pub fn ask(gate: &Running, target: &str, fields: &str) -> Answered {
    Answered::parse(gate.ask(&format!("GET {target} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{fields}\r\n")))
}

pub fn status(gate: &Running, target: &str, fields: &str) -> u16 {
    ask(gate, target, fields).status
}

pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A server whose introspection answers by the token, and that signs with a key.
pub struct Authority {
    pub server: Server,
    signer: Arc<Signer>,
    pub keys: Arc<Mutex<Value>>,
}

pub fn authority(introspect: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Authority {
    let signer = Arc::new(Signer::new("k-1"));
    let signs = Arc::clone(&signer);
    let keys = Arc::new(Mutex::new(signer.set()));
    let shown = Arc::clone(&keys);
    let server = Server::start(move |request, base| match request.target() {
        target if target.contains("/.well-known/") => {
            let mut metadata: Value = serde_json::from_str(&fault::metadata_text(base)).unwrap();
            metadata["introspection_endpoint"] = json!(format!("{base}/introspect"));
            fault::json(200, metadata.to_string())
        }
        "/jwks" => fault::json(200, shown.lock().unwrap().to_string()),
        "/introspect" => introspect(request.body.trim_start_matches("token=").split('&').next().unwrap()),
        "/token" => fault::json(200, bound_token(&signs, base, request.field("DPoP").unwrap()).to_string()),
        other => panic!("nobody asks {other}"),
    });
    Authority { server, signer, keys }
}

/// A token that is bound to the key of a proof (RFC 9449 §5, §6.1).
fn bound_token(signer: &Signer, issuer: &str, proof: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(proof.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let part = |name: &str| header["jwk"][name].clone();
    let canonical = json!({"crv": part("crv"), "kty": part("kty"), "x": part("x"), "y": part("y")}).to_string();
    let jkt = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
    let token = token(signer, issuer, &json!({"cnf": {"jkt": jkt}}));
    json!({"access_token": token, "token_type": "DPoP", "expires_in": 3600})
}

impl Authority {
    pub fn room(&self) -> Room {
        Room::ephemeral(&self.server.base(), "gate", "s3cret-of-gate")
    }

    pub fn token(&self, claims: &Value) -> String {
        token(&self.signer, &self.server.base(), claims)
    }

    pub fn count(&self, target: &str) -> usize {
        self.server.requests().iter().filter(|request| request.target() == target).count()
    }
}

pub fn token(signer: &Signer, issuer: &str, more: &Value) -> String {
    let mut claims = json!({"iss": issuer, "sub": "u-1", "exp": 4_000_000_000_i64, "preferred_username": "alice",
        "email": "alice@a.example", "azp": "web", "sid": "s-1", "scope": "openid read",
        "realm_access": {"roles": ["admin", "a,b"]}});
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    signer.sign("at+jwt", &claims)
}

/// A room whose zone `z` has bound tokens.
pub fn bound_room(authority: &Authority) -> Room {
    let room = Room::sealed().with("CLIENT_SECRET", "s3cret-of-gate");
    let issuer = authority.server.base();
    let args = ["zone", "add", "z", "--issuer", &issuer, "--client-id", "gate", "--dpop", "--client-secret-from"];
    assert_eq!(room.run(&[&args[..], &["env:CLIENT_SECRET"]].concat()).code(), 0);
    room
}

/// The fields of a bound token and of a proof for one request with it.
pub fn proven(room: &Room, method: &str, url: &str) -> [String; 2] {
    let outcome = room.run(&["header", "-z", "z", "--dpop", "--method", method, "--url", url]);
    let mut lines = outcome.answer().lines().map(|line| format!("{line}\r\n"));
    [lines.next().unwrap(), lines.next().unwrap()]
}
