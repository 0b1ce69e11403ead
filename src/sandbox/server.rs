//! Listens, accepts connections, shuts down.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::error::Error;
use super::fault::FailureMode;
use super::service::{BODY_LIMIT, Connection, Service, TIMEOUT};
use crate::http::server::{accept_each, bind_tcp};

/// Others wait for their turn.
pub const CONNECTIONS: usize = 128;

/// A running server; dropping it ends its thread and all connections.
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Opens a port, where nothing answers yet; its address has the port that the kernel chose.
pub fn listen(address: SocketAddr) -> Result<(SocketAddr, std::net::TcpListener), Error> {
    bind_tcp(address).map_err(|source| Error::Bind { address, source })
}

impl Server {
    /// Answers at both ports, in a thread of its own.
    pub fn start(
        plain: std::net::TcpListener,
        secure: std::net::TcpListener,
        service: Arc<Service>,
    ) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Start)?;
        let register = |listener| {
            let _guard = runtime.enter();
            TcpListener::from_std(listener).map_err(Error::Start)
        };
        let (plain, secure) = (register(plain)?, register(secure)?);
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                tokio::spawn(accept(plain, false, Arc::clone(&service)));
                tokio::spawn(accept(secure, true, service));
                let _ = stopped.await;
            });
        };
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(serve).map_err(Error::Start)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
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
    accept_each(&listener, &permits, |stream| serve_connection(stream, secure, Arc::clone(&service))).await;
}

async fn serve_connection(mut stream: TcpStream, secure: bool, service: Arc<Service>) {
    let _ = stream.set_nodelay(true);
    let mut connection = Connection { secure, certificate: None, end: OnceLock::new() };
    if !secure {
        serve_requests(&mut stream, &connection, &service).await;
    } else if let Ok(Ok((tls, certificate))) =
        timeout(TIMEOUT, service.state.authority.acceptor.accept(&mut stream)).await
    {
        connection.certificate = certificate;
        serve_requests(tls, &connection, &service).await;
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
