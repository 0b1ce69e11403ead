//! The order of the checks, and which of them can't be judged because of another.

use super::case::Case;
use super::check::Check;
use super::finding::{Finding, State, Verdict};
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
    for check in parts.iter().copied().flatten() {
        if !(check.is_asked)(case) {
            continue;
        }
        let failed = check.needs.iter().find_map(|need| blocked.iter().find(|(id, _)| id == need));
        let verdict = match failed {
            Some((_, failed)) => Some(Verdict::skip_for(failed)),
            None => (check.examine)(case),
        };
        let Some(mut verdict) = verdict else { continue };
        if let Some((_, cause)) = blocked.iter().find(|(id, _)| verdict.cause == Some(*id)) {
            verdict = Verdict::skip_for(cause);
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
