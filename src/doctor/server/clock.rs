//! Whether the clocks of this machine and of the server agree. The `iat` of a new token outranks the `Date` of an answer,
//! which a proxy may have written.

use crate::doctor::case::Case;
use crate::doctor::client::mint;
use crate::doctor::finding::Verdict;
use crate::error::Finding;

/// How far clocks may differ without a word, in seconds.
const TOLERATED: u64 = 60;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    mint::mint(case);
    let fix = "set the clock of the one that is wrong: timedatectl status shows that of this machine";
    if let Some(Err(error)) = &case.minted
        && error.finding == Some(Finding::Clock)
    {
        return Some(Verdict::of_error(error).fixed_by(fix));
    }
    let Some(ahead) = case.ahead else {
        return Some(Verdict::ok("no answer says what time the server has"));
    };
    let seconds = ahead.seconds.unsigned_abs();
    let direction = if ahead.seconds < 0 { "behind" } else { "ahead of" };
    Some(if seconds <= TOLERATED {
        Verdict::ok("the clocks agree").because_of(format!("{seconds} s by {}", ahead.witness))
    } else {
        Verdict::warn(format!("the clock of this machine is {seconds} s {direction} the server's"))
            .because_of(ahead.witness)
            .fixed_by(fix)
    })
}
