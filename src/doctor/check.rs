//! A check: what it is called, what it needs, how it looks.

use super::case::Case;
use super::finding::Verdict;

pub struct Check {
    pub id: &'static str,
    /// The checks without which this one can't be judged. They come earlier in the plan.
    pub needs: &'static [&'static str],
    /// Whether there is anything to judge: what was not asked for is not mentioned.
    pub is_asked: fn(&Case<'_>) -> bool,
    /// Looks; `None` where there is nothing to say after all.
    pub examine: fn(&mut Case<'_>) -> Option<Verdict>,
}

/// A check that is always made.
pub const fn always(
    id: &'static str,
    needs: &'static [&'static str],
    examine: fn(&mut Case<'_>) -> Option<Verdict>,
) -> Check {
    Check { id, needs, is_asked: |_| true, examine }
}

impl Check {
    /// The same, made only where there is something to judge.
    pub const fn only_if(self, is_asked: fn(&Case<'_>) -> bool) -> Self {
        Self { is_asked, ..self }
    }
}
