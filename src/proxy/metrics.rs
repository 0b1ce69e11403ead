//! What `/-/metrics` shows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::http::metrics::{Exposition, Histogram};

#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<u16, u64>>,
    seconds: Histogram,
    connections: AtomicU64,
}

/// Counts a connection while it lives.
pub struct OpenConnection<'a>(&'a AtomicU64);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub fn open_connection(&self) -> OpenConnection<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(&self.connections)
    }

    pub fn count_request(&self, status: u16, took: Duration) {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
        self.seconds.observe(took);
    }

    pub fn render(&self) -> String {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let by_code = requests.into_iter().map(|(code, count)| (code.to_string(), count));
        let mut exposition = Exposition::default();
        exposition.counter(
            "hallpass_proxy_requests_total",
            "Requests by the status of their response.",
            "code",
            by_code,
        );
        exposition.histogram(
            "hallpass_proxy_request_seconds",
            "How long requests took, bodies included.",
            &self.seconds,
        );
        let open = self.connections.load(Ordering::Relaxed);
        exposition.gauge("hallpass_proxy_connections", "Connections of clients that are open.", open);
        exposition.into_text()
    }
}
