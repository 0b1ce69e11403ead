//! What an error of the libraries below means.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::fault::Fault;
use super::phase::Phase;
use super::proxy::Proxy;
use super::target::Target;
use super::verifier::is_authority;
use crate::text::sanitize;

const EXPIRED: &str = "it has expired";
/// What hyper-util calls a CONNECT that was answered with a status that it does not take.
const REFUSED_TUNNEL: &str = "tunnel error: unsuccessful";
const NOT_VALID_YET: &str = "it is not valid yet";

/// Whether a certificate was refused by the time of this machine, whose clock may be wrong.
pub fn depends_on_clock(why: &str) -> bool {
    [EXPIRED, NOT_VALID_YET].contains(&why)
}

/// Turns an error of reqwest into a fact. Its own text is never used: it holds the URL.
pub fn diagnose(
    error: &reqwest::Error,
    phase: Phase,
    target: &Target,
    proxy: Option<&Proxy>,
    limit: Duration,
) -> Fault {
    let origin = target.origin.clone();
    // Since TLS 1.3 a server judges the client's certificate when the request is on its way already.
    if let Some(rustls::Error::AlertReceived(alert)) = error_chain(error).find_map(|link| link.downcast_ref())
        && let Some(why) = explain_alert(*alert)
    {
        return Fault::ClientCertificate { origin, why };
    }
    if error.is_connect() {
        return diagnose_connection(error, target, proxy, limit);
    }
    if error.is_builder() {
        return Fault::Start { why: "the request can't be built".to_owned() };
    }
    let http = error_chain(error).find_map(|link| link.downcast_ref::<hyper::Error>());
    let system = error_chain(error).find_map(|link| link.downcast_ref::<io::Error>());
    let why = sanitize(&deepest_cause(error));
    if http.is_some_and(hyper::Error::is_parse_too_large) {
        return Fault::BadResponse { origin, phase: Phase::Wait, why: "its headers are too large".to_owned() };
    }
    // The reader of chunks reports its grammar as an error of input.
    let grammar = matches!(system.map(io::Error::kind), Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData));
    if http.is_some_and(|e| e.is_parse() && !e.is_incomplete_message()) || grammar && !error.is_request() {
        return Fault::BadResponse { origin, phase: Phase::Body, why: format!("it is not proper HTTP ({why})") };
    }
    let phase = if phase == Phase::Connect { Phase::Wait } else { phase };
    Fault::Cut { origin, phase, why }
}

fn diagnose_connection(error: &reqwest::Error, target: &Target, proxy: Option<&Proxy>, limit: Duration) -> Fault {
    let origin = target.origin.clone();
    if let Some(tls) = error_chain(error).find_map(|link| link.downcast_ref::<rustls::Error>()) {
        return diagnose_handshake(tls, target);
    }
    if let Some(proxy) = proxy {
        let proxy = proxy.origin.clone();
        let why = deepest_cause(error);
        // hyper-util keeps the type of this error to itself.
        if why.contains("proxy authorization required") {
            return Fault::ProxyAuthentication { proxy };
        }
        if error.is_timeout() {
            let why = format!("it gave no answer within {} s", limit.as_secs_f32());
            return Fault::Proxy { proxy, origin, why };
        }
        if why.contains(REFUSED_TUNNEL) {
            return Fault::ProxyRefused { proxy, origin, status: None };
        }
        return Fault::Proxy { proxy, origin, why: sanitize(&why) };
    }
    let system = error_chain(error).find_map(|link| link.downcast_ref::<io::Error>()).map(io::Error::kind);
    let why = match system {
        _ if error.is_dns() => format!("{NO_HOST} ({})", deepest_cause(error)),
        Some(io::ErrorKind::ConnectionRefused) => NO_LISTENER.to_owned(),
        _ if error.is_timeout() => format!("{NO_WAY} within {} s", limit.as_secs_f32()),
        _ => deepest_cause(error),
    };
    Fault::NoConnection { origin, why: sanitize(&why) }
}

/// The name of the host has no address, or there is no network.
pub const NO_HOST: &str = "the host was not found";
/// The host is there, and no program listens at the port.
pub const NO_LISTENER: &str = "it refused the connection";
/// Nothing came back from the host.
pub const NO_WAY: &str = "no connection";

/// What an alert says against our certificate; servers send these for no other reason (RFC 8446 §6.2).
fn explain_alert(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::CertificateRequired => "it wants one and got none",
        AlertDescription::NoCertificate => "it got none",
        AlertDescription::CertificateExpired => "it has expired, or is not valid yet",
        AlertDescription::CertificateRevoked => "it was revoked",
        AlertDescription::UnknownCA => "the server does not trust who signed it",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => "the server cannot use it",
        AlertDescription::AccessDenied => "access denied",
        _ => return None,
    })
}

pub fn diagnose_handshake(error: &rustls::Error, target: &Target) -> Fault {
    let origin = target.origin.clone();
    // The first bytes are no record of TLS: an HTTP server answers "HTTP/1.1 400 Bad Request".
    if let rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) = error {
        return Fault::NoTls { origin, loopback: target.loopback };
    }
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return Fault::NoConnection { origin, why: sanitize(&format!("no TLS ({error})")) };
    };
    let why = match certificate {
        // A new authority under an old one's name fails by its signature, or by the kind of its key.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            return Fault::Untrusted { origin };
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED.to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NOT_VALID_YET.to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        // It signed itself; `--cacert` can name it.
        CertificateError::Other(_) if is_authority(error) => return Fault::Untrusted { origin },
        CertificateError::Other(_) if error.to_string().contains("UnsupportedCertVersion") => {
            "it is an X.509 v1 certificate, which is too old for TLS; version 3 is needed".to_owned()
        }
        CertificateError::BadEncoding => "it is malformed".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not meant for a server".to_owned()
        }
        CertificateError::UnhandledCriticalExtension => "it has a critical extension that is not supported".to_owned(),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. } => {
            "it is signed with an algorithm that is not supported".to_owned()
        }
        // The other ones are described for programmers only.
        _ => "it can't be verified".to_owned(),
    };
    Fault::Certificate { origin, why }
}

/// The error and all that is behind it. An `io::Error` hides what it wraps from `source()`.
fn error_chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link| {
        let link: &'a (dyn Error + 'static) = *link;
        let inner = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| link.source())
    })
}

/// The words of the last cause, which is the nearest to the truth and holds no URL.
fn deepest_cause(error: &reqwest::Error) -> String {
    error_chain(error)
        .skip(1)
        .filter(|link| !link.is::<reqwest::Error>())
        .last()
        .map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
}
