//! Opens connections to a host that speaks another protocol than HTTP: by TLS as everywhere here, without a proxy.

use std::path::Path;
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::connector::{describe, open, secure};
use super::fault::Fault;
use super::roots::Roots;
use super::settings::Settings;
use super::tunnel::Stream;

#[derive(Clone)]
pub struct Dialer {
    url: Url,
    tls: Option<TlsConnector>,
}

impl Dialer {
    /// For a URL with host and port.
    pub fn new(url: Url, by_tls: bool, settings: &Settings) -> Result<Self, Fault> {
        let mut config = by_tls.then(|| Roots::default().client_config(settings)).transpose()?;
        // A server that agrees on a protocol refuses who offers others alone.
        if let Some(config) = &mut config {
            config.alpn_protocols.clear();
        }
        Ok(Self { url, tls: config.map(|config| TlsConnector::from(Arc::new(config))) })
    }

    /// A new connection, or why there is none.
    pub async fn connect(&self) -> Result<Stream, String> {
        let stream = open(&self.url).await.map_err(|error| describe(&error))?;
        secure(stream, self.tls.as_ref(), &self.url).await.map_err(|error| describe(&error))
    }
}

/// A new connection to a socket of this machine, or why there is none.
pub async fn connect_to_socket(path: &Path) -> Result<Stream, String> {
    match UnixStream::connect(path).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(describe(&error)),
    }
}
