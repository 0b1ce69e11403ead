//! The retry table: what may be sent again, how often, and after what pause. Pure.

use std::time::Duration;

use super::fault::Fault;
use crate::edges::{Entropy, Moment};
use crate::oauth::message::{Replay, Response};

pub const TRIES: u32 = 3;
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// How a try ended: the columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    NotSent,
    /// Sent, at least in part, and no answer came.
    NoAnswer,
    /// 429 or 503: the server says that it did not handle it.
    Busy,
    Broken,
    /// Anything else: an answer, or a fault that stays.
    Settled,
}

impl Outcome {
    pub fn of(result: &Result<Response, Fault>) -> Self {
        match result {
            Ok(answer) => match answer.status {
                429 | 503 => Self::Busy,
                500..=599 => Self::Broken,
                _ => Self::Settled,
            },
            Err(fault) if fault.not_sent() => Self::NotSent,
            Err(Fault::Silent { .. } | Fault::Deadline { .. } | Fault::Cut { .. }) => Self::NoAnswer,
            Err(_) => Self::Settled,
        }
    }
}

/// Whether to try again, after `tries` tries of which `sent` were sent (this one included in both).
pub fn may_retry(replay: Replay, outcome: Outcome, tries: u32, sent: u32) -> bool {
    let allowed = match outcome {
        Outcome::Settled => false,
        Outcome::NotSent => true,
        Outcome::Busy => replay != Replay::Single,
        Outcome::NoAnswer | Outcome::Broken => replay == Replay::Safe || (replay == Replay::RetryOnce && sent < 2),
    };
    allowed && tries < TRIES
}

/// The pause before the next try: what the server asks for and up to a second more, else full jitter of 0.2 s to 5 s.
pub fn draw_pause(tries: u32, requested: Option<Duration>, entropy: &dyn Entropy) -> Duration {
    let mut random = [0xff; 4];
    // Without random numbers the longest pause is the polite one.
    let _ = entropy.fill(&mut random);
    let part = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
    if let Some(requested) = requested {
        return requested.saturating_add(Duration::from_secs(1).mul_f64(part));
    }
    let ceiling = if tries <= 1 { Duration::from_secs(1) } else { LONGEST };
    SHORTEST + ceiling.saturating_sub(SHORTEST).mul_f64(part)
}

/// What Retry-After wishes: seconds or an HTTP date (RFC 9110 §10.2.3). `None` when it is absent or unreadable.
pub fn retry_after(answer: &Response, now: Moment) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    Moment::parse_http(text).map(|date| date.since(now))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Outcome::{Broken, Busy, NoAnswer, NotSent, Settled};
    use super::{draw_pause, may_retry, retry_after};
    use crate::edges::{Entropy, Moment};
    use crate::oauth::message::{Replay, Response};

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn table() {
        // Tries in all when every one of them ends like this.
        for (replay, row) in [
            (Replay::Safe, [3, 3, 3, 3]),
            (Replay::RetryOnce, [3, 2, 3, 2]),
            (Replay::Input, [3, 1, 3, 1]),
            (Replay::Transaction, [3, 1, 3, 1]),
            (Replay::Single, [3, 1, 1, 1]),
        ] {
            for (outcome, expected) in [NotSent, NoAnswer, Busy, Broken].into_iter().zip(row) {
                let sent = |tries| if outcome == NotSent { 0 } else { tries };
                let tries = (1..=9).find(|&tries| !may_retry(replay, outcome, tries, sent(tries))).unwrap();
                assert_eq!(tries, expected, "{replay:?} {outcome:?}");
            }
            assert!(!may_retry(replay, Settled, 1, 1));
        }
    }

    #[test]
    fn once_more_counts_what_was_sent() {
        assert!(may_retry(Replay::RetryOnce, NoAnswer, 2, 1));
        assert!(!may_retry(Replay::RetryOnce, NoAnswer, 2, 2));
    }

    #[test]
    fn pause_has_bounds() {
        let ms = Duration::from_millis;
        assert_eq!((draw_pause(1, None, &Fixed(0)), draw_pause(1, None, &Fixed(255))), (ms(200), ms(1000)));
        assert_eq!((draw_pause(2, None, &Fixed(0)), draw_pause(2, None, &Fixed(255))), (ms(200), ms(5000)));
        let requested = Some(Duration::from_secs(7));
        assert_eq!((draw_pause(1, requested, &Fixed(0)), draw_pause(1, requested, &Fixed(255))), (ms(7000), ms(8000)));
    }

    #[test]
    fn retry_after_is_seconds_or_date() {
        let now = Moment::parse_http("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |value: &str| {
            let headers = vec![("retry-after".to_owned(), value.to_owned())];
            retry_after(&Response { status: 503, headers, body: Vec::new(), url: String::new() }, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("99999999999999999999"), Some(Duration::from_secs(u64::MAX)));
        for bad in ["", "soon", "-5", "1.5"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
