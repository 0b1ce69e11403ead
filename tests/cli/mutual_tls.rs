//! A client that proves itself by a certificate (RFC 8705), at servers that look at it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::room::Room;

/// An authority that signs servers and clients.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for a name and its key, both in PEM.
    fn signs(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// A server over TLS: what came, and whether a certificate came along.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Server {
    /// Answers each path by the table; with `demands` only to clients of the authority.
    fn start(
        authority: &Authority,
        demands: bool,
        answer: impl Fn(&str, SocketAddr) -> Value + Send + 'static,
    ) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority.0).unwrap().der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = if demands {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.unwrap().with_client_cert_verifier(verifier)
        } else {
            builder.unwrap().with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = Arc::new(builder.with_single_cert(vec![certificate], key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(stream.unwrap(), Arc::clone(&config), &book, &|path| answer(path, address));
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    fn seen(&self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

/// Serves one request, where the handshake succeeds.
fn serve(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
    book: &Mutex<Vec<(String, bool)>>,
    answer: &dyn Fn(&str) -> Value,
) -> std::io::Result<()> {
    let mut tls = ServerConnection::new(config).unwrap();
    tls.complete_io(&mut stream)?;
    let certified = tls.peer_certificates().is_some();
    let mut stream = StreamOwned::new(tls, stream);
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    let path = head.split(' ').nth(1).unwrap().to_owned();
    book.lock().unwrap().push((head + &String::from_utf8(body).unwrap(), certified));
    let answer = answer(&path);
    let status = if answer.is_null() { "404 Not Found" } else { "200 OK" };
    let body = answer.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}

/// An authority, its server for everybody and the one for clients with a certificate, and a room that trusts them.
struct World {
    authority: Authority,
    open: Server,
    strict: Server,
    room: Room,
}

impl World {
    fn new(methods: Value) -> Self {
        let authority = Authority::new();
        let strict = Server::start(&authority, true, |path, _| match path {
            "/token" => json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300}),
            _ => Value::Null,
        });
        let alias = strict.url("/token");
        let open = Server::start(&authority, false, move |path, address| match path {
            "/.well-known/openid-configuration" => {
                let issuer = format!("https://localhost:{}", address.port());
                json!({
                    "issuer": issuer,
                    "token_endpoint": format!("{issuer}/token"),
                    "token_endpoint_auth_methods_supported": methods,
                    "mtls_endpoint_aliases": {"token_endpoint": alias},
                })
            }
            _ => Value::Null,
        });
        let mut room = Room::new();
        room.write("ca.pem", &authority.0.pem());
        room.names_origin(&open.url(""), "https://AS");
        room.names_origin(&strict.url(""), "https://STRICT");
        Self { authority, open, strict, room }
    }

    /// Writes a client certificate and its key into the room.
    fn client(&self, change: impl FnOnce(&mut CertificateParams)) -> (PathBuf, PathBuf) {
        let (certificate, key) = self.authority.signs("ci", change);
        (self.room.write("client.pem", &certificate), self.room.write("client.key", &key))
    }

    /// `zone add` with these flags.
    fn add(&self, flags: &str) -> super::room::Outcome {
        self.room.run(&format!("zone add prod --issuer {} --client-id ci --cacert ca.pem {flags}", self.open.url("")))
    }
}

#[test]
fn certificate_goes_to_mtls_alias() {
    let world = World::new(json!(["client_secret_basic", "tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    assert_snapshot!(world.add(&format!("--cert client.pem --cert-key-from file:{}", key.display())), @"
    exit 0
    out: zone prod added; its certificate's key is stored in the keyring vault; it is the default zone
    ");
    assert_eq!(world.room.kept()[0].0, "prod/cert_key");
    assert_eq!(world.room.run("token").ok(), "AT-1");
    let (request, certified) = world.strict.seen().remove(0);
    assert!(certified && request.ends_with("\r\n\r\ngrant_type=client_credentials&client_id=ci"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("authorization:"), "{request}");
    assert!(world.open.seen().iter().all(|(_, certified)| !certified), "metadata is asked without it");
    assert_eq!(world.room.run("zone show --json").json()["auth"]["value"], "tls_client_auth");
    let kept = &world.room.kept()[0].1;
    let traced = world.room.run("token --fresh -vv");
    traced.assert_hidden(kept.lines().nth(1).unwrap());
    traced.ok();
}

#[test]
fn self_signed_one_by_reference_is_kept_nowhere() {
    let mut world = World::new(json!(["self_signed_tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    world.room.set("CERT_KEY", std::fs::read_to_string(key).unwrap());
    world.add("--cert client.pem --cert-key-ref env:CERT_KEY").ok();
    assert_eq!(world.room.run("token").ok(), "AT-1");
    assert_eq!(world.room.run("zone show --json").json()["auth"]["value"], "self_signed_tls_client_auth");
    assert_eq!((world.room.kept(), world.room.keyring_calls()), (Vec::new(), 0));
}

#[test]
fn endpoint_that_zone_names_is_used_as_given() {
    let world = World::new(json!(["tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    let flags = format!("--cert client.pem --cert-key-from file:{} --token-endpoint /token", key.display());
    world.add(&flags).ok();
    assert_eq!(world.room.run("token").code, 5, "the open server has no such endpoint");
    assert_eq!((world.strict.seen().len(), world.open.seen().len()), (0, 1));
}

#[test]
fn expired_certificate_is_told_before_server_tells() {
    let world = World::new(json!(["tls_client_auth"]));
    let (_, key) = world.client(|params| params.not_after = date_time_ymd(2020, 1, 1));
    world.add(&format!("--cert client.pem --cert-key-from file:{}", key.display())).ok();
    assert_snapshot!(world.room.run("token"), @"
    exit 5
    err: warning: the client certificate ROOM/client.pem expired at 2020-01-01T00:00:00Z
    err: error: https://STRICT refused the client certificate: it has expired, or is not valid yet
    ");
    assert_eq!(world.strict.seen(), []);
}

#[test]
fn mismatched_certificate_is_refused() {
    let world = World::new(json!(["tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    let (_, other) = world.authority.signs("other", |_| ());
    let other = world.room.write("other.key", &other).display().to_string();
    let add = |cert: &str, key: &str| world.add(&format!("--cert {cert} --cert-key-from file:{key}"));
    assert_snapshot!(add("client.pem", &other), @"
    exit 3
    err: error: no client certificate from ROOM/client.pem: the key is not the one of the certificate
    ");
    assert_snapshot!(add("absent.pem", &other), @"
    exit 3
    err: error: no client certificate from ROOM/absent.pem: No such file or directory (os error 2)
    ");
    assert_snapshot!(add("client.pem", &other.replace("other.key", "ca.pem")), @"
    exit 3
    err: error: no client certificate from ROOM/client.pem: its key is no unencrypted private key in PEM
    ");
    assert_snapshot!(world.add(&format!("--cert-key-from file:{other}")), @"
    exit 2
    err: error: the key of a certificate needs --cert FILE
    ");
    assert_eq!((world.room.kept(), world.room.config()), (Vec::new(), String::new()));
    world.add("--cert client.pem").ok();
    assert_snapshot!(world.room.run("token"), @"
    exit 3
    err: error: zone prod has a certificate but no key for it
    err: hint: hallpass zone edit prod --cert-key-from SOURCE
    ");
    world.room.run(&format!("zone edit prod --cert-key-from file:{}", key.display())).ok();
    assert_eq!(world.room.run("token").ok(), "AT-1");
    world.room.run("zone edit prod --unset cert").ok();
    assert_eq!(world.room.kept(), [], "its key went along");
}

#[test]
fn method_needs_certificate_and_https() {
    let world = World::new(json!(["tls_client_auth"]));
    world.add("--auth tls_client_auth").ok();
    assert_snapshot!(world.room.run("token"), @"
    exit 3
    err: error: zone prod authenticates with tls_client_auth but has no certificate
    err: hint: hallpass zone edit prod --cert FILE --cert-key-from SOURCE
    ");
    let (_, key) = world.client(|_| ());
    let flags = format!("--cert client.pem --cert-key-from file:{}", key.display());
    world.room.run(&format!("zone edit prod {flags} --token-endpoint http://127.0.0.1:9/token")).ok();
    assert_snapshot!(world.room.run("token"), @"
    exit 3
    err: error: tls_client_auth needs https, and the token_endpoint is at http://127.0.0.1:9
    ");
    let world = World::new(json!(["client_secret_basic"]));
    let (_, key) = world.client(|_| ());
    world.add(&format!("--cert client.pem --cert-key-from file:{}", key.display())).ok();
    let outcome = world.room.run("token");
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr.contains("a certificate by none"), "{outcome}");
}

#[test]
fn dry_run_names_certificate_and_reads_no_key() {
    let world = World::new(json!(["tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    world.add(&format!("--cert client.pem --cert-key-from file:{}", key.display())).ok();
    world.room.run("token").ok();
    let touched = world.room.keyring_calls();
    assert_snapshot!(world.room.run("token --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --cacert ROOM/ca.pem --cert ROOM/client.pem --key '[redacted]' --header 'Accept: application/json' --data-urlencode grant_type=client_credentials --data-urlencode client_id=ci https://STRICT/token
    ");
    assert_eq!(world.room.keyring_calls(), touched);
}

#[test]
fn token_that_another_certificate_got_is_not_used() {
    let world = World::new(json!(["tls_client_auth"]));
    let (_, key) = world.client(|_| ());
    world.add(&format!("--cert client.pem --cert-key-ref file:{}", key.display())).ok();
    world.room.run("token").ok();
    world.room.run("token").ok();
    assert_eq!(world.strict.seen().len(), 1, "the second came from the cache");
    // The same key under a new certificate would do, but a new pair is what comes in practice.
    world.client(|_| ());
    world.room.run("token").ok();
    assert_eq!(world.strict.seen().len(), 1);
}

#[test]
fn variable_trusts_authority_as_flag_does() {
    let mut world = World::new(json!(["client_secret_basic"]));
    let line = format!("discover {}", world.open.url(""));
    let untrusted = world.room.run(&line);
    assert_eq!((untrusted.code, untrusted.stdout.as_str()), (3, ""), "{untrusted}");
    world.room.set("HALLPASS_CACERT", world.room.directory().join("ca.pem"));
    world.room.run(&line).ok();
    world.room.set("HALLPASS_CACERT", "/no/such/file");
    world.room.run(&format!("{line} --cacert {}", world.room.directory().join("ca.pem").display())).ok();
}
