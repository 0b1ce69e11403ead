//! The time that a command has for the engine.

use std::time::{Duration, Instant};

/// How long a command waits for the engine in all, however many of its threads ask.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// What is answered as quickly as this costs nothing: a command may look thousands of tokens up.
const QUICK: Duration = Duration::from_millis(50);

/// What is used of it.
#[derive(Debug, Default)]
pub struct Budget {
    /// How long at least one thread waited for an answer that was not quick.
    waited: Duration,
    /// Up to when that is counted.
    counted: Option<Instant>,
    /// When those that wait now began.
    waiting: Vec<Instant>,
}

impl Budget {
    /// What is left at this moment.
    pub fn left(&self, now: Instant) -> Duration {
        PATIENCE.saturating_sub(self.waited + self.uncounted(now))
    }

    pub fn is_waited_on(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub fn begin(&mut self, now: Instant) {
        self.waiting.push(now);
    }

    pub fn end(&mut self, began: Instant, now: Instant) {
        if now.saturating_duration_since(began) > QUICK {
            (self.waited, self.counted) = (self.waited + self.uncounted(now), Some(now));
        }
        if let Some(at) = self.waiting.iter().position(|one| *one == began) {
            self.waiting.swap_remove(at);
        }
    }

    /// How long somebody has waited that is not counted yet.
    fn uncounted(&self, now: Instant) -> Duration {
        let oldest = self.waiting.iter().min().filter(|began| now.saturating_duration_since(**began) > QUICK);
        let from = oldest.map(|began| self.counted.map_or(*began, |counted| counted.max(*began)));
        from.map(|from| now.saturating_duration_since(from)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Budget, PATIENCE, QUICK};

    #[test]
    fn quick_answers_cost_nothing_and_threads_wait_together() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        let at = |millis: u64| start + Duration::from_millis(millis);
        for number in 0..1000 {
            budget.begin(at(number));
            budget.end(at(number), at(number) + QUICK);
        }
        assert_eq!(budget.left(at(2000)), PATIENCE);
        for began in [3000, 3050, 3100] {
            budget.begin(at(began));
        }
        assert!(budget.is_waited_on());
        assert_eq!(budget.left(at(3110)).as_millis(), 890);
        budget.end(at(3050), at(3250));
        assert_eq!(budget.left(at(3250)).as_millis(), 750);
        budget.end(at(3000), at(3400));
        budget.end(at(3100), at(3500));
        assert!(!budget.is_waited_on());
        assert_eq!(budget.left(at(9000)).as_millis(), 500);
    }

    #[test]
    fn nothing_is_left_after_a_second() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        budget.begin(start);
        assert_eq!(budget.left(start + PATIENCE), Duration::ZERO);
        budget.end(start, start + PATIENCE * 2);
        assert_eq!(budget.left(start + PATIENCE * 2), Duration::ZERO);
    }
}
