//! What was found, as Markdown for a ticket: without the names of hosts, clients, realms and users.

use crate::doctor::{Finding, Pseudonyms, Server, State};
use crate::text::escape_control;

/// The report. What servers say is in code spans, where Markdown means nothing.
pub fn write(
    issuer: Option<&str>,
    server: Option<&Server>,
    verdict: &str,
    findings: &[Finding],
    mut names: Pseudonyms,
) -> String {
    let texts = |finding: &Finding| [Some(finding.what.clone()), finding.because.clone(), finding.fix.clone()];
    findings.iter().flat_map(texts).flatten().for_each(|text| names.learn_text(&text));
    let code = |text: &str| format!("`{}`", escape_control(&names.replace(text)).replace('`', "'"));
    let end = if findings.iter().any(|finding| finding.state == State::Fail) { "failed" } else { "passed" };
    let server = server.map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let mut lines = vec![
        format!("# hallpass doctor: {end}"),
        String::new(),
        format!("- Verdict: {}", code(verdict)),
        format!("- Issuer: {}", code(issuer.unwrap_or("unknown"))),
        format!("- Server: {server}"),
        format!("- hallpass {} ({} {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        String::new(),
        "## Findings".to_owned(),
        String::new(),
    ];
    for Finding { id, state, what, because, fix } in findings {
        lines.push(format!("- **{}** {id}: {}", state.word(), code(what)));
        lines.extend(because.iter().map(|text| format!("  - Because: {}", code(text))));
        lines.extend(fix.iter().map(|text| format!("  - Fix: {}", code(text))));
    }
    lines.join("\n") + "\n"
}
