//! TLS for a server in this program. It asks clients for a certificate and takes any, or none; the server judges it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use super::fault::Fault;
use crate::edges::Moment;
use crate::secret::Secret;

/// Makes TLS of connections, with one certificate for the server and one authority for its clients.
pub struct Acceptor {
    tls: TlsAcceptor,
    verifier: Arc<dyn ClientCertVerifier>,
}

/// The certificates that a client showed, its own first, whose key it has.
#[derive(Clone)]
pub struct Presented(Vec<CertificateDer<'static>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertError {
    Time,
    /// The authority did not issue it, or not for a client.
    Untrusted,
}

impl Acceptor {
    /// A server with this certificate (DER) and its key (PEM), whose clients this authority (DER) verifies.
    pub fn new(authority: &[u8], certificate: &[u8], key: &Secret) -> Result<Self, Fault> {
        let start = |why: String| Fault::Start { why };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.to_vec())).map_err(|e| start(e.to_string()))?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        let verifier = verifier.map_err(|e| start(e.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes());
        let key = key.map_err(|_| start("its key is no private key in PEM".to_owned()))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|e| start(e.to_string()))?
            .with_client_cert_verifier(Arc::new(AcceptAnyClientCert(Arc::clone(&verifier))))
            .with_single_cert(vec![CertificateDer::from(certificate.to_vec())], key)
            .map_err(|e| start(e.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: TlsAcceptor::from(Arc::new(config)), verifier })
    }

    /// Shakes hands over a connection; with what the client showed, if anything.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: S,
    ) -> io::Result<(impl AsyncRead + AsyncWrite + Unpin + use<S>, Option<Presented>)> {
        let stream = self.tls.accept(connection).await?;
        let shown = stream.get_ref().1.peer_certificates().filter(|chain| !chain.is_empty());
        let shown = shown.map(|chain| Presented(chain.iter().map(|one| one.clone().into_owned()).collect()));
        Ok((stream, shown))
    }

    /// Whether the authority issued what a client showed, for a client, and it holds now.
    pub fn verify(&self, shown: &Presented, now: Moment) -> Result<(), CertError> {
        let Some((first, others)) = shown.0.split_first() else { return Err(CertError::Untrusted) };
        let now = Duration::from_secs(u64::try_from(now.epoch()).unwrap_or_default());
        match self.verifier.verify_client_cert(first, others, UnixTime::since_unix_epoch(now)) {
            Ok(_) => Ok(()),
            Err(Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            )) => Err(CertError::Time),
            Err(_) => Err(CertError::Untrusted),
        }
    }
}

impl Presented {
    pub fn own(&self) -> &[u8] {
        self.0.first().map_or(&[], |own| own.as_ref())
    }

    /// The thumbprint of the client's own certificate, `x5t#S256` of the tokens that are bound to it (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        thumbprint(self.own())
    }
}

pub fn thumbprint(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(certificate))
}

/// Takes every certificate whose key the client proves to have, and clients without.
#[derive(Debug)]
struct AcceptAnyClientCert(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for AcceptAnyClientCert {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// A client that looks here for who signed its certificate would keep a self-signed one for itself.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
