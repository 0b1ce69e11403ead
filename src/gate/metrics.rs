//! What `/-/metrics` shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::live::Status;
use crate::http::metrics::{Exposition, Histogram, Open};

#[derive(Debug, Default)]
pub struct Metrics {
    decisions: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    seconds: Histogram,
    pub connections: Open,
}

impl Metrics {
    pub fn count_decision(&self, decision: &'static str, how: &'static str, took: Duration) {
        *self.decisions.lock().unwrap_or_else(PoisonError::into_inner).entry((decision, how)).or_default() += 1;
        self.seconds.observe(took);
    }

    pub fn render(&self, evidences: &[Arc<dyn Status>], entries: usize) -> String {
        let decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let decisions = decisions
            .into_iter()
            .map(|((decision, how), count)| (format!("decision=\"{decision}\",how=\"{how}\""), count));
        let ages = evidences.iter().filter_map(|one| {
            let age = one.age()?.as_secs();
            Some((format!("how=\"{}\"", one.name()), age))
        });
        let mut exposition = Exposition::default();
        exposition.counter("hallpass_gate_decisions_total", "Decisions, and what they are based on.", decisions);
        exposition.histogram("hallpass_gate_decision_seconds", "How long decisions took.", &self.seconds);
        exposition.gauges("hallpass_gate_evidence_age_seconds", "How long ago it was read.", ages);
        exposition.gauge("hallpass_gate_connections", "Connections that are open.", self.connections.count());
        exposition.gauge(
            "hallpass_gate_cache_entries",
            "Credentials whose proof is remembered.",
            u64::try_from(entries).unwrap_or(u64::MAX),
        );
        exposition.into_text()
    }
}
