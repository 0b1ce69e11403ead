//! The certificate authority of one start: it signs the server's certificate and that of one client, and is forgotten.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

use crate::edges::Moment;
use crate::http::Acceptor;
use crate::sandbox::Error;
use crate::secret::Secret;

/// The subject of the client's certificate, as RFC 4514 writes it.
pub const SUBJECT: &str = "CN=sandbox-mtls,O=hallpass sandbox";
/// Certificates hold from an hour before the start, for clocks that differ, until a year after it.
const SPAN: (Duration, Duration) = (Duration::from_secs(3600), Duration::from_secs(365 * 86_400));

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The certificate in PEM.
    pub pem: String,
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// The key in PEM.
    pub key: Secret,
}

/// What one start has of certificates.
#[derive(Debug)]
pub struct Authority {
    /// Its own certificate in PEM, which clients must trust.
    pub pem: String,
    /// TLS as the server speaks it.
    pub acceptor: Acceptor,
    /// The certificate that it issued to the client `sandbox-mtls`.
    pub client: Pair,
    /// The certificate that the client `sandbox-self-signed` issued to itself.
    pub stranger: Pair,
}

impl Authority {
    /// Makes all of it, for a server at this address.
    ///
    /// # Errors
    /// [`Error::Certificate`] when a certificate can't be made.
    pub fn new(address: IpAddr, now: Moment) -> Result<Self, Error> {
        let mut params = params("hallpass sandbox authority", now);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, key()?).map_err(|error| failed(&error))?;
        let server = server(&issuer, address, now)?;
        let acceptor = Acceptor::new(issuer.der(), &server.der, &server.key)
            .map_err(|fault| Error::Certificate(fault.to_string()))?;
        Ok(Self { pem: issuer.pem(), acceptor, client: client(&issuer, now)?, stranger: stranger(now)? })
    }
}

fn server(issuer: &CertifiedIssuer<'_, KeyPair>, address: IpAddr, now: Moment) -> Result<Pair, Error> {
    let mut params = params("hallpass sandbox", now);
    params.subject_alt_names = vec![SanType::DnsName(text("localhost")?)];
    let mut addresses = vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    addresses.extend((!addresses.contains(&address)).then_some(address));
    params.subject_alt_names.extend(addresses.into_iter().map(SanType::IpAddress));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    issued(&params, issuer)
}

/// The client's, with a name of each kind that RFC 8705 §2.1.2 can tell it by.
fn client(issuer: &CertifiedIssuer<'_, KeyPair>, now: Moment) -> Result<Pair, Error> {
    let mut params = params("sandbox-mtls", now);
    params.subject_alt_names = vec![
        SanType::DnsName(text("mtls.sandbox.example")?),
        SanType::URI(text("urn:hallpass:sandbox-mtls")?),
        SanType::IpAddress(IpAddr::from([127, 0, 0, 1])),
        SanType::Rfc822Name(text("mtls@sandbox.example")?),
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    issued(&params, issuer)
}

fn stranger(now: Moment) -> Result<Pair, Error> {
    let mut params = params("sandbox-self-signed", now);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = key()?;
    let made = params.self_signed(&key).map_err(|error| failed(&error))?;
    Ok(Pair { pem: made.pem(), der: made.der().to_vec(), key: Secret::new(key.serialize_pem()) })
}

fn issued(params: &CertificateParams, issuer: &CertifiedIssuer<'_, KeyPair>) -> Result<Pair, Error> {
    let key = key()?;
    let made = params.signed_by(&key, issuer).map_err(|error| failed(&error))?;
    Ok(Pair { pem: made.pem(), der: made.der().to_vec(), key: Secret::new(key.serialize_pem()) })
}

/// What all of them have in common.
fn params(name: &str, now: Moment) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "hallpass sandbox");
    params.distinguished_name.push(DnType::CommonName, name);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(now.epoch()).unwrap_or_default());
    (params.not_before, params.not_after) = (now - SPAN.0, now + SPAN.1);
    params.use_authority_key_identifier_extension = true;
    params
}

fn key() -> Result<KeyPair, Error> {
    KeyPair::generate().map_err(|error| failed(&error))
}

fn text(text: &str) -> Result<Ia5String, Error> {
    Ia5String::try_from(text).map_err(|error| failed(&error))
}

fn failed(error: &rcgen::Error) -> Error {
    Error::Certificate(error.to_string())
}
