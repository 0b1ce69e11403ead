//! reqwest with everything switched off that could carry a credential astray. Connections are made and kept here.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use super::client_certificate::Identity;
use super::fault::Fault;
use super::phase::Reporting;
use super::proxy::Proxy;
use super::roots::{self, Roots};
use super::settings::Settings;
use super::target::Target;

/// The most fields of a response; the size of all of them is bounded besides.
pub const MAX_FIELDS: usize = 1024;

/// How long a connection may take, name, TLS and proxy included, and how long a server may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connect: Duration,
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), idle: Duration::from_secs(10) }
    }
}

/// What tells clients apart: each is built when it is first needed.
#[derive(PartialEq, Eq, Hash)]
struct ClientKey {
    /// Plain http, without certificates.
    plain: bool,
    cacert: Vec<PathBuf>,
    presented: Vec<CertificateDer<'static>>,
    proxy: Option<Url>,
    kept: bool,
}

#[derive(Default)]
pub struct Transport {
    clients: Mutex<HashMap<ClientKey, reqwest::Client>>,
    roots: Roots,
}

impl Transport {
    /// The client for a target. Without `kept` it makes a connection of its own: a server may close a kept one at the
    /// moment of sending, and a request that must not be repeated would be in doubt for nothing.
    pub fn client_for(
        &self,
        target: &Target,
        proxy: Option<&Proxy>,
        kept: bool,
        settings: &Settings,
        limits: Limits,
    ) -> Result<reqwest::Client, Fault> {
        let identity = settings.identity.as_ref().and_then(Identity::certified_key);
        let key = ClientKey {
            plain: target.is_plain(),
            cacert: settings.cacert.clone(),
            presented: identity.map_or_else(Vec::new, |identity| identity.cert.clone()),
            proxy: proxy.map(|proxy| proxy.url.clone()),
            kept,
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let tls = if target.is_plain() { roots::no_tls()? } else { self.roots.client_config(settings)? };
        let client = build_client(tls, &key, limits).map_err(|e| Fault::Start { why: e.without_url().to_string() })?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

fn build_client(tls: ClientConfig, key: &ClientKey, limits: Limits) -> reqwest::Result<reqwest::Client> {
    let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(!key.plain)
        .http1_only()
        .http1_max_headers(MAX_FIELDS)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .resolve_to_addrs("localhost", &loopback)
        .connect_timeout(limits.connect)
        .connector_layer(tower_layer::layer_fn(Reporting))
        .pool_max_idle_per_host(if key.kept { 8 } else { 0 })
        .pool_idle_timeout(limits.idle)
        .user_agent(concat!("hallpass/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = &key.proxy {
        builder = builder.proxy(reqwest::Proxy::https(proxy.clone())?);
    }
    builder.build()
}
