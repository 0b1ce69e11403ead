//! The sidecar for programs that can't renew a token: what they send goes to one origin, with a fresh token of the zone.
//!
//! A request goes on as it came but for the fields of its connection and its credential; its body and that of the
//! response stream, each as fast as its reader. No token, no request. What two parsers could read in two ways goes
//! nowhere, and neither does what a page in a browser sends.

mod admission;
mod client_body;
mod message;
mod metrics;
mod request;
mod response;
mod service;
mod signer;
mod token_supply;
mod upstream;

use std::sync::Arc;

use crate::http::Fault;
use crate::http::server::Listener;
use crate::output::LAST_LINES;

pub use service::{Options, Proxy};
pub use signer::RequestSigner;
pub use token_supply::{Obtain, TokenSupply};

/// Serves until it is stopped. The tokens are kept fresh meanwhile.
pub fn serve(proxy: Proxy, listener: Listener) -> Result<(), Fault> {
    let start = |error: std::io::Error| Fault::Start { why: error.to_string() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start)?;
    let (most, drain, stop) = (proxy.options.max_connections, proxy.options.drain, proxy.stop.clone());
    let (log, proxy) = (proxy.log.clone(), Arc::new(proxy));
    let served = runtime.block_on(async {
        tokio::spawn(Arc::clone(&proxy.tokens).keep_fresh());
        let upstream = Arc::clone(&proxy);
        tokio::spawn(async move { upstream.upstream.close_idle().await });
        listener.serve(most, stop, drain, |stream| request::serve_connection(Arc::clone(&proxy), stream)).await
    });
    // A token that is still being obtained, or a name that is looked up, is not waited for.
    runtime.shutdown_background();
    if let Some(log) = log {
        log.flush(LAST_LINES);
    }
    served.map_err(start)
}
