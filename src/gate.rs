//! The guard in front of any service: a proxy asks whether a request may pass, and gets who it is.
//!
//! Each question has the credential of the original request and what the proxy says of that request. What proves a
//! credential is remembered for a moment, and never beyond what proves it. Nothing is let in because something failed.

mod answer;
mod compact;
mod credential;
mod decisions;
mod evaluator;
mod live;
mod log;
mod methods;
mod metrics;
mod notify;
mod original_request;
mod packed_strings;
mod profile;
mod query;
mod question;
mod reloads;
mod replicas;
mod service;
mod signing_key;
mod token_review;

use std::sync::Arc;

use crate::http::Fault;
use crate::http::server::Listener;

pub use credential::Accepted;
pub use decisions::NO;
pub use evaluator::{ASKING, Ask, Evaluator, PATIENCE};
pub use live::{Live, LiveSource, Read, Status};
pub use log::Log;
pub use methods::{Method, Methods};
pub use metrics::Metrics;
pub use notify::Notifier;
pub use profile::Profile;
pub use reloads::Reloads;
pub use replicas::Replicas;
pub use service::{Gate, Options};
pub use signing_key::SigningKey;

/// Serves until it is stopped, on as many threads as there are workers, all of which accept from the one listener.
pub fn serve(gate: Gate, listener: Listener) -> Result<(), Fault> {
    let workers = gate.options.workers.max(1);
    let start = |error: std::io::Error| Fault::Start { why: error.to_string() };
    let gate = Arc::new(gate);
    let mut others = Vec::new();
    for number in 1..workers {
        let (gate, listener) = (Arc::clone(&gate), listener.try_clone().map_err(start)?);
        let work = move || run_worker(&gate, listener, number);
        others.push(std::thread::Builder::new().spawn(work).map_err(start)?);
    }
    if let Some(notifier) = &gate.notifier {
        notifier.send("READY=1");
    }
    let served = run_worker(&gate, listener, 0);
    for other in others {
        let _ = other.join();
    }
    served.map_err(start)
}

fn run_worker(gate: &Arc<Gate>, listener: Listener, number: usize) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (most, workers) = (gate.options.max_connections, gate.options.workers.max(1));
    let share = (most / workers + usize::from(number < most % workers)).max(1);
    let served = runtime.block_on(async {
        let notifier = gate.notifier.clone().filter(|_| number == 0);
        let stop = gate.stop.clone();
        let alive = notifier.map(|notifier| tokio::spawn(async move { notifier.keep_alive(stop).await }));
        let handle = |stream| service::serve_connection(Arc::clone(gate), stream);
        let served = listener.serve(share, gate.stop.clone(), gate.options.drain, handle).await;
        // The end is reported even where there was nothing to drain.
        if let Some(alive) = alive.filter(|_| *gate.stop.borrow() > 0) {
            let _ = alive.await;
        }
        served
    });
    runtime.shutdown_background();
    served
}
