//! reqwest with everything switched off that could carry a credential astray. Connections are made and kept here.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;

use super::fault::Fault;
use super::phase::Reporter;
use super::proxy::Proxy;
use super::roots;
use super::settings::Settings;
use super::target::Target;

/// How long a connection may take, name, TLS and proxy included, and how long a server may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// Between two signs of life.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), idle: Duration::from_secs(10) }
    }
}

/// The kinds of clients: each is built when it is first needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    /// Plain http, without certificates.
    plain: bool,
    /// Through the proxy.
    proxied: bool,
    /// Connections are used again.
    kept: bool,
}

/// The clients of one set of settings.
#[derive(Debug, Default)]
pub struct Transport {
    clients: Mutex<HashMap<Kind, reqwest::Client>>,
    tls: OnceLock<ClientConfig>,
}

impl Transport {
    /// The client for a target. Without `kept` it makes a connection of its own: a server may close a kept one at the
    /// moment of sending, and a request that must not be repeated would be in doubt for nothing.
    ///
    /// # Errors
    /// What is wrong with the certificates, or `Start`.
    pub fn client(
        &self,
        target: &Target,
        proxy: Option<&Proxy>,
        kept: bool,
        settings: &Settings,
        limits: Limits,
    ) -> Result<reqwest::Client, Fault> {
        let kind = Kind { plain: target.plain(), proxied: proxy.is_some(), kept };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let tls = if kind.plain { roots::no_tls()? } else { self.tls(settings)? };
        let client = build(tls, kind, proxy, limits).map_err(|e| Fault::Start { why: e.without_url().to_string() })?;
        clients.insert(kind, client.clone());
        Ok(client)
    }

    fn tls(&self, settings: &Settings) -> Result<ClientConfig, Fault> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = roots::tls(settings)?;
        Ok(self.tls.get_or_init(|| tls).clone())
    }
}

fn build(tls: ClientConfig, kind: Kind, proxy: Option<&Proxy>, limits: Limits) -> reqwest::Result<reqwest::Client> {
    let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(!kind.plain)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .resolve_to_addrs("localhost", &loopback)
        .connect_timeout(limits.connect)
        .connector_layer(Reporter)
        .pool_max_idle_per_host(if kind.kept { 8 } else { 0 })
        .pool_idle_timeout(limits.idle)
        .user_agent(concat!("hallpass/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::https(proxy.url.clone())?);
    }
    builder.build()
}
