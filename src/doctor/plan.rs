//! The order of the checks, and which of them can't be judged because of another.

use super::case::Case;
use super::check::Check;
use super::finding::{Finding, State, Verdict};
use super::remedy::{CORRECT_SETTING, LOOK_AT_LOG};
use super::{client, local, server, token};
use crate::text::escape_control;

/// Makes the checks in their order.
pub fn examine(case: &mut Case<'_>) -> Vec<Finding> {
    let parts: &[&[Check]] = if case.questions.offline {
        &[local::CHECKS]
    } else {
        &[local::CHECKS, server::CHECKS, client::CHECKS, token::CHECKS]
    };
    let mut findings: Vec<Finding> = Vec::new();
    let mut blocked: Vec<(&'static str, &'static str)> = Vec::new();
    let mut unanswered = None;
    for check in parts.iter().copied().flatten() {
        if !(check.is_asked)(case) {
            continue;
        }
        // What a check itself is blamed for keeps others from being judged, not this one.
        let keeps = |need: &&str| blocked.iter().find(|(id, cause)| id == need && *cause != check.id);
        let failed = check.needs.iter().find_map(keeps);
        let verdict = match failed {
            Some((_, failed)) => Some(Verdict::skip_for(failed)),
            // What hangs in one check must not be the end of the others.
            None => case.cx.in_half_of_time(|| (check.examine)(case)),
        };
        let Some(mut verdict) = verdict else { continue };
        if let Some((_, cause)) = blocked.iter().find(|(id, _)| verdict.cause == Some(*id)) {
            verdict = Verdict::skip_for(cause);
        }
        if verdict.state == State::Fail && verdict.is_unanswered {
            match unanswered {
                // A server that is silent here is silent there by the same cause.
                Some(earlier) => verdict = Verdict::skip_for(earlier),
                None => unanswered = Some(check.id),
            }
        }
        if verdict.state == State::Fail {
            let is_local = local::CHECKS.iter().any(|local| local.id == check.id);
            verdict = verdict.or_fixed_by(if is_local { CORRECT_SETTING } else { LOOK_AT_LOG });
        }
        let fails = (verdict.state == State::Fail).then_some(check.id);
        blocked.extend(verdict.cause.or(fails).map(|cause| (check.id, cause)));
        findings.push(verdict.under(check.id));
    }
    let secrets = case.cx.ui.secrets();
    for finding in &mut findings {
        let texts = [Some(&mut finding.what), finding.because.as_mut(), finding.fix.as_mut()];
        texts.into_iter().flatten().for_each(|text| *text = escape_control(&secrets.redact(text)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{client, local, server, token};

    #[test]
    fn each_check_needs_only_earlier_ones() {
        let mut known = HashSet::new();
        for check in [local::CHECKS, server::CHECKS, client::CHECKS, token::CHECKS].iter().copied().flatten() {
            let unknown: Vec<_> = check.needs.iter().filter(|need| !known.contains(*need)).collect();
            assert!(unknown.is_empty(), "{} needs {unknown:?}", check.id);
            assert!(known.insert(check.id), "{} is there twice", check.id);
        }
    }
}
