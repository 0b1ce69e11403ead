//! What every server of this program does: listens where only this machine can reach it, takes so many connections at
//! once and no more, and lets those in flight end before it ends.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::io::ioctl_fionbio;
use rustix::net::{AddressFamily, sockopt};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::fault::Fault;
use super::tunnel::Stream;
use super::wire::{Reader, race};

/// How long a client may take for a head, from its first byte on.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may wait for the next request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The most fields of a request.
pub const REQUEST_FIELDS: usize = 100;

/// How long a client may take to notice that its connection ends, before what it still sends is refused.
const LINGER: Duration = Duration::from_secs(1);
/// The first descriptor that systemd passes on.
const FIRST_INHERITED: i32 = 3;
/// How long nothing is accepted after a failure, such as no free file descriptor.
const PAUSE: Duration = Duration::from_millis(50);

/// Where a server listens.
#[derive(Debug, Clone)]
pub enum ListenAddress {
    Tcp(SocketAddr),
    /// The path of a socket, and its mode.
    Socket(PathBuf, u32),
}

/// A port or a socket that is open; what connects waits until somebody accepts.
pub enum Listener {
    Tcp(std::net::TcpListener, SocketAddr),
    Socket(std::os::unix::net::UnixListener, SocketFile),
    /// A socket that systemd listens on, which stays when this process ends.
    Inherited(std::os::unix::net::UnixListener, PathBuf),
}

/// The file of a socket, by which clients find it.
#[derive(Debug, Clone)]
pub struct SocketFile {
    path: PathBuf,
    /// Device and inode, which nothing else has while somebody listens there.
    inode: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), inode: inode(path)? })
    }

    /// Removes it, unless another server listens at this path by now.
    fn remove(&self) {
        if inode(&self.path).is_ok_and(|there| there == self.inode) {
            // Who starts there next replaces one that is left behind.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> io::Result<(u64, u64)> {
    path.symlink_metadata().map(|there| (there.dev(), there.ino()))
}

impl Listener {
    pub fn bind(address: &ListenAddress) -> Result<Self, Fault> {
        let bound = match address {
            ListenAddress::Tcp(address) => bind_tcp(*address).map(|(address, listener)| Self::Tcp(listener, address)),
            ListenAddress::Socket(path, mode) => {
                bind_socket(path, *mode).and_then(|listener| Ok(Self::Socket(listener, SocketFile::of(path)?)))
            }
        };
        bound.map_err(|error| Fault::Bind { place: address.to_string(), why: error.to_string() })
    }

    /// The first port or socket that systemd listens on for this process (sd_listen_fds(3)).
    pub fn inherited() -> Result<Self, Fault> {
        let take = || -> io::Result<Self> {
            // The descriptor is not ours by any type, so that a copy of it is asked of the kernel.
            let own = pidfd_open(getpid(), PidfdFlags::empty())?;
            let socket = pidfd_getfd(own, FIRST_INHERITED, PidfdGetfdFlags::empty())?;
            if !sockopt::socket_acceptconn(&socket)? {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it does not listen"));
            }
            ioctl_fionbio(&socket, true)?;
            if sockopt::socket_domain(&socket)? == AddressFamily::UNIX {
                let listener = std::os::unix::net::UnixListener::from(socket);
                let path = listener.local_addr()?.as_pathname().map(Path::to_owned).unwrap_or_default();
                return Ok(Self::Inherited(listener, path));
            }
            let listener = std::net::TcpListener::from(socket);
            let address = listener.local_addr()?;
            Ok(Self::Tcp(listener, address))
        };
        take().map_err(|error| Fault::Bind { place: "the socket of systemd".to_owned(), why: error.to_string() })
    }

    /// The names that a client may call this server by, in `Host`.
    pub fn own_names(&self) -> Vec<String> {
        match self {
            Self::Socket(..) | Self::Inherited(..) => vec!["localhost".to_owned()],
            Self::Tcp(_, address) => {
                let host = match address {
                    SocketAddr::V4(address) => address.ip().to_string(),
                    SocketAddr::V6(address) => format!("[{}]", address.ip()),
                };
                let hosts = ["127.0.0.1", "[::1]", "localhost", &host].map(str::to_owned);
                let with_port = hosts.iter().map(|host| format!("{host}:{}", address.port())).collect();
                // The port of the scheme is left out by every client.
                if address.port() == 80 { [with_port, hosts.to_vec()].concat() } else { with_port }
            }
        }
    }

    /// Serves each connection in a task of its own, `most` at once, until `stop` says so; then gives those in flight `drain`
    /// to end, or until `stop` says it again.
    pub async fn serve<F>(
        self,
        most: usize,
        mut stop: watch::Receiver<u8>,
        drain: Duration,
        handle: impl Fn(Stream) -> F,
    ) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let permits = Arc::new(Semaphore::new(most));
        let file = if let Self::Socket(_, file) = &self { Some(file.clone()) } else { None };
        {
            let accept = std::pin::pin!(self.accept_all(&permits, handle));
            let stopped = std::pin::pin!(stop.wait_for(|signals| *signals > 0));
            race(accept, stopped).await;
            // While this one still listens: a new server finds it in use, or no file.
            if let Some(file) = file {
                file.remove();
            }
        }
        let all = permits.acquire_many(u32::try_from(most).unwrap_or(u32::MAX));
        let again = stop.wait_for(|signals| *signals > 1);
        let _ = timeout(drain, race(std::pin::pin!(all), std::pin::pin!(again))).await;
        Ok(())
    }

    async fn accept_all<F>(self, permits: &Arc<Semaphore>, handle: impl Fn(Stream) -> F) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self {
            Self::Tcp(listener, _) => {
                let listener = TcpListener::from_std(listener)?;
                accept_each(&listener, permits, |stream| {
                    let _ = stream.set_nodelay(true);
                    handle(Box::new(stream))
                })
                .await;
            }
            Self::Socket(listener, _) | Self::Inherited(listener, _) => {
                let listener = UnixListener::from_std(listener)?;
                accept_each(&listener, permits, |stream| handle(Box::new(stream))).await;
            }
        }
        Ok(())
    }

    /// The same port or socket, for another thread that accepts.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(listener, address) => Self::Tcp(listener.try_clone()?, *address),
            Self::Socket(listener, file) => Self::Socket(listener.try_clone()?, file.clone()),
            Self::Inherited(listener, path) => Self::Inherited(listener.try_clone()?, path.clone()),
        })
    }
}

/// Opens a port, where nothing answers yet; its address has the port that the kernel chose.
pub fn bind_tcp(address: SocketAddr) -> io::Result<(SocketAddr, std::net::TcpListener)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok((listener.local_addr()?, listener))
}

/// Opens a socket that is born with this mode. One that a server left behind is replaced; one that answers is in use.
fn bind_socket(path: &Path, mode: u32) -> io::Result<std::os::unix::net::UnixListener> {
    if let Ok(there) = path.symlink_metadata() {
        if !there.file_type().is_socket() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it exists, and is not a socket"));
        }
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::remove_file(path)?;
    }
    // The mask is that of the process, which does nothing else yet.
    let before = rustix::process::umask(Mode::from_bits_truncate(0o777 & !mode));
    let bound = std::os::unix::net::UnixListener::bind(path);
    rustix::process::umask(before);
    let listener = bound?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl ListenAddress {
    /// What a client is given, as [`Listener`] shows it; of port 0 the kernel chooses one.
    pub fn url(&self) -> String {
        match self {
            Self::Tcp(address) => format!("http://{address}"),
            Self::Socket(path, _) => format!("unix:{}", path.display()),
        }
    }
}

impl std::fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Socket(path, _) => write!(f, "{}", path.display()),
        }
    }
}

impl std::fmt::Display for Listener {
    /// What a client is given: a URL, or `unix:` and the path.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(_, address) => write!(f, "http://{address}"),
            Self::Socket(_, SocketFile { path, .. }) | Self::Inherited(_, path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Ends a connection so that the client can read the response first.
pub async fn linger(mut reader: Reader<ReadHalf<Stream>>, mut writer: WriteHalf<Stream>) {
    let _ = writer.shutdown().await;
    let drain = async {
        while reader.fill().await.is_ok_and(|count| count > 0) {
            let count = reader.buffered().len();
            reader.consume(count);
        }
    };
    let _ = timeout(LINGER, drain).await;
}

/// What takes connections.
pub trait Accept {
    type Stream: Send + 'static;
    fn accept_one(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Accept for TcpListener {
    type Stream = TcpStream;
    async fn accept_one(&self) -> io::Result<TcpStream> {
        Ok(self.accept().await?.0)
    }
}

impl Accept for UnixListener {
    type Stream = UnixStream;
    async fn accept_one(&self) -> io::Result<UnixStream> {
        Ok(self.accept().await?.0)
    }
}

/// Handles each connection in a task of its own. While no permit is free, others wait in the kernel's queue.
pub async fn accept_each<A: Accept, F>(listener: &A, permits: &Arc<Semaphore>, handle: impl Fn(A::Stream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Ok(permit) = Arc::clone(permits).acquire_owned().await {
        match listener.accept_one().await {
            Ok(stream) => {
                let handled = handle(stream);
                tokio::spawn(async move {
                    handled.await;
                    drop(permit);
                });
            }
            // No file descriptor is free, or the connection ended while it waited: try the next one.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
