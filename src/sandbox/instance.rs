//! A running sandbox.

use std::net::SocketAddr;
use std::sync::Arc;

use super::error::Error;
use super::fault::FaultPlan;
use super::log::Log;
use super::model::Client;
use super::options::Options;
use super::server::{Server, listen};
use super::service::Service;
use super::state::State;
use crate::edges::{Clock, Entropy};

/// A running authorization server; dropping it shuts it down.
pub struct Sandbox {
    service: Arc<Service>,
    _server: Server,
}

impl Sandbox {
    /// Not to be called inside an event loop.
    pub fn start(options: &Options, entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>, log: Log) -> Result<Self, Error> {
        if !options.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(options.listen));
        }
        let (plain_address, plain) = listen(options.listen)?;
        let (secure_address, secure) = listen(SocketAddr::new(plain_address.ip(), 0))?;
        let state = State::new(plain_address, secure_address, options, entropy, clock)?;
        let faults = FaultPlan::new(options.fault);
        let service = Arc::new(Service { state, faults, latency: options.latency, log });
        let server = Server::start(plain, secure, Arc::clone(&service))?;
        Ok(Self { service, _server: server })
    }

    pub(super) fn state(&self) -> &State {
        &self.service.state
    }

    /// The issuer. It has a path, so that RFC 8414's insertion and the appending of others differ.
    pub fn issuer(&self) -> &str {
        self.state().issuer()
    }

    pub fn clients(&self) -> &[Client] {
        &self.state().clients
    }

    /// The confidential client that is meant for use.
    pub fn main_client(&self) -> &Client {
        &self.clients()[0]
    }
}
