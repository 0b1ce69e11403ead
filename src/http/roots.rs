//! Whom TLS trusts: the roots of the system, or of `SSL_CERT_FILE`, and the files of `--cacert` besides.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{load_certs_from_paths, load_native_certs};

use super::client_certificate::Identity;
use super::fault::Fault;
use super::settings::Settings;
use super::verifier::Verifier;
use crate::edges::Environment;

#[derive(Debug, Default)]
pub struct Roots(OnceLock<Vec<CertificateDer<'static>>>);

impl Roots {
    /// TLS as it is used for https: 1.2 or newer, HTTP/1.1 only.
    pub fn client_config(&self, settings: &Settings) -> Result<ClientConfig, Fault> {
        let mut roots = RootCertStore::empty();
        for certificate in self.system_roots(&settings.environment)? {
            // A root of the system that can't be parsed is one root less, as everywhere.
            let _ = roots.add(certificate.clone());
        }
        let mut named = Vec::new();
        for path in &settings.cacert {
            // As with those of the system, one that can't be parsed is one less, unless none is left.
            let mut unusable = None;
            let before = named.len();
            for certificate in read_file(path)? {
                match roots.add(certificate.clone()) {
                    Ok(()) => named.push(certificate),
                    Err(error) => unusable = Some(error.to_string()),
                }
            }
            if let Some(why) = unusable.filter(|_| named.len() == before) {
                return Err(Fault::Cacert { path: path.clone(), why });
            }
        }
        if roots.is_empty() {
            return Err(Fault::NoRoots);
        }
        build_config(roots, named, settings.identity.as_ref().and_then(Identity::certified_key))
    }

    fn system_roots(&self, environment: &Environment) -> Result<&[CertificateDer<'static>], Fault> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let found = read_system(environment)?;
        Ok(self.0.get_or_init(|| found))
    }
}

/// Whether there are certificates to trust, and those that were named can be read.
pub fn check_roots(settings: &Settings) -> Result<(), Fault> {
    Roots::default().client_config(settings).map(drop)
}

/// TLS that trusts nobody, for a client that never uses it: it costs next to nothing.
pub fn no_tls() -> Result<ClientConfig, Fault> {
    build_config(RootCertStore::empty(), Vec::new(), None)
}

fn build_config(
    roots: RootCertStore,
    named: Vec<CertificateDer<'static>>,
    identity: Option<Arc<CertifiedKey>>,
) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let start = |why: String| Fault::Start { why };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|e| start(e.to_string()))?;
    let builder = if named.is_empty() {
        builder.with_root_certificates(roots)
    } else {
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let inner = inner.map_err(|e| start(e.to_string()))?;
        // Nothing is switched off: it is the verifier of rustls that judges.
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Verifier { inner, named }))
    };
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn read_system(environment: &Environment) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let given = |name: &str| environment.os(name).filter(|path| !path.is_empty()).map(Path::new);
    match (given("SSL_CERT_FILE"), given("SSL_CERT_DIR")) {
        (None, None) => Ok(load_native_certs().certs),
        (Some(path), None) => read_file(path),
        (path, directories) => {
            let mut certificates = load_certs_from_paths(path, None).certs;
            // OpenSSL reads it as a list, as PATH is one.
            for directory in directories.iter().flat_map(std::env::split_paths) {
                certificates.extend(load_certs_from_paths(None, Some(&directory)).certs);
            }
            Ok(certificates)
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let refuse = |why| Fault::Cacert { path: path.to_owned(), why };
    // The loader's error would name the path twice; what the system says about opening it is enough.
    std::fs::File::open(path).map_err(|e| refuse(e.to_string()))?;
    let certificates = load_certs_from_paths(Some(path), None).certs;
    if certificates.is_empty() { Err(refuse("it contains no PEM certificate".to_owned())) } else { Ok(certificates) }
}
