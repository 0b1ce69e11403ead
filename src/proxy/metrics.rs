//! What `/-/metrics` shows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::http::metrics::{Exposition, Histogram, Open};

#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<u16, u64>>,
    seconds: Histogram,
    pub connections: Open,
}

impl Metrics {
    pub fn count_request(&self, status: u16, took: Duration) {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
        self.seconds.observe(took);
    }

    pub fn render(&self) -> String {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let by_code = requests.into_iter().map(|(code, count)| (format!("code=\"{code}\""), count));
        let mut exposition = Exposition::default();
        exposition.counter("hallpass_proxy_requests_total", "Requests by the status of their response.", by_code);
        exposition.histogram(
            "hallpass_proxy_request_seconds",
            "How long requests took, bodies included.",
            &self.seconds,
        );
        let open = self.connections.count();
        exposition.gauge("hallpass_proxy_connections", "Connections of clients that are open.", open);
        exposition.into_text()
    }
}
