//! Connections to one origin, under the law of this room, for who speaks HTTP on them by itself.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::diagnosis::diagnose_handshake;
use super::fault::Fault;
use super::phase::Phase;
use super::proxy::Proxy;
use super::roots::Roots;
use super::settings::Settings;
use super::target::Target;
use super::transport::Limits;
use super::tunnel::{self, Duplex, Stream};
use crate::text::sanitize;

/// How long one address is tried alone before the next one is tried as well (RFC 8305 §5).
const STAGGER: Duration = Duration::from_millis(250);
/// A peer that is gone without a word is noticed after about this time, because nothing else limits a silence.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Opens connections to an origin.
pub struct Connector {
    target: Target,
    proxy: Option<Proxy>,
    tls: Option<TlsConnector>,
    /// As it is used for a proxy with https.
    proxy_tls: Option<TlsConnector>,
    limit: Duration,
}

impl Connector {
    /// `origin` is a URL whose path does not matter.
    pub fn new(origin: &str, settings: &Settings) -> Result<Self, Fault> {
        let target = Target::parse(origin)?;
        let proxy = Proxy::for_target(&target, settings)?;
        let roots = Roots::default();
        let tls = |wanted: bool| {
            let config = wanted.then(|| roots.client_config(settings)).transpose()?;
            Ok::<_, Fault>(config.map(|config| TlsConnector::from(Arc::new(config))))
        };
        let proxy_tls = tls(proxy.as_ref().is_some_and(|proxy| proxy.url.scheme() == "https"))?;
        Ok(Self { tls: tls(!target.is_plain())?, proxy_tls, target, proxy, limit: Limits::default().connect })
    }

    /// `scheme://host[:port]`.
    pub fn origin(&self) -> &str {
        &self.target.origin
    }

    /// What `Host` says of it.
    pub fn authority(&self) -> &str {
        self.target.origin.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// The upstream ended a connection before there was a whole response.
    pub fn cut(&self, why: &str) -> Fault {
        Fault::Cut { origin: self.target.origin.clone(), phase: Phase::Wait, why: sanitize(why) }
    }

    /// A response that is read in two ways, or in none.
    pub fn bad_response(&self, why: &str) -> Fault {
        Fault::BadResponse { origin: self.target.origin.clone(), phase: Phase::Wait, why: why.to_owned() }
    }

    /// A new connection, name, proxy and TLS included.
    pub async fn connect(&self) -> Result<Stream, Fault> {
        timeout(self.limit, self.connect_unlimited()).await.unwrap_or_else(|_| {
            let (origin, seconds) = (self.target.origin.clone(), self.limit.as_secs_f32());
            Err(match &self.proxy {
                None => Fault::NoConnection { origin, why: format!("no connection within {seconds} s") },
                Some(proxy) => Fault::Proxy {
                    proxy: proxy.origin.clone(),
                    origin,
                    why: format!("it gave no answer within {seconds} s"),
                },
            })
        })
    }

    async fn connect_unlimited(&self) -> Result<Stream, Fault> {
        let origin = || self.target.origin.clone();
        let stream: Stream = match &self.proxy {
            None => {
                let stream = open(&self.target.url).await;
                Box::new(stream.map_err(|error| Fault::NoConnection { origin: origin(), why: describe(&error) })?)
            }
            Some(proxy) => {
                let broken = |error: io::Error| Fault::Proxy {
                    proxy: proxy.origin.clone(),
                    origin: origin(),
                    why: describe(&error),
                };
                let stream = open(&proxy.url).await.map_err(broken)?;
                let stream = secure(stream, self.proxy_tls.as_ref(), &proxy.url).await.map_err(broken)?;
                tunnel::open(stream, proxy, &self.target).await?
            }
        };
        let secured = secure(stream, self.tls.as_ref(), &self.target.url).await;
        secured.map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => diagnose_handshake(tls, &self.target),
            None => Fault::NoConnection { origin: origin(), why: describe(&error) },
        })
    }
}

/// The same connection with TLS, where there is any.
pub(super) async fn secure(stream: impl Duplex + 'static, tls: Option<&TlsConnector>, url: &Url) -> io::Result<Stream> {
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    Ok(Box::new(tls.connect(name, stream).await?))
}

/// Connects to the first address of a host that answers, trying the next one while one is silent.
pub(super) async fn open(url: &Url) -> io::Result<TcpStream> {
    let port = url.port_or_known_default().unwrap_or_default();
    let addresses: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        // Nobody else is asked what localhost is (RFC 6761 §6.3).
        Some(Host::Domain(name)) if name.eq_ignore_ascii_case("localhost") => {
            [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].map(|ip| (ip, port).into()).to_vec()
        }
        Some(Host::Domain(name)) => {
            let found = lookup_host((name, port)).await;
            let found = found.map_err(|error| {
                io::Error::new(io::ErrorKind::NotFound, format!("the host was not found ({error})"))
            })?;
            found.collect()
        }
        None => Vec::new(),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    let (mut left, mut tries) = (addresses.into_iter(), JoinSet::new());
    loop {
        let next = left.next();
        if next.is_none() && tries.is_empty() {
            return Err(last);
        }
        next.map(|address| tries.spawn(TcpStream::connect(address)));
        let patience = if left.len() == 0 { Duration::MAX } else { STAGGER };
        match timeout(patience, tries.join_next()).await {
            Ok(Some(Ok(Ok(stream)))) => {
                let _ = stream.set_nodelay(true);
                let _ = sockopt::set_socket_keepalive(&stream, true);
                let _ = sockopt::set_tcp_keepidle(&stream, KEEPALIVE);
                return Ok(stream);
            }
            Ok(Some(Ok(Err(error)))) => last = error,
            _ => {}
        }
    }
}

pub(super) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "it refused the connection".to_owned(),
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => sanitize(&error.to_string()),
    }
}
