//! Listens, accepts connections, shuts down.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::error::Error;
use super::fault::FailureMode;
use super::options::Address;
use super::service::{BODY_LIMIT, Connection, Service, TIMEOUT};

/// The most connections that are served at once; others wait for their turn.
pub const CONNECTIONS: usize = 128;

/// Addresses that listen; they do not answer yet.
pub struct Listeners {
    runtime: Runtime,
    plain: TcpListener,
    secure: TcpListener,
    /// With the ports that the kernel chose.
    pub address: Address,
}

impl Listeners {
    /// Listens at an address, and for HTTPS at another port of it.
    pub fn bind(address: SocketAddr) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Start)?;
        let listen = |address: SocketAddr| {
            let listener = runtime.block_on(TcpListener::bind(address));
            let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
            bound.map_err(|source| Error::Bind { address, source })
        };
        let (plain_address, plain) = listen(address)?;
        let (secure_address, secure) = listen(SocketAddr::new(address.ip(), 0))?;
        Ok(Self { runtime, plain, secure, address: Address { plain: plain_address, secure: secure_address } })
    }

    /// Answers in a thread of its own.
    pub fn serve(self, service: Arc<Service>) -> Result<Server, Error> {
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            self.runtime.block_on(async {
                tokio::spawn(accept(self.plain, false, Arc::clone(&service)));
                tokio::spawn(accept(self.secure, true, service));
                let _ = stopped.await;
            });
        };
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(serve).map_err(Error::Start)?;
        Ok(Server { stop: Some(stop), thread: Some(thread) })
    }
}

/// A running server; dropping it ends its thread and all connections.
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

async fn accept(listener: TcpListener, secure: bool, service: Arc<Service>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let service = Arc::clone(&service);
                tokio::spawn(async move {
                    serve_connection(stream, secure, &service).await;
                    drop(permit);
                });
            }
            // No file descriptor is free, or the connection ended while it waited: try the next one.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve_connection(mut stream: TcpStream, secure: bool, service: &Service) {
    let _ = stream.set_nodelay(true);
    let mut connection = Connection { secure, certificate: None, end: OnceLock::new() };
    if !secure {
        serve_requests(&mut stream, &connection, service).await;
    } else if let Ok(Ok((tls, certificate))) =
        timeout(TIMEOUT, service.state.authority.acceptor.accept(&mut stream)).await
    {
        connection.certificate = certificate;
        serve_requests(tls, &connection, service).await;
    }
    // An error here means that the client has left.
    match connection.end.get() {
        Some(FailureMode::Reset) => drop(stream.set_zero_linger()),
        Some(FailureMode::NotHttp) => drop(stream.try_write(b"220 mail.example ESMTP\r\n")),
        _ => {}
    }
}

async fn serve_requests(stream: impl AsyncRead + AsyncWrite + Unpin, connection: &Connection, service: &Service) {
    // What goes wrong on a connection is its client's problem.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(TIMEOUT)
        .max_buf_size(BODY_LIMIT)
        .serve_connection(TokioIo::new(stream), service_fn(|request| service.respond(request, connection)))
        .await;
}
