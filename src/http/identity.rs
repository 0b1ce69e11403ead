//! Who we are in TLS: a certificate of the client and its key (RFC 8705 §2).

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::acceptor::thumbprint;
use super::fault::Fault;
use super::validity::{Validity, validity};
use crate::secret::Secret;

/// A certificate with its chain, and the key that belongs to it.
#[derive(Clone)]
pub struct Identity {
    file: PathBuf,
    certified: Option<Arc<CertifiedKey>>,
    validity: Option<Validity>,
}

impl Identity {
    /// The certificate in a PEM file, the client's first, with its key in PEM (PKCS#8, PKCS#1 or SEC 1).
    pub fn load(file: &Path, key: &Secret) -> Result<Self, Fault> {
        let refuse = |why: &str| Fault::Identity { path: file.to_owned(), why: why.to_owned() };
        let chain = read_chain(file)?;
        let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes());
        let key = key.map_err(|_| refuse("its key is no unencrypted private key in PEM"))?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let validity = chain.first().and_then(|certificate| validity(certificate));
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|fault| match fault {
            rustls::Error::InconsistentKeys(_) => refuse("the key is not the one of the certificate"),
            _ => refuse("the certificate or its key can't be used for TLS"),
        })?;
        Ok(Self { file: file.to_owned(), certified: Some(Arc::new(certified)), validity })
    }

    /// The thumbprint of the certificate in a file, `x5t#S256` of the tokens that are bound to it (RFC 8705 §3.1).
    pub fn thumbprint(file: &Path) -> Result<String, Fault> {
        let first = read_chain(file)?.into_iter().next();
        Ok(first.map(|certificate| thumbprint(&certificate)).unwrap_or_default())
    }

    /// An identity without a key, for showing a request that is not sent.
    pub fn without_key(file: &Path) -> Self {
        Self { file: file.to_owned(), certified: None, validity: None }
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// From when to when the certificate is valid, where it can be read.
    pub fn validity(&self) -> Option<Validity> {
        self.validity
    }

    pub(super) fn certified_key(&self) -> Option<Arc<CertifiedKey>> {
        self.certified.clone()
    }
}

/// The certificates of a PEM file; at least one.
fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let refuse = |why: String| Fault::Identity { path: file.to_owned(), why };
    // The loader's error would name the path twice; what the system says about opening it is enough.
    std::fs::File::open(file).map_err(|e| refuse(e.to_string()))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(refuse("it holds no PEM certificate".to_owned())),
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.file.display())
    }
}
