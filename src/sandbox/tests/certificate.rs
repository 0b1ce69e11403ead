//! Clients that prove themselves by a certificate in TLS (RFC 8705).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use serde_json::{Value, json};
use x509_cert::der::Decode as _;

use super::{NOW, Response, Room, basic};
use crate::http::thumbprint;
use crate::jose::dpop::{ProofClaims, ProofKey};
use crate::jose::verify;
use crate::sandbox::model::authority::{KeyedCertificate, SUBJECT};
use crate::sandbox::model::certificate::NAMES;
use crate::secret::Secret;

const MTLS: &str = "grant_type=client_credentials&client_id=sandbox-mtls";
const SELF_SIGNED: &str = "grant_type=client_credentials&client_id=sandbox-self-signed";

/// The sandbox's own clock, so that its certificates hold.
#[derive(Debug)]
struct Fixed;

impl rustls::time_provider::TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(NOW.unsigned_abs())))
    }
}

impl Room {
    fn client(&self) -> &KeyedCertificate {
        &self.sandbox.state().authority.client
    }

    fn stranger(&self) -> &KeyedCertificate {
        &self.sandbox.state().authority.self_signed
    }

    /// Posts a form over TLS, with a certificate and a key that need not belong together.
    fn secure(
        &self,
        version: &'static SupportedProtocolVersion,
        shown: Option<(&[u8], &Secret)>,
        headers: &str,
        path: &str,
        body: &str,
    ) -> std::io::Result<Response> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.sandbox.state().authority.pem.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(Fixed))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).unwrap();
                let key = provider.key_provider.load_private_key(key).unwrap();
                let pair = CertifiedKey::new(vec![CertificateDer::from(certificate.to_vec())], key);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
            }
        };
        let authority = self.sandbox.state().secure_origin.strip_prefix("https://").unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(authority)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
        stream.write_all(self.form(path, headers, body).as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(Response::parse(&answer).unwrap())
    }

    fn token_over_tls(&self, pair: Option<&KeyedCertificate>, headers: &str, body: &str) -> Response {
        let shown = pair.map(|pair| (pair.der.as_slice(), &pair.key));
        self.secure(&rustls::version::TLS13, shown, headers, "/sandbox/token", body).unwrap()
    }

    /// The claims of an answer's token.
    fn said(&self, reply: &Response) -> Value {
        let token = reply.json["access_token"].as_str().unwrap_or_else(|| panic!("{}", reply.json));
        Value::Object(verify(token, &self.get("/sandbox/jwks").json).unwrap().claims)
    }
}

fn own(change: impl FnOnce(&mut CertificateParams)) -> KeyedCertificate {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    change(&mut params);
    let made = params.self_signed(&key).unwrap();
    KeyedCertificate { pem: made.pem(), der: made.der().to_vec(), key: Secret::new(key.serialize_pem()) }
}

fn jwks(pair: &KeyedCertificate) -> Value {
    json!({"keys": [{"kty": "EC", "x5c": [STANDARD.encode(&pair.der)]}]})
}

#[test]
fn each_method_brings_token_that_is_bound_to_certificate() {
    let room = Room::new();
    for (pair, body) in [(room.client(), MTLS), (room.stranger(), SELF_SIGNED)] {
        let reply = room.token_over_tls(Some(pair), "", body);
        assert_eq!((reply.status, &reply.json["token_type"]), (200, &json!("Bearer")), "{}", reply.json);
        assert_eq!(room.said(&reply)["cnf"], json!({"x5t#S256": thumbprint(&pair.der)}));
        let token = reply.json["access_token"].as_str().unwrap();
        let api = basic("sandbox-api", room.secret("sandbox-api"));
        let seen = room.post("/sandbox/introspect", &api, &format!("token={token}")).json;
        assert_eq!((&seen["active"], &seen["token_type"]), (&json!(true), &json!("Bearer")));
        assert_eq!(seen["cnf"]["x5t#S256"], thumbprint(&pair.der));
    }
}

#[test]
fn api_takes_bound_token_with_its_certificate_only() {
    let room = Room::new();
    let reply = room.token_over_tls(Some(room.client()), "", MTLS);
    let field = format!("authorization: Bearer {}\r\n", reply.json["access_token"].as_str().unwrap());
    let call = |pair: Option<&KeyedCertificate>| {
        let shown = pair.map(|pair| (pair.der.as_slice(), &pair.key));
        room.secure(&rustls::version::TLS13, shown, &field, "/api/orders", "").unwrap()
    };
    let answer = call(Some(room.client()));
    assert_eq!((answer.status, &answer.json["token"]["client_id"]), (200, &json!("sandbox-mtls")), "{}", answer.json);
    // Without a certificate, with another one, and at the port without TLS.
    for refused in [call(None), call(Some(&own(|_| ()))), room.post("/api/orders", &field, "")] {
        assert_eq!((refused.status, &refused.json["error"]), (401, &json!("invalid_token")));
        assert_eq!(refused.json["error_description"], "the token is bound to a certificate that was not shown");
    }
}

#[test]
fn certificate_that_is_not_clients_is_refused() {
    let room = Room::new();
    let other = Room::new();
    let (foreign, named) = (own(|_| ()), own(|params| params.distinguished_name = rcgen::DistinguishedName::new()));
    for (pair, body, why) in [
        (None, MTLS, "must show a certificate"),
        (None, SELF_SIGNED, "must show a certificate"),
        (Some(other.client()), MTLS, "not issued by the authority"),
        (Some(room.stranger()), MTLS, "not issued by the authority"),
        (Some(&foreign), MTLS, "not issued by the authority"),
        (Some(room.client()), SELF_SIGNED, "not this client's"),
        (Some(other.stranger()), SELF_SIGNED, "not this client's"),
        (Some(&named), SELF_SIGNED, "not this client's"),
    ] {
        let reply = room.token_over_tls(pair, "", body);
        assert_eq!(reply.refusal(), (401, "invalid_client"), "{why}");
        assert!(reply.json["error_description"].as_str().unwrap().contains(why), "{why}: {}", reply.json);
    }
    // A secret in its place, and the port without TLS.
    let secret = format!("{MTLS}&client_secret=guess");
    assert_eq!(room.token_over_tls(Some(room.client()), "", &secret).refusal(), (401, "invalid_client"));
    for body in [MTLS, SELF_SIGNED] {
        assert_eq!(room.post("/sandbox/token", "", body).refusal(), (401, "invalid_client"));
    }
}

#[test]
fn certificate_counts_in_its_time_only() {
    let room = Room::new();
    for moved in [-2 * 3600, 366 * 86_400] {
        room.clock.0.store(NOW + moved, Ordering::SeqCst);
        for (pair, body) in [(room.client(), MTLS), (room.stranger(), SELF_SIGNED)] {
            let reply = room.token_over_tls(Some(pair), "", body);
            assert_eq!(reply.refusal(), (401, "invalid_client"));
            assert!(reply.json["error_description"].as_str().unwrap().contains("expired"), "{}", reply.json);
        }
    }
}

#[test]
fn certificate_without_its_key_ends_handshake() {
    let room = Room::new();
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let ask = |key| room.secure(version, Some((&room.client().der, key)), "", "/sandbox/token", MTLS);
        assert_eq!(ask(&room.client().key).unwrap().status, 200);
        assert!(ask(&room.stranger().key).is_err());
    }
}

#[test]
fn tls_binds_only_clients_that_ask() {
    let room = Room::new();
    for pair in [None, Some(room.client())] {
        let reply = room.token_over_tls(pair, &room.basic(), "grant_type=client_credentials");
        assert_eq!((reply.status, room.said(&reply).get("cnf")), (200, None));
    }
    let body = r#"{"grant_types":["client_credentials"],"tls_client_certificate_bound_access_tokens":true}"#;
    let made = room.register(body);
    assert_eq!(made.json["tls_client_certificate_bound_access_tokens"], true, "{}", made.json);
    let text = |name: &str| made.json[name].as_str().unwrap();
    let credentials = basic(text("client_id"), text("client_secret"));
    let ask = |pair| room.token_over_tls(pair, &credentials, "grant_type=client_credentials");
    assert_eq!(ask(None).refusal(), (400, "invalid_request"));
    let anybodys = own(|_| ());
    assert_eq!(room.said(&ask(Some(&anybodys)))["cnf"]["x5t#S256"], thumbprint(&anybodys.der));
}

#[test]
fn client_registers_by_each_name_of_its_certificate() {
    let room = Room::new();
    for (name, right, wrong) in [
        (NAMES[0], "cn=sandbox-mtls,O=hallpass sandbox", "CN=sandbox-mtls"),
        (NAMES[1], "MTLS.sandbox.example", "sandbox.example"),
        (NAMES[2], "urn:hallpass:sandbox-mtls", "urn:hallpass:sandbox"),
        (NAMES[3], "127.0.0.1", "::1"),
        (NAMES[4], "mtls@sandbox.example", "Mtls@sandbox.example"),
    ] {
        for (value, status) in [(right, 200), (wrong, 401)] {
            let made = room.register(&format!(
                r#"{{"grant_types":["client_credentials"],"token_endpoint_auth_method":"tls_client_auth","{name}":"{value}"}}"#
            ));
            assert_eq!((made.status, &made.json[name]), (201, &json!(value)), "{}", made.json);
            assert!(made.json.get("client_secret").is_none());
            let body = format!("grant_type=client_credentials&client_id={}", made.json["client_id"].as_str().unwrap());
            let reply = room.token_over_tls(Some(room.client()), "", &body);
            assert_eq!(reply.status, status, "{name}={value}: {}", reply.json);
        }
    }
}

#[test]
fn client_registers_its_own_certificate() {
    let room = Room::new();
    let register = |pair: &KeyedCertificate| {
        let metadata = json!({
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": jwks(pair),
        });
        let made = room.register(&metadata.to_string());
        assert_eq!(made.status, 201, "{}", made.json);
        format!("grant_type=client_credentials&client_id={}", made.json["client_id"].as_str().unwrap())
    };
    let pair = own(|_| ());
    let body = register(&pair);
    let reply = room.token_over_tls(Some(&pair), "", &body);
    assert_eq!(room.said(&reply)["cnf"]["x5t#S256"], thumbprint(&pair.der));
    assert_eq!(room.token_over_tls(Some(&own(|_| ())), "", &body).refusal(), (401, "invalid_client"));
    let old = own(|params| params.not_after = date_time_ymd(2020, 1, 1));
    assert_eq!(room.token_over_tls(Some(&old), "", &register(&old)).refusal(), (401, "invalid_client"));
}

#[test]
fn metadata_without_certificate_to_go_by_is_refused() {
    let room = Room::new();
    let jwks = jwks(room.stranger());
    let (dn, dns) = (NAMES[0], NAMES[1]);
    for (method, more) in [
        ("tls_client_auth", json!({})),
        ("tls_client_auth", json!({dn: "CN=a", dns: "a.example"})),
        ("tls_client_auth", json!({dn: ""})),
        ("tls_client_auth", json!({dn: "sandbox-mtls"})),
        ("tls_client_auth", json!({dn: 1})),
        ("tls_client_auth", json!({NAMES[3]: "localhost"})),
        ("tls_client_auth", json!({"jwks": jwks})),
        ("self_signed_tls_client_auth", json!({})),
        ("self_signed_tls_client_auth", json!({dn: "CN=a"})),
        ("self_signed_tls_client_auth", json!({"jwks": {"keys": []}})),
        ("self_signed_tls_client_auth", json!({"jwks": {"keys": [{"kty": "EC"}]}})),
        ("self_signed_tls_client_auth", json!({"jwks": {"keys": [{"kty": "EC", "x5c": ["AAAA"]}]}})),
        ("self_signed_tls_client_auth", json!({"jwks_uri": "https://a.example/keys"})),
    ] {
        let mut metadata = more.clone();
        metadata["grant_types"] = json!(["client_credentials"]);
        metadata["token_endpoint_auth_method"] = json!(method);
        let made = room.register(&metadata.to_string());
        assert_eq!(made.refusal(), (400, "invalid_client_metadata"), "{method} {more}");
    }
}

#[test]
fn proof_over_tls_is_for_url_over_tls() {
    let room = Room::new();
    let key = ProofKey::generate().unwrap();
    let over = |origin: &str, jti: &'static str| {
        let url = format!("{origin}/sandbox/token");
        let claims = ProofClaims { method: "POST", url: &url, jti, issued_at: NOW, nonce: None, token: None };
        let field = format!("DPoP: {}\r\n", key.prove(&claims).unwrap().expose());
        room.token_over_tls(Some(room.client()), &field, MTLS)
    };
    let reply = over(&room.sandbox.state().secure_origin, "1");
    assert_eq!(reply.json["token_type"], "DPoP", "{}", reply.json);
    let both = json!({"x5t#S256": thumbprint(&room.client().der), "jkt": key.thumbprint()});
    assert_eq!(room.said(&reply)["cnf"], both);
    assert_eq!(over(&room.sandbox.state().origin, "2").refusal(), (400, "invalid_dpop_proof"));
}

#[test]
fn metadata_says_where_and_certificate_says_who() {
    let room = Room::new();
    let metadata = room.get("/sandbox/.well-known/openid-configuration").json;
    let aliases = &metadata["mtls_endpoint_aliases"];
    assert_eq!(aliases["token_endpoint"], format!("{}/sandbox/token", room.sandbox.state().secure_origin));
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], true);
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(["tls_client_auth", "self_signed_tls_client_auth"].iter().all(|one| methods.contains(&json!(one))));
    for (name, url) in aliases.as_object().unwrap() {
        let path = &url.as_str().unwrap()[room.sandbox.state().secure_origin.len()..];
        let shown = Some((room.client().der.as_slice(), &room.client().key));
        let reply = room.secure(&rustls::version::TLS13, shown, "", path, "client_id=sandbox-mtls&token=x").unwrap();
        assert_ne!((reply.status, reply.refusal().1), (401, "invalid_client"), "{name}");
        assert_ne!(reply.status, 404, "{name}");
    }
    let read = x509_cert::Certificate::from_der(&room.client().der).unwrap();
    assert_eq!(read.tbs_certificate().subject().to_string(), SUBJECT);
}

#[test]
fn plain_bytes_at_tls_port_get_no_answer() {
    let room = Room::new();
    let mut stream = TcpStream::connect(room.sandbox.state().secure_origin.strip_prefix("https://").unwrap()).unwrap();
    stream.write_all(b"GET /sandbox/jwks HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    assert_eq!(room.token_over_tls(Some(room.client()), "", MTLS).status, 200);
}

#[test]
fn fault_strikes_over_tls_too() {
    let ask = |fault: &str| {
        let room = Room::faulty(fault);
        let shown = Some((room.client().der.as_slice(), &room.client().key));
        room.secure(&rustls::version::TLS13, shown, "", "/sandbox/token", MTLS)
    };
    assert_eq!(ask("503").unwrap().status, 503);
    for fault in ["reset", "not-http", "truncate"] {
        assert!(ask(fault).is_err(), "{fault}");
    }
}
