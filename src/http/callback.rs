//! Listens on loopback for the browser that comes back (RFC 8252 §7.3), on 127.0.0.1 and `[::1]` by the same port.
//!
//! Everybody on this machine can connect, and pages can make a browser do so. One path is heard, by GET, under a name of
//! loopback; all else is answered and forgotten. Who is slow gives up its place to who comes after, so that nobody can
//! keep the browser out.

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
/// The longest wait for the head of a request.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a head: a browser brings the cookies of every port of loopback.
const HEAD: usize = 64 * 1024;
/// How long the last page may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often a port is looked for that both addresses have free.
const PORTS: u32 = 16;

/// What is said of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is none of ours: wait on.
    Stray,
    /// It is ours, and all is well.
    Welcome,
    /// It is ours, and a refusal: the end.
    Failed,
    /// It is not in order: the end.
    Wrong,
}

/// Somebody who brings a query, and waits for what is said of it.
struct Visit {
    query: String,
    verdict: oneshot::Sender<Verdict>,
    /// Ends with the connection.
    gone: oneshot::Receiver<()>,
}

/// A port that listens.
pub struct Callback {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    port: u16,
}

/// What is heard.
struct Door {
    path: String,
    port: u16,
    visits: mpsc::Sender<Visit>,
}

impl Callback {
    /// Listens, on this port or on one that the kernel chooses.
    ///
    /// # Errors
    /// `Listen` when the port can't be had.
    pub fn listen(port: Option<u16>) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::Start { why: error.to_string() })?;
        let refused = |error: &io::Error| Fault::Listen { port, why: error.to_string() };
        let mut tries = 0;
        loop {
            tries += 1;
            let first = runtime.block_on(bind(Ipv4Addr::LOCALHOST.into(), port.unwrap_or(0)));
            let first = first.map_err(|error| refused(&error))?;
            let chosen = first.local_addr().map_err(|error| refused(&error))?.port();
            match runtime.block_on(bind(Ipv6Addr::LOCALHOST.into(), chosen)) {
                Ok(second) => return Ok(Self { runtime, listeners: vec![first, second], port: chosen }),
                // Somebody else would hear what `localhost` or `[::1]` brings.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    if port.is_some() || tries == PORTS {
                        return Err(refused(&error));
                    }
                }
                // This machine has no IPv6.
                Err(_) => return Ok(Self { runtime, listeners: vec![first], port: chosen }),
            }
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until `judge` says of a query that came to this path that it is ours.
    ///
    /// # Errors
    /// `NobodyCame` when the deadline passes first.
    pub fn wait(self, path: &str, deadline: Deadline, judge: &mut dyn FnMut(&str) -> Verdict) -> Result<(), Fault> {
        let (visits, mut waiting) = mpsc::channel(CONNECTIONS);
        let door = Arc::new(Door { path: path.to_owned(), port: self.port, visits });
        self.runtime.block_on(async {
            for listener in self.listeners {
                tokio::spawn(accept(listener, Arc::clone(&door)));
            }
            loop {
                let left = deadline.remaining().ok_or(Fault::NobodyCame)?;
                let Ok(Some(visit)) = timeout(left, waiting.recv()).await else { return Err(Fault::NobodyCame) };
                let Visit { query, verdict, gone } = visit;
                let said = judge(&query);
                let _ = verdict.send(said);
                if said != Verdict::Stray {
                    // The page leaves before the listener goes; a browser that dawdles holds nobody up for long.
                    let _ = timeout(FAREWELL, gone).await;
                    return Ok(());
                }
            }
        })
    }
}

async fn bind(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::new(address, port)).await
}

async fn accept(listener: TcpListener, door: Arc<Door>) {
    let mut served: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                served.retain(|task| !task.is_finished());
                if served.len() >= CONNECTIONS
                    && let Some(oldest) = served.pop_front()
                {
                    oldest.abort();
                }
                served.push_back(tokio::spawn(connection(stream, Arc::clone(&door))).abort_handle());
            }
            // Out of file descriptors, or a connection that ended before its turn: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, door: Arc<Door>) {
    let _ = stream.set_nodelay(true);
    let (here, gone) = oneshot::channel();
    let gone = Arc::new(std::sync::Mutex::new(Some(gone)));
    let service = service_fn(move |request| {
        let (door, gone) = (Arc::clone(&door), Arc::clone(&gone));
        async move { Ok::<_, Infallible>(door.answer(&request, &gone).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // What goes wrong on a connection is its browser's affair; one that does not take its page is not waited for.
    let _ = timeout(2 * PATIENCE, served).await;
    drop(here);
}

impl Door {
    async fn answer(
        &self,
        request: &Request<Incoming>,
        gone: &std::sync::Mutex<Option<oneshot::Receiver<()>>>,
    ) -> Response<Full<Bytes>> {
        if !self.named(request.headers().get(HOST)) {
            return page(StatusCode::MISDIRECTED_REQUEST, "Nothing here", "This address is not for that name.");
        }
        if request.uri().path() != self.path {
            return page(StatusCode::NOT_FOUND, "Nothing here", "hallpass waits for an answer at another address.");
        }
        if request.method() != Method::GET {
            let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, "Nothing here", "This address is only opened.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return refused;
        }
        let gone = gone.lock().ok().and_then(|mut gone| gone.take());
        let (verdict, said) = oneshot::channel();
        if let Some(gone) = gone {
            let query = request.uri().query().unwrap_or_default().to_owned();
            let _ = self.visits.send(Visit { query, verdict, gone }).await;
        }
        match said.await {
            Ok(Verdict::Welcome) => page(
                StatusCode::OK,
                "Thank you",
                "hallpass has what it needs and goes on in the terminal. You can close this page.",
            ),
            Ok(verdict @ (Verdict::Failed | Verdict::Wrong)) => page(
                if verdict == Verdict::Failed { StatusCode::OK } else { StatusCode::BAD_REQUEST },
                "The sign-in did not work",
                "The terminal says why, and what to do. You can close this page.",
            ),
            Ok(Verdict::Stray) | Err(_) => page(
                StatusCode::BAD_REQUEST,
                "This is not the answer to a question of ours",
                "hallpass goes on waiting. If you are signing in, use the address that the terminal shows.",
            ),
        }
    }

    /// A page elsewhere can make a name of its own point to loopback; its requests carry that name.
    fn named(&self, host: Option<&HeaderValue>) -> bool {
        let names = ["127.0.0.1", "[::1]", "localhost"].map(|name| format!("{name}:{}", self.port));
        host.and_then(|host| host.to_str().ok())
            .is_some_and(|host| names.iter().any(|name| name.eq_ignore_ascii_case(host)))
    }
}

/// A page for a person: plain, without script, and with nothing of the request in it.
fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
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
