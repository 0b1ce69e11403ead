//! Time: the wall clock as an edge, moments on it, spans of it, and the deadline of a command.

use std::time::{Duration, Instant, SystemTime};

/// The wall clock, and the wait.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
    /// Waits; a test's clock only moves its hands.
    fn sleep(&self, span: Duration);
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that the ban points to")]
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX).min(Moment::LAST.0))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the edge that the ban points to")]
    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}

/// The last second of the year 9999.
const LATEST_SECOND: i64 = 253_402_300_799;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, never later than the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// Late on 9999-12-30: RFC 3339 has four digits for a year, and the last day of it is not the same everywhere.
    pub const LAST: Self = Self(253_402_207_200_000);
    const FIRST: Self = Self(0);

    /// From whole seconds since the epoch (a JWT's `NumericDate`), clamped to 1970–9999.
    pub fn from_epoch(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000).clamp(Self::FIRST.0, Self::LAST.0))
    }

    /// From milliseconds since the epoch, clamped to 1970–9999.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::FIRST.0, Self::LAST.0))
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn epoch(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// That much later, at most the year 9999.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis).min(Self::LAST.0))
    }

    /// That much earlier, at the least 1970.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis).max(Self::FIRST.0))
    }

    /// How long it is from `earlier` to here; zero when it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC with whole seconds: `2026-11-22T10:00:00Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.epoch()).map(|stamp| stamp.to_string()).unwrap_or_default()
    }

    /// Reads RFC 3339 or epoch seconds.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(seconds) = text.parse::<i64>() {
            // Beyond the year 9999 these are milliseconds, most likely.
            return (0..=LATEST_SECOND).contains(&seconds).then(|| Self::from_epoch(seconds));
        }
        let stamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self::from_millis(stamp.as_millisecond()))
    }

    /// Reads an HTTP date (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn parse_http(text: &str) -> Option<Self> {
        let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Self::from_epoch(zoned.timestamp().as_second()))
    }
}

/// Reads a span: digits and one of `s m h d` (`90s 15m 24h 30d`); `ms` for tests and latencies.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "expected a span such as 90s, 15m, 24h or 30d".to_owned())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)),
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        "d" => number.checked_mul(86_400),
        _ => return Err("expected a span such as 90s, 15m, 24h or 30d".to_owned()),
    };
    seconds.map(Duration::from_secs).ok_or_else(|| "this span is too long".to_owned())
}

/// When a command must have ended: connects, retries and lock waits included. Monotonic, so a stepped clock moves it
/// not.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// That far from now.
    pub fn after(span: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(span).unwrap_or(now + Duration::from_secs(86_400 * 365)))
    }

    /// The same, but that far from now where it is sooner or has passed.
    #[must_use]
    pub fn at_least(self, span: Duration) -> Self {
        Self(self.0.max(Self::after(span).0))
    }

    /// What is left; `None` when it has passed.
    pub fn remaining(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Moment, parse_span};

    #[test]
    fn moment_reads_what_it_prints() {
        let moment = Moment::from_epoch(1_795_341_600);
        assert_eq!(moment.rfc3339(), "2026-11-22T10:00:00Z");
        assert_eq!(Moment::parse("2026-11-22T10:00:00Z"), Some(moment));
        assert_eq!(Moment::parse("1795341600"), Some(moment));
        assert_eq!(Moment::parse("2026-11-22T12:00:00+02:00"), Some(moment));
        assert_eq!(Moment::parse("yesterday"), None);
    }

    #[test]
    fn far_future_is_clamped() {
        assert_eq!(Moment::from_epoch(i64::MAX).rfc3339(), "9999-12-30T22:00:00Z");
        assert_eq!(Moment::from_epoch(i64::MIN), Moment::from_epoch(0));
        assert_eq!(Moment::from_epoch(5).plus(Duration::MAX), Moment::LAST);
    }

    #[test]
    fn http_date_is_read() {
        assert_eq!(Moment::parse_http("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Moment::from_epoch(784_111_777)));
    }

    #[test]
    fn spans() {
        assert_eq!(parse_span("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(parse_span("30d"), Ok(Duration::from_secs(2_592_000)));
        assert_eq!(parse_span("250ms"), Ok(Duration::from_millis(250)));
        for bad in ["", "5", "m", "-5s", "1.5h", "5 s", "99999999999999999999s", "18446744073709551615d"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }
}
