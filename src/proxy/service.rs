//! A running proxy: what every request of it uses.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::admission::Admission;
use super::metrics::Metrics;
use super::signer::RequestSigner;
use super::token_supply::TokenSupply;
use super::upstream::Upstream;
use crate::context::Context;
use crate::guard::PathRule;
use crate::http::Connector;
use crate::output::{LineQueue, Verbosity};
use crate::redaction::Secrets;

/// What the flags say.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is passed on; everything when there is none.
    pub allowed: Vec<PathRule>,
    /// The most bytes of a request's body.
    pub max_body: Option<u64>,
    /// Whether a request that is refused with 401 is repeated once with a newer token.
    pub retry_401: bool,
    pub metrics: bool,
    pub max_connections: usize,
    /// How long exchanges in flight may take to end.
    pub drain: Duration,
}

pub struct Proxy {
    pub(super) options: Options,
    pub(super) admission: Admission,
    pub(super) upstream: Upstream,
    pub(super) tokens: Arc<TokenSupply>,
    /// Of a zone whose tokens need a proof for each request.
    pub(super) signer: Option<RequestSigner>,
    pub(super) metrics: Metrics,
    pub(super) secrets: Arc<Secrets>,
    /// A line for each request, where it is wanted.
    pub(super) log: Option<Arc<LineQueue>>,
    pub(super) stop: watch::Receiver<u8>,
}

impl Proxy {
    /// `own_names` are what `Host` may say. `stop` counts the signals: at the first one the connections are drained, at the
    /// second they are cut.
    pub fn new(
        cx: &Context,
        options: Options,
        own_names: Vec<String>,
        connector: Connector,
        tokens: TokenSupply,
        signer: Option<RequestSigner>,
        stop: watch::Receiver<u8>,
    ) -> Self {
        let wants_log = cx.ui.verbosity() >= Verbosity::Steps;
        Self {
            admission: Admission::new(own_names, options.allowed.clone(), options.max_body),
            upstream: Upstream::new(connector),
            tokens: Arc::new(tokens),
            signer,
            metrics: Metrics::default(),
            secrets: cx.ui.secrets(),
            log: wants_log.then(|| LineQueue::start(cx.ui.sink(), Box::new(|lost| format!("{lost} lines were lost")))),
            stop,
            options,
        }
    }
}
