//! Why there is no whole answer. Facts only: what they mean for the user is judged above.

use std::path::PathBuf;
use std::time::Duration;

use super::phase::Phase;

/// A failed exchange. An origin is `scheme://host:port`; no fault shows the query or the user of a URL.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The URL can't be used.
    #[error("the URL {url} can't be used: {why}")]
    Url {
        /// The URL without query, fragment and user.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Plain http to a host that is not loopback.
    #[error("{origin} is plain http, which is allowed to loopback only")]
    PlainHttp {
        /// Where it should have gone.
        origin: String,
    },
    /// The name has no address.
    #[error("the host of {origin} was not found: {why}")]
    Dns {
        /// Where it should have gone.
        origin: String,
        /// What the resolver said.
        why: String,
    },
    /// Nobody listens there.
    #[error("{origin} refused the connection")]
    Refused {
        /// Where it should have gone.
        origin: String,
    },
    /// The connection failed in another way.
    #[error("can't connect to {origin}: {why}")]
    Connect {
        /// Where it should have gone.
        origin: String,
        /// What the system said.
        why: String,
    },
    /// Connecting took too long.
    #[error("no connection to {origin} within {} s", after.as_secs_f32())]
    ConnectTimeout {
        /// Where it should have gone.
        origin: String,
        /// The time given.
        after: Duration,
    },
    /// The certificate was issued by nobody we trust.
    #[error("the certificate of {origin} is not signed by a trusted authority")]
    Untrusted {
        /// Whose certificate it is.
        origin: String,
    },
    /// The certificate is wrong in another way: name, time, use.
    #[error("the certificate of {origin} is not valid: {why}")]
    Certificate {
        /// Whose certificate it is.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// The TLS handshake failed, not because of the certificate.
    #[error("no TLS connection to {origin}: {why}")]
    Tls {
        /// Where it should have gone.
        origin: String,
        /// What the TLS library said.
        why: String,
    },
    /// The server was silent for too long.
    #[error("{origin} was silent for {} s, {phase}", after.as_secs_f32())]
    Silent {
        /// Who was silent.
        origin: String,
        /// When.
        phase: Phase,
        /// For how long.
        after: Duration,
    },
    /// The deadline of the command passed.
    #[error("the deadline passed, {phase} ({origin})")]
    Deadline {
        /// Who was asked.
        origin: String,
        /// When.
        phase: Phase,
    },
    /// The connection ended before the answer did.
    #[error("{origin} ended the connection {phase}: {why}")]
    Cut {
        /// Who was asked.
        origin: String,
        /// When.
        phase: Phase,
        /// What the HTTP library said.
        why: String,
    },
    /// A gateway answered (502, 504) for a server that it did not hear: what that one did, it does not know.
    #[error("a gateway answered {status} for {origin}, whose own answer is lost")]
    Gateway {
        /// Who was asked.
        origin: String,
        /// The status.
        status: u16,
    },
    /// The body is longer than the request allows.
    #[error("the answer of {origin} is longer than {limit} bytes")]
    TooLarge {
        /// Who answered.
        origin: String,
        /// The most bytes allowed.
        limit: usize,
    },
    /// The headers are longer than 64 KiB, or too many.
    #[error("the headers of the answer of {origin} are too large")]
    HeadersTooLarge {
        /// Who answered.
        origin: String,
    },
    /// The answer is not HTTP.
    #[error("the answer of {origin} is not proper HTTP: {why}")]
    Malformed {
        /// Who answered.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// The answer is compressed, though nobody asked for that.
    #[error("the answer of {origin} is encoded as {encoding}, which was not asked for")]
    Encoded {
        /// Who answered.
        origin: String,
        /// The sanitized Content-Encoding.
        encoding: String,
    },
    /// A redirect where none is allowed.
    #[error("{origin} answered {status}, a redirect{}, which is not allowed here", name_target(target.as_deref()))]
    Redirect {
        /// Who answered.
        origin: String,
        /// The status.
        status: u16,
        /// The origin it points to, if it says and it can be read.
        target: Option<String>,
    },
    /// A redirect of an anonymous GET that leads astray.
    #[error("a redirect of {origin}{} was not followed: {why}", name_target(target.as_deref()))]
    RedirectRefused {
        /// Who answered.
        origin: String,
        /// The origin it points to, if it can be read.
        target: Option<String>,
        /// Why.
        why: &'static str,
    },
    /// The proxy did not let us through, or could not be reached.
    #[error("the proxy {proxy} did not connect to {origin}: {why}")]
    Proxy {
        /// The proxy's origin.
        proxy: String,
        /// Where it should have gone.
        origin: String,
        /// What happened.
        why: String,
    },
    /// The proxy wants a user name and a password, or others (407).
    #[error("the proxy {proxy} refused our credentials (407)")]
    ProxyAuthentication {
        /// The proxy's origin.
        proxy: String,
    },
    /// A request that must not be repeated was sent, and no whole answer came: nobody knows whether it was done.
    #[error("the request to {origin} is in doubt: it was sent, but no whole answer came ({phase})")]
    InDoubt {
        /// Who was asked.
        origin: String,
        /// When it broke.
        phase: Phase,
        /// How it broke.
        #[source]
        cause: Box<Fault>,
    },
    /// A file of certificates can't be used.
    #[error("no certificates from {}: {why}", path.display())]
    Cacert {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate of the client or its key can't be used.
    #[error("no client certificate from {}: {why}", path.display())]
    Identity {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The server does not take the certificate of the client, or wants one and got none.
    #[error("{origin} refused the client certificate: {why}")]
    ClientCertificate {
        /// Who refused.
        origin: String,
        /// What it said.
        why: &'static str,
    },
    /// The machine has no root certificates and none were given.
    #[error("this machine has no root certificates")]
    NoRoots,
    /// A header that can't be sent.
    #[error("the header {name} can't be sent: {why}")]
    Header {
        /// Its sanitized name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A proxy setting that can't be used.
    #[error("the proxy of {from} can't be used: {why}")]
    ProxySetting {
        /// `--proxy` or the name of the variable.
        from: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system has no resources for a connection, or the client can't be built.
    #[error("can't start the HTTP client: {why}")]
    Start {
        /// What the system said.
        why: String,
    },
    /// The port for the answer of the browser can't be had.
    #[error("can't listen on {} of loopback: {why}", .port.map_or_else(|| "a port".to_owned(), |port| format!("port {port}")))]
    Listen {
        /// The port asked for, where one was.
        port: Option<u16>,
        /// What the system said.
        why: String,
    },
    /// The browser did not come back in time.
    #[error("timed out waiting for the browser")]
    BrowserTimeout,
}

fn name_target(target: Option<&str>) -> String {
    target.map(|target| format!(" to {target}")).unwrap_or_default()
}

impl Fault {
    /// Who was asked and where it broke, when the request had been sent, at least in part, and no whole answer came.
    /// `None` when it was not sent, or was answered.
    pub fn unanswered(&self) -> Option<(&str, Phase)> {
        match self {
            Self::Silent { origin, phase, .. } | Self::Deadline { origin, phase } | Self::Cut { origin, phase, .. } => {
                (*phase != Phase::Connect).then_some((origin, *phase))
            }
            Self::InDoubt { origin, phase, .. } => Some((origin, *phase)),
            Self::HeadersTooLarge { origin } | Self::Gateway { origin, .. } => Some((origin, Phase::Wait)),
            Self::TooLarge { origin, .. } | Self::Malformed { origin, .. } | Self::Encoded { origin, .. } => {
                Some((origin, Phase::Body))
            }
            _ => None,
        }
    }

    /// Whether nothing was sent, for a reason that may pass: name, connection, handshake, proxy.
    pub fn not_sent(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Refused { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::Tls { .. }
            | Self::Proxy { .. } => true,
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
