//! An authorization server on loopback, in memory, for trying out and for tests. It guards nothing of value.
//!
//! It answers as a careful server would: strict about what the RFCs forbid, silent about secrets. With a
//! [`fault`](Fault) it breaks one of its answers in a chosen way.

mod endpoint;
pub mod environment;
pub mod fault;
mod log;
mod model;
mod route;
mod server;
mod state;
mod wire;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::edges::{Clock, Entropy};
use crate::jose;
use crate::secret::Secret;

pub use fault::Fault;
pub use log::Line;

use endpoint::assertion;
use model::client::Client;
use server::Server;
use state::State;

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens: a loopback address; port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// How long its access tokens live.
    pub token_ttl: Duration,
    /// How long each answer waits.
    pub latency: Duration,
    /// Whether the person says yes to everything at once.
    pub auto_consent: bool,
    /// What it does wrong.
    pub fault: Option<Fault>,
}

impl Default for Options {
    /// `127.0.0.1:0`, tokens for five minutes, at once, without a fault.
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

/// What hears of each request, on the server's thread; it must not block for long.
pub type Log = Arc<dyn Fn(&Line) + Send + Sync>;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It serves secrets in clear text to everybody who can reach it, so it listens on loopback only.
    #[error("the sandbox listens on loopback only, and {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The kernel refused the address.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// No thread or no event loop could be had.
    #[error("cannot start the server")]
    Start(#[source] std::io::Error),
    /// No random bytes for the secrets.
    #[error("no random numbers: {0}")]
    Entropy(String),
    /// No signing key.
    #[error("no signing key")]
    Key(#[source] jose::Fault),
    /// No certificates, or no TLS with them.
    #[error("no certificates: {0}")]
    Certificate(String),
    /// A folder whose name cannot stand in `PATH`.
    #[error("the folder {0:?} cannot stand in PATH")]
    Path(std::path::PathBuf),
}

/// A running authorization server; dropping it shuts it down.
pub struct Sandbox {
    state: Arc<State>,
    assertion: Secret,
    statement: Secret,
    /// Serves until it is dropped.
    _server: Server,
}

impl Sandbox {
    /// Starts one in a thread of its own, with clients and keys made for this start. Not to be called from inside an
    /// event loop.
    ///
    /// # Errors
    /// [`Error`] says what could not be had.
    pub fn start(options: &Options, entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>, log: Log) -> Result<Self, Error> {
        if !options.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(options.listen));
        }
        let bound = server::bind(options.listen)?;
        let state = Arc::new(State::new(bound.address(), options, entropy, clock)?);
        let assertion = assertion::issue(&state)?;
        let statement = assertion::statement(&state)?;
        let server = bound.serve(Arc::clone(&state), log)?;
        Ok(Self { state, assertion, statement, _server: server })
    }

    /// The issuer: it has a path, so that RFC 8414's insertion and the appending of others differ.
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// The id of the confidential client that is meant for use: random per start.
    pub fn client_id(&self) -> &str {
        &self.state.clients.main().id
    }

    /// The secret of that client: lower-case hex, so that it survives any shell.
    pub fn client_secret(&self) -> &Secret {
        &self.state.clients.main_secret
    }

    /// A software statement (RFC 7591 §2.3) that the registration endpoint believes.
    pub fn software_statement(&self) -> &Secret {
        &self.statement
    }

    /// What a platform would hand to a workload: an assertion that the client `sandbox-workload` proves itself by.
    pub fn assertion(&self) -> &Secret {
        &self.assertion
    }

    /// The initial access token (RFC 7591 §3): nobody must show one to register, but a wrong one is refused.
    pub fn initial_token(&self) -> &Secret {
        &self.state.initial_token
    }

    /// All seeded clients, the main one first.
    pub fn clients(&self) -> &[Client] {
        self.state.clients.all()
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sandbox({})", self.state.issuer)
    }
}
