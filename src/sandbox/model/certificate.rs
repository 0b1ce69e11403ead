//! Certificates that prove a client (RFC 8705 §2), and the tokens that are bound to them (§3).

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use crate::http::{CertError, Presented, thumbprint};
use crate::sandbox::endpoint::message::{Call, Refusal};
use crate::sandbox::state::State;

/// The members of which a client that is told by its certificate's name has exactly one (RFC 8705 §2.1.2).
pub const NAMES: [&str; 5] = [
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
];

/// The certificate that a client is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// One that the authority of this server issued to this subject, as RFC 4514 writes it.
    Subject(String),
    /// The same, with this DNS name.
    Dns(String),
    /// The same, with this URI.
    Uri(String),
    /// The same, with this address.
    Ip(IpAddr),
    /// The same, with this address of mail.
    Email(String),
    /// One of these thumbprints, whoever issued it (RFC 8705 §2.2).
    Own(Vec<String>),
    /// Any: it proves nothing, but the tokens are bound to it (RFC 8705 §3.4).
    Any,
}

impl Known {
    /// What the member of that name says (RFC 8705 §2.1.2); `None` when it says nothing that could be in a certificate.
    pub fn named(member: &str, value: &str) -> Option<Self> {
        let text = Some(value.to_owned()).filter(|text| !text.is_empty());
        match member {
            "tls_client_auth_subject_dn" => written(value).map(Self::Subject),
            "tls_client_auth_san_dns" => text.map(Self::Dns),
            "tls_client_auth_san_uri" => text.map(Self::Uri),
            "tls_client_auth_san_ip" => value.parse().ok().map(Self::Ip),
            "tls_client_auth_san_email" => text.map(Self::Email),
            _ => None,
        }
    }

    /// The certificates in the `x5c` of a key set (RFC 8705 §2.2.2); `None` when there is a key without a good one.
    pub fn own(jwks: &Value) -> Option<Self> {
        let keys = jwks["keys"].as_array().filter(|keys| !keys.is_empty())?;
        let thumbprints = keys.iter().map(|key| {
            let der = STANDARD.decode(key["x5c"][0].as_str()?).ok()?;
            Certificate::from_der(&der).ok().map(|_| thumbprint(&der))
        });
        thumbprints.collect::<Option<_>>().map(Self::Own)
    }

    /// The one name that a registration gives.
    pub fn name(metadata: &Map<String, Value>) -> Option<Self> {
        NAMES.iter().find_map(|name| Self::named(name, metadata.get(*name)?.as_str()?))
    }

    /// Whether a certificate is the one.
    fn is(&self, certificate: &Certificate, shown: &Presented) -> bool {
        let names = match certificate.tbs_certificate().get_extension::<SubjectAltName>() {
            Ok(Some((_, names))) => names.0,
            _ => Vec::new(),
        };
        names.iter().any(|name| match (self, name) {
            (Self::Dns(known), GeneralName::DnsName(name)) => known.eq_ignore_ascii_case(name.as_str()),
            (Self::Uri(known), GeneralName::UniformResourceIdentifier(name))
            | (Self::Email(known), GeneralName::Rfc822Name(name)) => known == name.as_str(),
            (Self::Ip(IpAddr::V4(known)), GeneralName::IpAddress(name)) => known.octets() == name.as_bytes(),
            (Self::Ip(IpAddr::V6(known)), GeneralName::IpAddress(name)) => known.octets() == name.as_bytes(),
            _ => false,
        }) || match self {
            Self::Subject(known) => *known == certificate.tbs_certificate().subject().to_string(),
            Self::Own(known) => known.contains(&shown.thumbprint()),
            _ => false,
        }
    }
}

/// A distinguished name, written in one way; `None` when it is none. An empty one would be everybody's without a name.
fn written(name: &str) -> Option<String> {
    name.parse::<Name>().ok().filter(|name| !name.is_empty()).map(|name| name.to_string())
}

/// Checks what the client of a request showed in TLS (RFC 8705 §2).
///
/// # Errors
/// `invalid_client` with the first reason against it.
pub fn prove(state: &State, known: &Known, call: &Call) -> Result<(), Refusal> {
    let refused = Refusal::client;
    let shown = call.certificate.as_ref();
    let shown = shown.ok_or(refused("this client must show a certificate, at an endpoint of mtls_endpoint_aliases"))?;
    let certificate = Certificate::from_der(shown.own()).map_err(|_| refused("the certificate can't be read"))?;
    let expired = refused("the certificate has expired, or is not valid yet");
    match known {
        Known::Own(_) => {
            let span = certificate.tbs_certificate().validity();
            let now = state.clock.now().epoch();
            let second =
                |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            if now < second(&span.not_before) || second(&span.not_after) < now {
                return Err(expired);
            }
        }
        _ => state.authority.acceptor.verify(shown, state.clock.now()).map_err(|doubt| match doubt {
            CertError::Time => expired,
            CertError::Untrusted => refused("the certificate was not issued by the authority of this server"),
        })?,
    }
    if known.is(&certificate, shown) { Ok(()) } else { Err(refused("the certificate is not this client's")) }
}
