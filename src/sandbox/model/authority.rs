//! The certificate authority of one start: it issues the certificates of the server and of one client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

use crate::edges::Moment;
use crate::http::Acceptor;
use crate::sandbox::Error;
use crate::secret::Secret;

/// The subject of the client's certificate, as RFC 4514 writes it.
pub const SUBJECT: &str = "CN=sandbox-mtls,O=hallpass sandbox";
/// Certificates are valid from an hour before the start, for clocks that differ, until a year after it.
const VALIDITY: (Duration, Duration) = (Duration::from_secs(3600), Duration::from_secs(365 * 86_400));

#[derive(Debug, Clone)]
pub struct KeyedCertificate {
    pub pem: String,
    pub der: Vec<u8>,
    pub key: Secret,
}

pub struct Authority {
    /// Its own certificate in PEM, which clients must trust.
    pub pem: String,
    pub acceptor: Acceptor,
    /// The certificate that it issued to the client `sandbox-mtls`.
    pub client: KeyedCertificate,
    /// The certificate that the client `sandbox-self-signed` issued to itself.
    pub self_signed: KeyedCertificate,
}

impl Authority {
    pub fn new(address: IpAddr, now: Moment) -> Result<Self, Error> {
        let mut params = params("hallpass sandbox authority", now);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        addresses.extend((!addresses.contains(&address)).then_some(address));
        let mut names = vec![SanType::DnsName("localhost".try_into()?)];
        names.extend(addresses.into_iter().map(SanType::IpAddress));
        let server = certify("hallpass sandbox", names, ExtendedKeyUsagePurpose::ServerAuth, Some(&issuer), now)?;
        // A name of each kind that RFC 8705 §2.1.2 can identify a client by.
        let names = vec![
            SanType::DnsName("mtls.sandbox.example".try_into()?),
            SanType::URI("urn:hallpass:sandbox-mtls".try_into()?),
            SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
            SanType::Rfc822Name("mtls@sandbox.example".try_into()?),
        ];
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        Ok(Self {
            pem: issuer.pem(),
            acceptor: Acceptor::new(issuer.der(), &server.der, &server.key)
                .map_err(|fault| Error::Certificate(fault.to_string()))?,
            client: certify("sandbox-mtls", names, usage.clone(), Some(&issuer), now)?,
            self_signed: certify("sandbox-self-signed", Vec::new(), usage, None, now)?,
        })
    }
}

fn certify(
    name: &str,
    alternative_names: Vec<SanType>,
    usage: ExtendedKeyUsagePurpose,
    issuer: Option<&CertifiedIssuer<'_, KeyPair>>,
    now: Moment,
) -> Result<KeyedCertificate, rcgen::Error> {
    let mut params = params(name, now);
    params.subject_alt_names = alternative_names;
    params.extended_key_usages = vec![usage];
    let key = KeyPair::generate()?;
    let made = match issuer {
        Some(issuer) => params.signed_by(&key, issuer)?,
        None => params.self_signed(&key)?,
    };
    Ok(KeyedCertificate { pem: made.pem(), der: made.der().to_vec(), key: Secret::new(key.serialize_pem()) })
}

fn params(name: &str, now: Moment) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "hallpass sandbox");
    params.distinguished_name.push(DnType::CommonName, name);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.epoch().unsigned_abs());
    (params.not_before, params.not_after) = (now - VALIDITY.0, now + VALIDITY.1);
    params.use_authority_key_identifier_extension = true;
    params
}

impl From<rcgen::Error> for Error {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error.to_string())
    }
}
