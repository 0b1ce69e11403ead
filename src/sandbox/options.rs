//! What a sandbox is started with.

use std::net::SocketAddr;
use std::time::Duration;

use super::fault::Fault;

/// How a sandbox behaves.
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
