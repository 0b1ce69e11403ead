//! The breaker: after five commands in a row that ended in an outage, none is sent for a minute, then one asks again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::edges::Moment;

const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(60);
/// How long a probe is waited for. Its command may have been killed, so it is not for ever.
const LEASE: Duration = Duration::from_secs(45);

/// What is remembered about one token endpoint. Times are milliseconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probe_until: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Closed,
    /// Once and without retries: this command finds out whether the server is back. The state must be saved now.
    Probe,
    Open {
        until: Moment,
    },
}

impl Breaker {
    /// Reads the saved state; anything unreadable is a closed breaker.
    pub fn parse(text: &str) -> Self {
        // serde would also take an array for the struct.
        if !text.trim_start().starts_with('{') {
            return Self::default();
        }
        serde_json::from_str(text).unwrap_or_default()
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Asks for leave; records the probe when it gives that.
    pub fn admit(&mut self, now: Moment) -> Admission {
        if self.open_until.is_none() {
            return Admission::Closed;
        }
        if let Some(until) = self.open_until(now) {
            return Admission::Open { until };
        }
        self.probe_until = Some(now.plus(LEASE).millis());
        Admission::Probe
    }

    /// A command ended with an answer of a working server, be it a refusal.
    pub fn record_success(&mut self) {
        *self = Self::default();
    }

    /// A command ended in an outage: network, 429, 5xx.
    pub fn record_failure(&mut self, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.open_until = Some(now.plus(PAUSE).millis());
            self.probe_until = None;
        }
    }

    /// Until when a command is refused: the end of the pause, or of the wait for a probe that is under way.
    pub fn open_until(&self, now: Moment) -> Option<Moment> {
        let paused = self.open_until.map(Moment::from_millis).filter(|until| is_pending(*until, now, PAUSE));
        let probed = self.probe_until.map(Moment::from_millis).filter(|until| is_pending(*until, now, LEASE));
        paused.or(probed)
    }
}

/// Whether `until` is still to come. A moment further away than it can have been set is the trace of a stepped clock.
fn is_pending(until: Moment, now: Moment, span: Duration) -> bool {
    now < until && until.since(now) <= span
}

#[cfg(test)]
mod tests {
    use super::{Admission, Breaker};
    use crate::edges::Moment;

    fn at(seconds: i64) -> Moment {
        Moment::from_epoch(1_000_000 + seconds)
    }

    fn open() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            assert_eq!(breaker.admit(at(0)), Admission::Closed);
            breaker.record_failure(at(0));
        }
        breaker
    }

    #[test]
    fn five_in_row_open_it() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.record_failure(at(0));
        }
        breaker.record_success();
        for _ in 0..4 {
            breaker.record_failure(at(0));
        }
        assert_eq!((breaker.admit(at(0)), breaker.open_until(at(0))), (Admission::Closed, None));
        breaker.record_failure(at(1));
        assert_eq!((breaker.open_until(at(1)), breaker.open_until(at(61))), (Some(at(61)), None));
        assert_eq!(breaker.admit(at(60)), Admission::Open { until: at(61) });
    }

    #[test]
    fn one_probe_and_only_one() {
        let mut breaker = open();
        assert_eq!(breaker.admit(at(60)), Admission::Probe);
        assert_eq!(breaker.admit(at(61)), Admission::Open { until: at(105) });
        assert_eq!(breaker.open_until(at(61)), Some(at(105)), "it is shown as open while the probe is under way");
        breaker.record_success();
        assert_eq!(breaker.admit(at(62)), Admission::Closed);
    }

    #[test]
    fn failed_probe_opens_it_again_at_once() {
        let mut breaker = open();
        assert_eq!(breaker.admit(at(60)), Admission::Probe);
        breaker.record_failure(at(63));
        assert_eq!(breaker.admit(at(64)), Admission::Open { until: at(123) });
        assert_eq!(breaker.admit(at(123)), Admission::Probe);
    }

    #[test]
    fn killed_probe_blocks_nobody_for_ever() {
        let mut breaker = open();
        assert_eq!(breaker.admit(at(60)), Admission::Probe);
        assert_eq!(breaker.admit(at(105)), Admission::Probe);
    }

    #[test]
    fn clock_that_stepped_back_opens_nothing_for_ever() {
        let mut breaker = open();
        assert_eq!(breaker.admit(at(-86_400)), Admission::Probe);
    }

    #[test]
    fn state_reads_back_and_rubbish_is_closed() {
        let mut breaker = open();
        breaker.admit(at(60));
        assert_eq!(Breaker::parse(&breaker.to_json()), breaker);
        for rubbish in ["", "{", "null", "[1]", r#"{"failures":-1}"#, r#"{"open_until":"x"}"#, "{}"] {
            assert_eq!(Breaker::parse(rubbish), Breaker::default(), "{rubbish}");
        }
    }
}
