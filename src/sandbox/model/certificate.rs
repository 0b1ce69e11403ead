//! Certificates that authenticate a client (RFC 8705 §2).

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::authority::Authority;
use super::oauth_error::OAuthError;
use crate::edges::Moment;
use crate::http::{CertError, Presented, thumbprint};

/// The member of client metadata that names a client by its certificate's subject.
pub const DISTINGUISHED_NAME: &str = "tls_client_auth_subject_dn";
/// The members of which a client with `tls_client_auth` has exactly one (RFC 8705 §2.1.2).
pub const NAMES: [&str; 5] = [DISTINGUISHED_NAME, SAN_DNS, SAN_URI, SAN_IP, SAN_EMAIL];
const SAN_DNS: &str = "tls_client_auth_san_dns";
const SAN_URI: &str = "tls_client_auth_san_uri";
const SAN_IP: &str = "tls_client_auth_san_ip";
const SAN_EMAIL: &str = "tls_client_auth_san_email";

#[derive(Debug, Clone)]
pub enum KnownCertificate {
    /// One of this server's authority that has this value for one of [`NAMES`].
    Issued(&'static str, String),
    /// One with one of these thumbprints, whoever issued it (RFC 8705 §2.2).
    SelfSigned(Vec<String>),
    /// Any: it proves nothing, but tokens are bound to it (RFC 8705 §3.4).
    Any,
}

impl KnownCertificate {
    pub fn from_names(metadata: &Map<String, Value>) -> Option<Self> {
        let named = |name| normalize_name(name, metadata.get(name)?.as_str()?).map(|value| Self::Issued(name, value));
        NAMES.into_iter().find_map(named)
    }

    /// The certificates in the `x5c` of a key set (RFC 8705 §2.2.2); `None` when a key has no valid one.
    pub fn from_keys(jwks: &Value) -> Option<Self> {
        let keys = jwks["keys"].as_array().filter(|keys| !keys.is_empty())?;
        let thumbprints = keys.iter().map(|key| {
            let der = STANDARD.decode(key["x5c"][0].as_str()?).ok()?;
            Certificate::from_der(&der).ok().map(|_| thumbprint(&der))
        });
        thumbprints.collect::<Option<_>>().map(Self::SelfSigned)
    }

    pub fn check(&self, shown: Option<&Presented>, authority: &Authority, now: Moment) -> Result<(), OAuthError> {
        let refused = OAuthError::invalid_client;
        let shown = shown
            .ok_or_else(|| refused("this client must show a certificate, at an endpoint of mtls_endpoint_aliases"))?;
        let certificate = Certificate::from_der(shown.own()).map_err(|_| refused("the certificate can't be parsed"))?;
        let expired = || refused("the certificate has expired, or is not valid yet");
        let is_right = match self {
            Self::SelfSigned(known) => {
                let span = certificate.tbs_certificate().validity();
                let (from, until) = (span.not_before.to_unix_duration(), span.not_after.to_unix_duration());
                if !(from.as_secs()..=until.as_secs()).contains(&now.epoch().unsigned_abs()) {
                    return Err(expired());
                }
                known.contains(&shown.thumbprint())
            }
            Self::Issued(name, value) => {
                authority.acceptor.verify(shown, now).map_err(|error| match error {
                    CertError::Time => expired(),
                    CertError::Untrusted => refused("the certificate was not issued by the authority of this server"),
                })?;
                has_name(&certificate, name, value)
            }
            Self::Any => false,
        };
        if is_right { Ok(()) } else { Err(refused("the certificate is not this client's")) }
    }
}

/// One spelling of a value; `None` when no certificate could contain it. An empty subject would match every certificate
/// without one.
pub fn normalize_name(name: &str, value: &str) -> Option<String> {
    match name {
        DISTINGUISHED_NAME => value.parse::<Name>().ok().filter(|name| !name.is_empty()).map(|name| name.to_string()),
        SAN_IP => value.parse::<IpAddr>().ok().map(|address| address.to_string()),
        _ => Some(value.to_owned()).filter(|value| !value.is_empty()),
    }
}

fn has_name(certificate: &Certificate, name: &str, value: &str) -> bool {
    let certificate = certificate.tbs_certificate();
    if name == DISTINGUISHED_NAME {
        return certificate.subject().to_string() == value;
    }
    let Ok(Some((_, names))) = certificate.get_extension::<SubjectAltName>() else { return false };
    names.0.iter().any(|found| match (name, found) {
        (SAN_DNS, GeneralName::DnsName(found)) => value.eq_ignore_ascii_case(found.as_str()),
        (SAN_URI, GeneralName::UniformResourceIdentifier(found)) | (SAN_EMAIL, GeneralName::Rfc822Name(found)) => {
            value == found.as_str()
        }
        (SAN_IP, GeneralName::IpAddress(found)) => match value.parse() {
            Ok(IpAddr::V4(address)) => address.octets() == found.as_bytes(),
            Ok(IpAddr::V6(address)) => address.octets() == found.as_bytes(),
            Err(_) => false,
        },
        _ => false,
    })
}
