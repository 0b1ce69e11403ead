//! Why a sandbox does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::jose;

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the sandbox listens on loopback only, and {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}")]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error("cannot start the server")]
    Start(#[source] std::io::Error),
    #[error("no random numbers: {0}")]
    Entropy(String),
    #[error("cannot sign")]
    Key(#[source] jose::Fault),
    #[error("cannot make certificates: {0}")]
    Certificate(String),
    #[error("the directory {0:?} can't be part of PATH")]
    Path(PathBuf),
}
