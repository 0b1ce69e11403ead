//! Listens on loopback for the browser that comes back (RFC 8252 §7.3), on 127.0.0.1 and `[::1]` by the same port.
//!
//! Everybody on this machine can connect, and pages can make a browser do so. Only a GET of one path under a name of
//! loopback counts, and a new connection takes the place of a slow one, so that nobody can keep the browser out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::Fault;
use crate::edges::Deadline;

/// The most connections at once; one more, and the oldest goes.
const CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a head: a browser brings the cookies of every port of loopback.
const HEAD: usize = 64 * 1024;
/// How long the last page may take to leave.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a port is looked for that both addresses have free.
const PORTS: u32 = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not belong to this sign-in: keep waiting.
    Ignored,
    /// It belongs to this sign-in, and all is well.
    Welcome,
    /// It belongs to this sign-in, and is a refusal: the end.
    Failed,
    Wrong,
}

struct CallbackRequest {
    query: String,
    verdict: oneshot::Sender<Verdict>,
    gone: oneshot::Receiver<()>,
}

/// A port on loopback that waits for the browser.
pub struct Callback {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    port: u16,
}

struct CallbackServer {
    path: String,
    port: u16,
    requests: mpsc::Sender<CallbackRequest>,
}

impl Callback {
    /// Listens, on this port or on one that the kernel chooses.
    pub fn listen(port: Option<u16>) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::Start { why: error.to_string() })?;
        let bind = |address: IpAddr, port| runtime.block_on(TcpListener::bind(SocketAddr::new(address, port)));
        let refused = |error: io::Error| Fault::Listen { port, why: error.to_string() };
        let mut tries = 1;
        let (listeners, port) = loop {
            let first = bind(Ipv4Addr::LOCALHOST.into(), port.unwrap_or(0)).map_err(refused)?;
            let chosen = first.local_addr().map_err(refused)?.port();
            match bind(Ipv6Addr::LOCALHOST.into(), chosen) {
                Ok(second) => break (vec![first, second], chosen),
                // Somebody else would hear what `localhost` or `[::1]` brings.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && port.is_none() && tries < PORTS => tries += 1,
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(refused(error)),
                // This machine has no IPv6.
                Err(_) => break (vec![first], chosen),
            }
        };
        Ok(Self { runtime, listeners, port })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until `judge` says of a query that came to this path that it is ours.
    pub fn wait(self, path: &str, deadline: Deadline, judge: &mut dyn FnMut(&str) -> Verdict) -> Result<(), Fault> {
        let (requests, mut waiting) = mpsc::channel(CONNECTIONS);
        let server = Arc::new(CallbackServer { path: path.to_owned(), port: self.port, requests });
        self.runtime.block_on(async {
            for listener in self.listeners {
                tokio::spawn(accept_connections(listener, Arc::clone(&server)));
            }
            loop {
                let left = deadline.remaining().ok_or(Fault::BrowserTimeout)?;
                let Ok(Some(request)) = timeout(left, waiting.recv()).await else { return Err(Fault::BrowserTimeout) };
                let CallbackRequest { query, verdict, gone } = request;
                let decided = judge(&query);
                let _ = verdict.send(decided);
                if decided != Verdict::Ignored {
                    // The page leaves before the listener goes; a browser that dawdles holds nobody up for long.
                    let _ = timeout(CLOSE_TIMEOUT, gone).await;
                    return Ok(());
                }
            }
        })
    }
}

async fn accept_connections(listener: TcpListener, server: Arc<CallbackServer>) {
    let mut tasks: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tasks.retain(|task| !task.is_finished());
                if tasks.len() >= CONNECTIONS
                    && let Some(oldest) = tasks.pop_front()
                {
                    oldest.abort();
                }
                tasks.push_back(tokio::spawn(serve_connection(stream, Arc::clone(&server))).abort_handle());
            }
            // Out of file descriptors, or a connection that ended before its turn: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, server: Arc<CallbackServer>) {
    let _ = stream.set_nodelay(true);
    let (here, gone) = oneshot::channel();
    let gone = Arc::new(std::sync::Mutex::new(Some(gone)));
    let service = service_fn(move |request| {
        let (server, gone) = (Arc::clone(&server), Arc::clone(&gone));
        async move { Ok::<_, Infallible>(server.respond(&request, &gone).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // What goes wrong on a connection is its browser's affair; one that does not take its page is not waited for.
    let _ = timeout(2 * PATIENCE, connection).await;
    drop(here);
}

impl CallbackServer {
    async fn respond(
        &self,
        request: &Request<Incoming>,
        gone: &std::sync::Mutex<Option<oneshot::Receiver<()>>>,
    ) -> Response<Full<Bytes>> {
        let refuse = |status, text| render_page(status, "Nothing here", text);
        if !self.is_own_host(request) {
            return refuse(StatusCode::MISDIRECTED_REQUEST, "This address is not for that name.");
        }
        if request.uri().path() != self.path {
            return refuse(StatusCode::NOT_FOUND, "hallpass waits for a response at another path.");
        }
        if request.method() != Method::GET {
            let mut refused = refuse(StatusCode::METHOD_NOT_ALLOWED, "This page takes GET requests only.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return refused;
        }
        let gone = gone.lock().ok().and_then(|mut gone| gone.take());
        let (verdict, decided) = oneshot::channel();
        if let Some(gone) = gone {
            let query = request.uri().query().unwrap_or_default().to_owned();
            let _ = self.requests.send(CallbackRequest { query, verdict, gone }).await;
        }
        match decided.await {
            Ok(Verdict::Welcome) => render_page(StatusCode::OK, "Signed in", "You can close this tab."),
            Ok(verdict @ (Verdict::Failed | Verdict::Wrong)) => render_page(
                if verdict == Verdict::Failed { StatusCode::OK } else { StatusCode::BAD_REQUEST },
                "The sign-in did not work",
                "The terminal shows why, and what to do. You can close this tab.",
            ),
            Ok(Verdict::Ignored) | Err(_) => render_page(
                StatusCode::BAD_REQUEST,
                "Unexpected authorization response",
                "hallpass is still waiting. If you are signing in, open the URL that the terminal shows.",
            ),
        }
    }

    /// A page elsewhere can make a name of its own point to loopback; its requests carry that name.
    fn is_own_host(&self, request: &Request<Incoming>) -> bool {
        let names = ["127.0.0.1", "[::1]", "localhost"].map(|name| format!("{name}:{}", self.port));
        let is_own = |host: &str| names.iter().any(|name| name.eq_ignore_ascii_case(host));
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        // The absolute form outranks the field (RFC 9112 §3.2.2), and of two fields nobody knows which one counts.
        let fits_target = request.uri().authority().is_none_or(|authority| is_own(authority.as_str()));
        fits_target && host.is_some_and(is_own) && hosts.next().is_none()
    }
}

/// A page for a person: plain, without script, and with nothing of the request in it.
fn render_page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
