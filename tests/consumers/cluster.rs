//! kubectl, which asks an API server over TLS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fault::{Server, TOKEN};
use crate::room::{Room, finish};

/// An API server that notes the credentials of its requests, and its certificate. It stays until the test ends.
struct ApiServer {
    address: SocketAddr,
    certificate: String,
    credentials: Arc<Mutex<Vec<Option<String>>>>,
}

impl ApiServer {
    fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, credentials) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let noted = credentials.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let field = head.lines().find_map(|line| line.strip_prefix("Authorization: "));
                noted.lock().unwrap().push(field.map(str::to_owned));
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self { address, certificate, credentials }
    }
}

#[test]
#[ignore = "needs kubectl: tests/run installs it"]
fn kubectl_asks_its_server_with_token_of_zone() {
    let (issuer, api) = (Server::kind(), ApiServer::start());
    let room = Room::new().with("SECRET", "s3cret").with("PATH", std::env::var_os("PATH").unwrap());
    let home = room.directory().to_owned();
    let room = room.with("HOME", &home);
    let (base, host) = (issuer.base(), format!("localhost:{}", api.address.port()));
    let zone = [
        "zone",
        "add",
        "a",
        "--issuer",
        &base,
        "--client-id",
        "c",
        "--client-secret-ref",
        "env:SECRET",
        "--host",
        &host,
    ];
    room.run(&zone).answer();
    let configuration = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         contexts:\n- name: c\n  context: {{cluster: c, user: u}}\n\
         clusters:\n- name: c\n  cluster: {{server: 'https://{host}', certificate-authority-data: {}}}\n\
         users:\n- name: u\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      \
         command: {}\n      args: [helper, kubectl]\n      interactiveMode: Never\n      provideClusterInfo: true\n",
        STANDARD.encode(&api.certificate),
        env!("CARGO_BIN_EXE_hallpass")
    );
    std::fs::write(home.join("kubeconfig"), configuration).unwrap();
    let ask = || {
        finish(
            room.program("kubectl").args(["--kubeconfig", "kubeconfig", "get", "--raw", "/healthz"]).spawn().unwrap(),
        )
    };
    assert_eq!(ask().answer(), "ok");
    let asked = api.credentials.lock().unwrap().clone();
    assert!(!asked.is_empty() && asked.iter().all(|one| *one == Some(format!("Bearer {TOKEN}"))), "{asked:?}");
    // A server that the zone does not name gets nothing.
    room.run(&["zone", "edit", "a", "--unset", "host"]).answer();
    assert_ne!(ask().code(), 0);
    assert_eq!(api.credentials.lock().unwrap().len(), asked.len());
}
