use std::io::{Read as _, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Server, Wire, answer};
use super::{Fault, client, once, secret_form, send, settings};
use crate::edges::Environment;
use crate::http::phase::Phase;
use crate::http::{Dialer, Settings, is_outage};
use crate::oauth::message::{Replay, Request};

pub struct Authority {
    pub issuer: CertifiedIssuer<'static, KeyPair>,
    directory: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        Self::named("hallpass test authority")
    }

    pub fn named(name: &str) -> Self {
        Self::with_key(name, KeyPair::generate().unwrap())
    }

    fn with_key(name: &str, key: KeyPair) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        Self { issuer, directory: tempfile::tempdir().unwrap() }
    }

    pub fn file(&self) -> PathBuf {
        let path = self.directory.path().join("ca.pem");
        write(&path, &self.issuer.pem());
        path
    }

    /// TLS with a certificate for a name, changed as asked.
    fn tls(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

#[expect(clippy::disallowed_methods, reason = "a fixture in a directory of its own")]
pub fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

pub fn wrap(config: Arc<ServerConfig>) -> impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync {
    move |mut stream| {
        let mut tls = ServerConnection::new(config.clone()).unwrap();
        tls.complete_io(&mut stream).ok()?;
        Some(Box::new(StreamOwned::new(tls, stream)))
    }
}

fn serve(config: Arc<ServerConfig>, says: String) -> Server {
    Server::on("127.0.0.1:0", wrap(config), move |_, _, stream| {
        let _ = stream.write_all(says.as_bytes());
        let _ = stream.flush();
        false
    })
}

pub fn url(server: &Server) -> String {
    format!("https://localhost:{}/token", server.address.port())
}

pub fn trusting(authority: &Authority) -> Settings {
    Settings { cacert: vec![authority.file()], ..settings() }
}

#[test]
fn stranger_gets_nothing_and_is_asked_once() {
    let authority = Authority::new();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let other_kind = Authority::with_key("hallpass test authority", ed25519);
    for other in [Authority::named("another"), Authority::new(), other_kind] {
        let server = serve(authority.tls("localhost", |_| {}), answer("200 OK", "{}"));
        let (client, clock) = client(trusting(&other));
        let fault = client.send(&mut || secret_form(&url(&server), Replay::Safe)).unwrap_err();
        assert!(matches!(fault, Fault::Untrusted { .. }), "{fault}");
        assert!(!is_outage(&Err(fault)));
        assert_eq!((server.connects(), server.arrivals(), clock.0.lock().unwrap().len()), (1, 0, 0));
    }
}

/// Its subject is that of a root whose key is of another kind.
#[test]
fn self_signed_namesake_of_root_is_untrusted() {
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let (config, _) = own("localhost", |params| {
        params.is_ca = IsCa::NoCa;
        params.distinguished_name.push(rcgen::DnType::CommonName, "hallpass test authority");
    });
    for root in [Authority::with_key("hallpass test authority", ed25519), Authority::new()] {
        let server = serve(Arc::clone(&config), answer("200 OK", "{}"));
        let fault = send(trusting(&root), &secret_form(&url(&server), Replay::RetryOnce)).unwrap_err();
        assert!(matches!(fault, Fault::Untrusted { .. }), "{fault}");
    }
}

#[test]
fn authority_is_trusted_by_file_or_variable() {
    let authority = Authority::new();
    let server = serve(authority.tls("localhost", |_| {}), answer("200 OK", "{}"));
    let request = secret_form(&url(&server), Replay::Single);
    assert_eq!(send(trusting(&authority), &request).unwrap().status, 200);
    let environment = Environment::of([("SSL_CERT_FILE", authority.file())]);
    assert_eq!(send(Settings { environment, ..settings() }, &request).unwrap().status, 200);
}

#[test]
fn wrong_certificate_is_told_apart() {
    let authority = Authority::new();
    let past = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2090, 1, 1);
    let client_only = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    };
    for (config, words) in [
        (authority.tls("localhost", past), "it has expired"),
        (authority.tls("localhost", future), "it is not valid yet"),
        (authority.tls("other.example", |_| {}), "it is for another name"),
        (authority.tls("localhost", client_only), "it is not meant for a server"),
    ] {
        let server = serve(config, answer("200 OK", "{}"));
        let fault = send(trusting(&authority), &secret_form(&url(&server), Replay::RetryOnce)).unwrap_err();
        let Fault::Certificate { why, .. } = &fault else { panic!("{words}: {fault}") };
        assert!(why.contains(words), "{why}");
        assert_eq!((server.connects(), server.arrivals()), (1, 0));
    }
}

/// What `openssl req -x509` makes: self-signed, and an authority.
fn own(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (Arc<ServerConfig>, tempfile::NamedTempFile) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.path(), &certificate.pem());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (Arc::new(config), file)
}

#[test]
fn named_self_signed_certificate_is_trusted() {
    let ask = |config: &Arc<ServerConfig>, file: &std::path::Path| {
        let server = serve(Arc::clone(config), answer("200 OK", "{}"));
        let settings = Settings { cacert: vec![file.to_owned()], ..settings() };
        send(settings, &secret_form(&url(&server), Replay::RetryOnce))
    };
    let (config, file) = own("localhost", |_| {});
    assert_eq!(ask(&config, file.path()).unwrap().status, 200);
    let (_, other) = own("localhost", |_| {});
    assert!(matches!(ask(&config, other.path()), Err(Fault::Untrusted { .. })));

    let (config, file) = own("other.example", |_| {});
    let Err(Fault::Certificate { why, .. }) = ask(&config, file.path()) else { panic!("a wrong name") };
    assert_eq!(why, "it is for another name");
    let (config, file) = own("localhost", |params| params.not_after = date_time_ymd(2020, 1, 1));
    let Err(Fault::Certificate { why, .. }) = ask(&config, file.path()) else { panic!("an old one") };
    assert_eq!(why, "it has expired");
}

/// rcgen makes no certificate of this age; this one is from `openssl x509 -req`.
#[test]
fn certificate_of_version_1_is_named_as_such() {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../../../tests/keys/v1.cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../../tests/keys/v1.pkcs8.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(key).unwrap();
    let resolver = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let server =
        serve(Arc::new(config.with_no_client_auth().with_cert_resolver(Arc::new(resolver))), answer("200 OK", "{}"));
    let settings = Settings { cacert: vec!["tests/keys/v1.cert.pem".into()], ..settings() };
    let fault = send(settings, &secret_form(&url(&server), Replay::RetryOnce)).unwrap_err();
    let Fault::Certificate { why, .. } = &fault else { panic!("{fault}") };
    assert!(why.contains("X.509 v1"), "{why}");
}

#[test]
fn bad_certificate_in_file_is_one_less() {
    let authority = Authority::new();
    let server = serve(authority.tls("localhost", |_| {}), answer("200 OK", "{}"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    write(file.path(), &format!("{bad}{}{bad}", authority.issuer.pem()));
    let settings = Settings { cacert: vec![file.path().to_owned()], ..settings() };
    assert_eq!(send(settings, &secret_form(&url(&server), Replay::Single)).unwrap().status, 200);
}

#[test]
fn certificate_directories_are_list() {
    let authority = Authority::new();
    let server = serve(authority.tls("localhost", |_| {}), answer("200 OK", "{}"));
    let (empty, full) = (tempfile::tempdir().unwrap(), authority.file());
    let list = std::env::join_paths([empty.path(), std::path::Path::new("/absent"), full.parent().unwrap()]).unwrap();
    let settings = Settings { environment: Environment::of([("SSL_CERT_DIR", list)]), ..settings() };
    assert_eq!(send(settings, &secret_form(&url(&server), Replay::Single)).unwrap().status, 200);
}

#[test]
fn silent_proxy_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        proxy: Some(format!("http://me:hunter2@{}", listener.local_addr().unwrap())),
        retries: false,
        ..settings()
    };
    let limits =
        crate::http::transport::Limits { connect: std::time::Duration::from_millis(200), ..Default::default() };
    let (client, _) = client(settings);
    let request = secret_form("https://as.example/", Replay::Single);
    let fault = client.with_limits(limits).send(&mut || request.clone()).unwrap_err();
    let Fault::Proxy { proxy, why, .. } = &fault else { panic!("{fault}") };
    assert_eq!(
        (proxy.as_str(), why.as_str()),
        (&*format!("http://{}", listener.local_addr().unwrap()), "it gave no answer within 0.2 s")
    );
}

#[test]
fn server_without_tls_is_no_matter_of_certificates() {
    let authority = Authority::new();
    let server = Server::on(
        "127.0.0.1:0",
        |mut stream| {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
            None
        },
        |_, _, _| false,
    );
    let fault = send(trusting(&authority), &secret_form(&url(&server), Replay::Single)).unwrap_err();
    // A setting, not an outage: asking again changes nothing.
    assert!(matches!(fault, Fault::NoTls { loopback: true, .. }) && fault.unanswered().is_none(), "{fault:?}");
    assert_eq!((server.connects(), server.arrivals()), (1, 0));
}

#[test]
fn body_without_end_or_length_needs_proper_goodbye() {
    let authority = Authority::new();
    let server = serve(authority.tls("localhost", |_| {}), "HTTP/1.1 200 OK\r\n\r\n{}".to_owned());
    let request = Request::metadata(url(&server));
    let fault = send(Settings { retries: false, ..trusting(&authority) }, &request).unwrap_err();
    assert!(matches!(fault, Fault::Cut { phase: Phase::Body, .. }), "{fault:?}");
}

#[test]
fn cacert_without_certificates_is_refused_for_https() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    write(&empty, "");
    let broken = directory.path().join("broken.pem");
    write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let plain = Server::says(answer("200 OK", "{}"));
    for bad in [empty, broken, directory.path().join("absent.pem"), directory.path().to_owned()] {
        let settings = || Settings { cacert: vec![bad.clone()], ..settings() };
        let fault = send(settings(), &Request::metadata("https://127.0.0.1:9/")).unwrap_err();
        assert!(matches!(&fault, Fault::Cacert { path, .. } if *path == bad), "{fault}");
        assert!(send(settings(), &Request::metadata(plain.url("/"))).is_ok());
        let environment = Environment::of([("SSL_CERT_FILE", &bad)]);
        let settings = Settings { environment, ..super::settings() };
        let fault = send(settings, &Request::metadata("https://127.0.0.1:9/")).unwrap_err();
        assert!(matches!(fault, Fault::Cacert { .. } | Fault::NoRoots), "{fault}");
    }
}

/// A proxy that answers CONNECT and, if it is content, becomes the server behind it.
fn proxy(says: &'static str, behind: Option<Arc<ServerConfig>>) -> (Server, Arc<std::sync::Mutex<Vec<String>>>) {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = seen.clone();
    let server = Server::on(
        "127.0.0.1:0",
        move |mut stream| {
            noted.lock().unwrap().push(super::server::read(&mut stream)?);
            stream.write_all(says.as_bytes()).ok()?;
            wrap(behind.clone()?)(stream)
        },
        |_, _, stream| {
            stream.write_all(answer("200 OK", "{}").as_bytes()).unwrap();
            stream.flush().unwrap();
            false
        },
    );
    (server, seen)
}

#[test]
fn https_goes_through_proxy_by_connect_only() {
    let authority = Authority::new();
    let (proxy, seen) = proxy("HTTP/1.1 200 OK\r\n\r\n", Some(authority.tls("as.example", |_| {})));
    let url = format!("http://me:hunter2@{}", proxy.address);
    let settings = Settings { proxy: Some(url), ..trusting(&authority) };
    let answer = send(settings, &secret_form("https://as.example/token?x=y", Replay::Single)).unwrap();
    assert_eq!((answer.status, proxy.arrivals()), (200, 1));
    let seen = seen.lock().unwrap().join("\n").to_ascii_lowercase();
    assert!(seen.starts_with("connect as.example:443 http/1.1\r\n"), "{seen}");
    assert!(seen.contains("proxy-authorization: basic bwu6ahvudgvymg==") && !seen.contains("token"), "{seen}");
    assert!(!proxy.requests()[0].to_ascii_lowercase().contains("proxy-authorization"));
}

#[test]
fn https_goes_through_socks() {
    let authority = Authority::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let behind = wrap(authority.tls("as.example", |_| {}));
    let asked = seen.clone();
    let proxy = Server::on(
        "127.0.0.1:0",
        move |mut stream| {
            // RFC 1928 §3, §4 and RFC 1929 §2: user name and password, then CONNECT to a name.
            let mut turn = |length: usize, reply: &[u8]| {
                let mut read = vec![0; length];
                stream.read_exact(&mut read).unwrap();
                stream.write_all(reply).unwrap();
                asked.lock().unwrap().push(read);
            };
            turn(3, &[5, 2]);
            turn(3 + "me".len() + "hunter2".len(), &[1, 0]);
            turn(7 + "as.example".len(), &[5, 0, 0, 1, 127, 0, 0, 1, 0, 80]);
            behind(stream)
        },
        |_, _, stream| {
            stream.write_all(answer("200 OK", "{}").as_bytes()).unwrap();
            stream.flush().unwrap();
            false
        },
    );
    let settings = Settings { proxy: Some(format!("socks5h://me:hunter2@{}", proxy.address)), ..trusting(&authority) };
    let answer = send(settings, &secret_form("https://as.example/token", Replay::Single)).unwrap();
    assert_eq!((answer.status, proxy.arrivals()), (200, 1));
    assert_eq!(seen.lock().unwrap()[2], [&[5, 1, 0, 3, 10][..], b"as.example", &[1, 187]].concat());
}

#[test]
fn proxy_that_refuses_is_named_without_its_password() {
    for (says, status, tries) in [
        ("HTTP/1.1 407 Who\r\n\r\n", Some(407), 1),
        // Asked once more for its status each time.
        ("HTTP/1.1 502 No\r\n\r\n", Some(502), 6),
        ("HTTP/1.0 403 Forbidden\r\nX: y\r\n\r\n", Some(403), 2),
        ("HTTP/1.1 201 Created\r\n\r\n", Some(201), 2),
        ("SSH-2.0-x\r\n", None, 6),
        ("", None, 3),
    ] {
        let (proxy, seen) = proxy(says, None);
        let settings = Settings { proxy: Some(format!("http://me:hunter2@{}", proxy.address)), ..settings() };
        let fault = send(settings, &secret_form("https://as.example/", Replay::Single)).unwrap_err();
        let found = match &fault {
            Fault::ProxyAuthentication { proxy: name } => (name, Some(407)),
            Fault::Proxy { proxy: name, .. } => (name, None),
            Fault::ProxyRefused { proxy: name, status, .. } => (name, *status),
            other => panic!("{other}"),
        };
        assert_eq!(found, (&proxy.url(""), status), "{fault}");
        assert!(fault.to_string().contains(&status.map(|status| status.to_string()).unwrap_or_default()), "{fault}");
        assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), tries, "{says}");
        assert!(seen.iter().all(|head| head.to_lowercase().contains("basic bwu6ahvudgvymg==\r\n")), "{seen:?}");
    }
    let fault = once(&Request::metadata("https://as.example:0/")).unwrap_err();
    assert!(fault.not_sent(), "{fault:?}");
}

#[test]
fn dialer_offers_no_protocol_of_http() {
    let authority = Authority::new();
    let mut config = authority.tls("localhost", |_| ());
    Arc::get_mut(&mut config).unwrap().alpn_protocols = vec![b"redis".to_vec()];
    let server = serve(config, String::new());
    let url = format!("rediss://localhost:{}", server.address.port()).parse().unwrap();
    let dialer = Dialer::new(url, true, &trusting(&authority)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(dialer.connect()).err(), None);
}
