//! Why there is no whole answer. Facts only: what they mean for the user is judged above.

use std::path::PathBuf;
use std::time::Duration;

use super::phase::Phase;
use crate::oauth::fault::is_outage;

/// A failed exchange. An origin is `scheme://host:port`; no fault shows the query or the user of a URL.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    #[error("the URL {url} can't be used: {why}")]
    Url { url: String, why: &'static str },
    #[error("{origin} is plain http, which is allowed to loopback only")]
    PlainHttp { origin: String },
    /// Name, address, time or TLS: nothing of the request was sent, and it may pass.
    #[error("can't connect to {origin}: {why}")]
    NoConnection { origin: String, why: String },
    /// A server without TLS, or of another protocol.
    #[error("{origin} does not speak TLS: this port probably serves plain http")]
    NoTls { origin: String, loopback: bool },
    #[error("the certificate of {origin} is not signed by a trusted authority")]
    Untrusted { origin: String },
    #[error("the certificate of {origin} is not valid: {why}")]
    Certificate { origin: String, why: String },
    #[error("{origin} was silent for {} s, {phase}", after.as_secs_f32())]
    Silent { origin: String, phase: Phase, after: Duration },
    #[error("the deadline passed, {phase} ({origin})")]
    Deadline { origin: String, phase: Phase },
    #[error("{origin} ended the connection {phase}: {why}")]
    Cut { origin: String, phase: Phase, why: String },
    /// A gateway answered (502, 504) for a server that it did not hear: what that one did, it does not know.
    #[error("a gateway answered {status} for {origin}, whose own answer is lost")]
    Gateway { origin: String, status: u16 },
    /// Not HTTP, too long, or encoded.
    #[error("the response of {origin} can't be used: {why}")]
    BadResponse { origin: String, phase: Phase, why: String },
    #[error("{origin} answered {status}, a redirect{}, which is not allowed here", name_target(target.as_deref()))]
    Redirect {
        origin: String,
        status: u16,
        target: Option<String>,
        /// Whether the query of where it leads has an `error`.
        error: bool,
    },
    #[error("a redirect of {origin}{} was not followed: {why}", name_target(target.as_deref()))]
    RedirectRefused { origin: String, target: Option<String>, why: &'static str },
    #[error("the proxy {proxy} did not connect to {origin}: {why}")]
    Proxy { proxy: String, origin: String, why: String },
    #[error("the proxy {proxy} refused to connect to {origin}{}", status.map(|status| format!(": it answered CONNECT with {status}")).unwrap_or_default())]
    ProxyRefused { proxy: String, origin: String, status: Option<u16> },
    #[error("the proxy {proxy} refused our credentials (407)")]
    ProxyAuthentication { proxy: String },
    /// A request that must not be repeated was sent, and no whole answer came: nobody knows whether it was done.
    #[error("the request to {origin} is in doubt: it was sent, but no whole answer came ({phase})")]
    InDoubt {
        origin: String,
        phase: Phase,
        #[source]
        cause: Box<Fault>,
    },
    #[error("no certificates from {}: {why}", path.display())]
    Cacert { path: PathBuf, why: String },
    #[error("no client certificate from {}: {why}", path.display())]
    Identity { path: PathBuf, why: String },
    #[error("{origin} refused the client certificate: {why}")]
    ClientCertificate { origin: String, why: &'static str },
    #[error("this machine has no root certificates")]
    NoRoots,
    #[error("the header {name} can't be sent: {why}")]
    Header { name: String, why: &'static str },
    #[error("the proxy of {from} can't be used: {why}")]
    ProxySetting { from: &'static str, why: &'static str },
    #[error("can't start the HTTP client: {why}")]
    Start { why: String },
    #[error("can't listen on {} of loopback: {why}", .port.map_or_else(|| "a port".to_owned(), |port| format!("port {port}")))]
    Listen { port: Option<u16>, why: String },
    #[error("can't listen on {place}: {why}")]
    Bind { place: String, why: String },
    #[error("timed out waiting for the browser")]
    BrowserTimeout,
}

fn name_target(target: Option<&str>) -> String {
    target.map(|target| format!(" to {target}")).unwrap_or_default()
}

impl Fault {
    /// Who was asked and where it broke, when the request was sent, at least in part, and no whole answer came.
    pub fn unanswered(&self) -> Option<(&str, Phase)> {
        match self {
            Self::Silent { origin, phase, .. } | Self::Deadline { origin, phase } | Self::Cut { origin, phase, .. } => {
                (*phase != Phase::Connect).then_some((origin, *phase))
            }
            Self::InDoubt { origin, phase, .. } | Self::BadResponse { origin, phase, .. } => Some((origin, *phase)),
            Self::Gateway { origin, .. } => Some((origin, Phase::Wait)),
            _ => None,
        }
    }

    /// Whether nothing was sent, for a reason that may pass: name, connection, handshake, proxy.
    pub fn not_sent(&self) -> bool {
        match self {
            Self::NoConnection { .. } | Self::Proxy { .. } => true,
            // As with a server's own: what a proxy forbids now it forbids later too.
            Self::ProxyRefused { status, .. } => status.is_none_or(is_outage),
            Self::Silent { phase, .. } | Self::Deadline { phase, .. } => *phase == Phase::Connect,
            _ => false,
        }
    }

    /// Whether the network or the server is out of order: the exchange could have worked, and may work later.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::InDoubt { cause, .. } => cause.is_outage(),
            Self::Silent { .. } | Self::Deadline { .. } | Self::Cut { .. } | Self::Gateway { .. } => true,
            other => other.not_sent(),
        }
    }
}
