//! Listens, reads requests within limits, sends answers, shuts down.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::endpoint::message::{Call, Note, Refusal, Reply};
use super::fault::{Delivery, Manner};
use super::route;
use super::state::State;
use super::wire::{End, Script, Wire};
use super::{Error, Line, Log};
use crate::http::Presented;

/// The most connections that are served at once; more wait for their turn.
pub const CONNECTIONS: usize = 128;
/// The longest wait for a request's head, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of a request's body.
const BODY: usize = 64 * 1024;

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    /// For HTTP.
    pub plain: SocketAddr,
    /// For HTTPS.
    pub secure: SocketAddr,
}

/// Addresses that listen; they do not answer yet.
pub struct Bound {
    runtime: Runtime,
    plain: TcpListener,
    secure: TcpListener,
    address: Address,
}

/// Listens at an address, and for HTTPS at another port of it.
pub fn bind(address: SocketAddr) -> Result<Bound, Error> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Start)?;
    let listen = |address: SocketAddr| {
        let listener = runtime.block_on(TcpListener::bind(address));
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        bound.map_err(|source| Error::Bind { address, source })
    };
    let (plain_address, plain) = listen(address)?;
    let (secure_address, secure) = listen(SocketAddr::new(address.ip(), 0))?;
    Ok(Bound { runtime, plain, secure, address: Address { plain: plain_address, secure: secure_address } })
}

impl Bound {
    /// The addresses, with the ports that the kernel chose.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Answers in a thread of its own.
    pub fn serve(self, state: Arc<State>, log: Log) -> Result<Server, Error> {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                self.runtime.block_on(async {
                    tokio::spawn(accept(self.plain, false, Arc::clone(&state), Arc::clone(&log)));
                    tokio::spawn(accept(self.secure, true, state, log));
                    let _ = stopped.await;
                });
            })
            .map_err(Error::Start)?;
        Ok(Server { stop: Some(stop), thread: Some(thread) })
    }
}

/// A server at work; dropping it ends its thread and all connections.
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, secure: bool, state: Arc<State>, log: Log) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (state, log) = (Arc::clone(&state), Arc::clone(&log));
                tokio::spawn(async move {
                    connection(stream, secure, state, log).await;
                    drop(place);
                });
            }
            // Out of file descriptors, or a connection that ended before its turn: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, secure: bool, state: Arc<State>, log: Log) {
    let _ = stream.set_nodelay(true);
    let end = End::default();
    let wire = Wire::new(stream, Arc::clone(&end));
    if !secure {
        return talk(wire, Arrival { secure, certificate: None, end }, state, log).await;
    }
    // A handshake that fails is its client's affair too: TLS has told it.
    if let Ok(Ok((stream, certificate))) = timeout(PATIENCE, state.authority.acceptor.accept(wire)).await {
        talk(stream, Arrival { secure, certificate, end }, state, log).await;
    }
}

/// How requests come.
struct Arrival {
    secure: bool,
    certificate: Option<Presented>,
    end: End,
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, arrival: Arrival, state: Arc<State>, log: Log) {
    let arrival = Arc::new(arrival);
    let service = service_fn(move |request| {
        let (state, log, arrival) = (Arc::clone(&state), Arc::clone(&log), Arc::clone(&arrival));
        async move { exchange(request, &state, log, &arrival).await }
    });
    // What goes wrong on a connection is its client's affair.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(BODY)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Its line is written when it is dropped: also when the client goes away before the answer.
struct Entry {
    line: Line,
    started: Instant,
    log: Log,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.line.elapsed = self.started.elapsed();
        (self.log)(&self.line);
    }
}

async fn exchange(
    request: Request<Incoming>,
    state: &State,
    log: Log,
    arrival: &Arrival,
) -> io::Result<Response<Script>> {
    let mut entry = Entry {
        line: Line {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            client_id: None,
            grant: None,
            status: None,
            error: None,
            fault: None,
            elapsed: Duration::ZERO,
        },
        started: Instant::now(),
        log,
    };
    let delivery = match read(request, arrival).await {
        Err(refusal) => {
            entry.line.error = Some(refusal.error);
            Delivery::from(Reply::from(refusal))
        }
        Ok(mut call) => {
            let (reply, target) = route::answer(state, &mut call);
            let Note { client_id, grant, error } = call.note;
            (entry.line.client_id, entry.line.grant, entry.line.error) = (client_id, grant, error);
            match state.next_fault(target) {
                None => reply.into(),
                Some(fault) => {
                    entry.line.fault = Some(fault.kind().name);
                    fault.strike(state, reply)
                }
            }
        }
    };
    tokio::time::sleep(state.latency).await;
    match delivery.manner {
        Manner::Silence => std::future::pending().await,
        Manner::Reset | Manner::NotHttp => {
            let _ = arrival.end.set(delivery.manner);
            Err(io::Error::other("asked for by --fault"))
        }
        manner => {
            entry.line.status = Some(delivery.reply.status);
            respond(delivery.reply, manner)
        }
    }
}

async fn read(request: Request<Incoming>, arrival: &Arrival) -> Result<Call, Refusal> {
    let (head, body) = request.into_parts();
    let body = match timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(fault)) if fault.is::<http_body_util::LengthLimitError>() => {
            return Err(Refusal::new(413, "invalid_request", "the body has more than 64 KiB"));
        }
        Ok(Err(_)) => return Err(Refusal::request("the body is broken")),
        Err(_) => return Err(Refusal::new(408, "invalid_request", "the body did not come")),
    };
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    Ok(Call {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers,
        body,
        secure: arrival.secure,
        certificate: arrival.certificate.clone(),
        note: Note::default(),
    })
}

fn respond(reply: Reply, manner: Manner) -> io::Result<Response<Script>> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Script::new(reply.body, manner)).map_err(io::Error::other)
}
