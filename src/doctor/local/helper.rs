//! Whether the helpers that were installed are whole.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let names = |state: &str| {
        let helpers = case.questions.helpers.iter().filter(|(_, is)| *is == state);
        helpers.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let (whole, partly) = (names("installed"), names("partly"));
    Some(if !partly.is_empty() {
        let first = partly.split(", ").next().unwrap_or_default();
        Verdict::warn(format!("installed in part: {partly}")).fixed_by(format!("hallpass helper install {first}"))
    } else if whole.is_empty() {
        Verdict::ok("no helper is installed")
    } else {
        Verdict::ok(format!("installed: {whole}"))
    })
}
