//! What the server needs for TLS.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Channel;

/// A certificate for loopback, as PEM, and the configuration that presents it.
pub struct Identity {
    pub certificate: String,
    pub config: Arc<ServerConfig>,
}

impl Identity {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a sound name");
        let certificate = certificate.self_signed(&key).expect("a certificate");
        let chain = vec![certificate.der().clone()];
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("safe versions").with_no_client_auth().with_single_cert(chain, private);
        Self { certificate: certificate.pem(), config: Arc::new(config.expect("the key is the certificate's")) }
    }
}

impl Channel for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }

    fn end(&mut self) {
        self.conn.send_close_notify();
        let _ = std::io::Write::flush(self);
        let _ = self.sock.shutdown(std::net::Shutdown::Write);
    }
}
