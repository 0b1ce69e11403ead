//! Spans of time as a person says them.

use std::time::Duration;

/// In whole units, rounded down: `45 s`, `4 min`, `3 h`, `12 days`.
pub fn describe_span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::describe_span;

    #[test]
    fn span_has_one_unit() {
        for (seconds, said) in [(0, "0 s"), (119, "119 s"), (299, "4 min"), (7200, "2 h"), (172_800, "2 days")] {
            assert_eq!(describe_span(Duration::from_secs(seconds)), said);
        }
    }
}
