//! How a sandbox behaves, and where it listens.

use std::net::SocketAddr;
use std::time::Duration;

use super::fault::Fault;

#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 lets the kernel choose.
    pub listen: SocketAddr,
    pub token_ttl: Duration,
    pub latency: Duration,
    /// Whether the person allows everything without being asked.
    pub auto_consent: bool,
    pub fault: Option<Fault>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_ttl: Duration::from_secs(300),
            latency: Duration::ZERO,
            auto_consent: false,
            fault: None,
        }
    }
}

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    pub plain: SocketAddr,
    pub secure: SocketAddr,
}
