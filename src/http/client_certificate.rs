//! Who we are in TLS: a certificate of the client and its key (RFC 8705 §2).

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

use super::acceptor::thumbprint;
use super::fault::Fault;
use crate::edges::Moment;
use crate::secret::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub not_before: Moment,
    pub not_after: Moment,
}

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
        let validity = chain.first().and_then(|certificate| read_validity(certificate));
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|fault| match fault {
            rustls::Error::InconsistentKeys(_) => refuse("the key is not the one of the certificate"),
            _ => refuse("the certificate or its key can't be used for TLS"),
        })?;
        Ok(Self { file: file.to_owned(), certified: Some(Arc::new(certified)), validity })
    }

    /// The thumbprint of the certificate in a file, `x5t#S256` of the tokens that are bound to it (RFC 8705 §3.1).
    pub fn thumbprint(file: &Path) -> Result<String, Fault> {
        Ok(thumbprint(&Self::read_certificate(file)?))
    }

    /// The first certificate in a file.
    pub fn read_certificate(file: &Path) -> Result<CertificateDer<'static>, Fault> {
        read_chain(file).map(|mut chain| chain.swap_remove(0))
    }

    /// An identity without a key, for showing a request that is not sent.
    pub fn without_key(file: &Path) -> Self {
        Self { file: file.to_owned(), certified: None, validity: None }
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn validity(&self) -> Option<Validity> {
        self.validity
    }

    pub(super) fn certified_key(&self) -> Option<Arc<CertifiedKey>> {
        self.certified.clone()
    }
}

/// The span of a certificate in DER (RFC 5280 §4.1.2.5). It decides nothing: one that can't be read is left to the server.
fn read_validity(certificate: &[u8]) -> Option<Validity> {
    let moment = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).ok().map(Moment::from_epoch);
    let certificate = Certificate::from_der(certificate).ok()?;
    let span = certificate.tbs_certificate().validity();
    Some(Validity { not_before: moment(span.not_before)?, not_after: moment(span.not_after)? })
}

/// The certificates of a PEM file; at least one.
fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let refuse = |why: String| Fault::Identity { path: file.to_owned(), why };
    // The loader's error would name the path twice; what the system says about opening it is enough.
    std::fs::File::open(file).map_err(|e| refuse(e.to_string()))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(refuse("it contains no PEM certificate".to_owned())),
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::read_validity;

    fn certificate(from: i32, to: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 3, 4), date_time_ymd(to, 5, 6));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        for (from, to) in [(1999, 2020), (2020, 2049), (2049, 2050), (2050, 4096)] {
            let read = read_validity(&certificate(from, to)).unwrap();
            assert_eq!(read.not_before.rfc3339(), format!("{from}-03-04T00:00:00Z"));
            assert_eq!(read.not_after.rfc3339(), format!("{to}-05-06T00:00:00Z"));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..400_usize, at in 0..400_usize, byte: u8) {
            let _ = read_validity(&bytes);
            let mut whole = certificate(2020, 2030);
            let length = whole.len();
            whole[at % length] = byte;
            whole.truncate(cut);
            let _ = read_validity(&whole);
        }
    }
}
