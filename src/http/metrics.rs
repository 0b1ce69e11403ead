//! Numbers of a server in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The media type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper bounds of a histogram of durations, in milliseconds.
const BOUNDS: [u64; 12] = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram {
    /// How many took no longer than each bound, but longer than the one before; behind them, all that took longer.
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    pub fn observe(&self, span: Duration) {
        let at = BOUNDS.iter().position(|bound| span <= Duration::from_millis(*bound)).unwrap_or(BOUNDS.len());
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Counts what is open.
#[derive(Debug, Default)]
pub struct Open(AtomicU64);

/// Counts as long as it lives.
pub struct OpenGuard<'a>(&'a AtomicU64);

impl Drop for OpenGuard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Open {
    pub fn enter(&self) -> OpenGuard<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenGuard(&self.0)
    }

    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Builds the text, one family of numbers after the other.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Each value with its labels, such as `code="200"`.
    pub fn counter(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (String, u64)>) {
        self.labelled(name, help, "counter", values);
    }

    pub fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.begin_family(name, help, "gauge");
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// As [`Exposition::counter`].
    pub fn gauges(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (String, u64)>) {
        self.labelled(name, help, "gauge", values);
    }

    fn labelled(&mut self, name: &str, help: &str, kind: &str, values: impl IntoIterator<Item = (String, u64)>) {
        self.begin_family(name, help, kind);
        for (labels, value) in values {
            let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
        }
    }

    pub fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.begin_family(name, help, "histogram");
        let mut total = 0;
        let bounds = BOUNDS.iter().map(|bound| seconds(bound * 1000)).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&histogram.counts) {
            total += count.load(Ordering::Relaxed);
            let _ = writeln!(self.0, "{name}_bucket{{le=\"{bound}\"}} {total}");
        }
        let _ = writeln!(self.0, "{name}_sum {}", seconds(histogram.micros.load(Ordering::Relaxed)));
        let _ = writeln!(self.0, "{name}_count {total}");
    }

    pub fn into_text(self) -> String {
        self.0
    }

    fn begin_family(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }
}

/// Microseconds as seconds, without zeros at the end.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exposition, Histogram};

    #[test]
    fn families_are_text_of_prometheus() {
        let histogram = Histogram::default();
        for millis in [1, 2, 2000, 20_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let mut exposition = Exposition::default();
        exposition.counter("r_total", "Requests.", [("code=\"200\"".to_owned(), 3)]);
        exposition.gauge("c", "Connections.", 2);
        exposition.histogram("s", "Seconds.", &histogram);
        let text = exposition.into_text();
        assert!(
            text.starts_with("# HELP r_total Requests.\n# TYPE r_total counter\nr_total{code=\"200\"} 3\n"),
            "{text}"
        );
        assert!(text.contains("# TYPE c gauge\nc 2\n"), "{text}");
        for line in [
            "s_bucket{le=\"0.001\"} 1",
            "s_bucket{le=\"0.005\"} 2",
            "s_bucket{le=\"1\"} 2",
            "s_bucket{le=\"2.5\"} 3",
            "s_bucket{le=\"10\"} 3",
            "s_bucket{le=\"+Inf\"} 4",
            "s_sum 22.003",
            "s_count 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
