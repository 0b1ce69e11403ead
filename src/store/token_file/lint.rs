//! Problems of a token file, and what other programs read differently.

use std::collections::HashMap;
use std::path::Path;

use crate::edges::Moment;
use crate::oauth::bearer::TOKEN_LIMIT;
use crate::store::Fault;
use crate::text::is_dangerous;

use super::entry::{Item, State, is_valid, parse_items, token_states};
use super::file::TokenFile;
use super::line::{BOM, Line, LineKind, split_lines};
use super::metadata::Metadata;
use super::open::{self, Opened};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `None` for the whole file.
    pub line: Option<usize>,
    pub problem: String,
}

impl TokenFile {
    /// The problems of the file at this path, its modes included, in the order of its lines.
    pub fn lint_file(path: &Path, now: Moment) -> Result<Vec<Problem>, Fault> {
        let opened = Opened::open(path)?;
        let whole = |problem| Problem { line: None, problem };
        let mut found: Vec<Problem> = open::collect_warnings(path, &opened.metadata).into_iter().map(whole).collect();
        found.extend(Self::from_text(opened.read_text(path)?).find_problems(now));
        Ok(found)
    }

    /// The problems of the content, in the order of its lines.
    pub fn find_problems(&self, now: Moment) -> Vec<Problem> {
        let whole = self.text.expose();
        let mut found = Vec::new();
        let mut report = |line: usize, problem: String| found.push(Problem { line: Some(line), problem });
        if whole.starts_with(BOM) {
            report(1, "starts with a byte order mark, which toolregistry-server reads as part of the line".to_owned());
        }
        check_lines(whole, &mut report);
        let states = token_states(whole, now);
        let mut seen = HashMap::new();
        for item in parse_items(whole) {
            check_token(&item, now, &mut report);
            if let Some((first, off)) = seen.get(item.token) {
                let how = if *off == item.off { "" } else { ", disabled on one of them, so it lets nobody in" };
                report(item.line.number, format!("the token of line {first} again{how}"));
            } else {
                seen.insert(item.token, (item.line.number, item.off));
            }
        }
        found.sort_by_key(|problem| problem.line);
        let nobody = match states.values().max_by_key(|state| **state == State::Live) {
            None => "no token: hallpass lets nobody in, but toolregistry-server lets everybody in",
            Some(State::Live) => return found,
            Some(_) => "no live token: it lets nobody in",
        };
        found.insert(0, Problem { line: None, problem: nobody.to_owned() });
        found
    }
}

fn check_lines(whole: &str, report: &mut impl FnMut(usize, String)) {
    let mut waiting: Vec<Line<'_>> = Vec::new();
    for line in split_lines(whole) {
        let end = &whole[line.start + line.text.len()..line.next];
        if !matches!(end, "" | "\n" | "\r\n") {
            let shown = end.escape_unicode();
            report(line.number, format!("{shown} ends a line for programs that read tokens, but not in every editor"));
        }
        let line = line.without_mark();
        match line.kind() {
            LineKind::Blank => {}
            LineKind::Metadata(_) => waiting.push(line),
            LineKind::Off(_) | LineKind::Token(_) => {
                waiting.pop();
                for line in waiting.drain(..) {
                    report(
                        line.number,
                        "more metadata for the same token below: the earliest expiry counts".to_owned(),
                    );
                }
            }
            LineKind::Comment => {
                let text = line.trimmed();
                if text == super::line::OFF {
                    report(line.number, "#hallpass-off: without a token".to_owned());
                } else if resembles_metadata(text) {
                    report(
                        line.number,
                        "looks like metadata, but is a comment: metadata begins with `#hallpass: `".to_owned(),
                    );
                }
            }
        }
    }
    for line in waiting {
        report(line.number, "metadata without a token below it".to_owned());
    }
}

/// Whether a comment may be meant as metadata.
fn resembles_metadata(comment: &str) -> bool {
    let word = comment.trim_start_matches(['#', ' ', '\t']).to_ascii_lowercase();
    let keys = ["label=", "added=", "expires=", "label =", "expires ="];
    word.starts_with("hallpass-off") || (word.starts_with("hallpass") && keys.iter().any(|key| word.contains(key)))
}

fn check_token(item: &Item<'_>, now: Moment, report: &mut impl FnMut(usize, String)) {
    let number = item.line.number;
    if !is_valid(item.token) {
        report(number, explain_invalid(item.token));
    }
    for above in &item.above {
        if let Err(flaw) = Metadata::read(above.metadata()) {
            report(above.number, format!("metadata that can't be read, so its token lets nobody in: {flaw}"));
        }
    }
    if item.state(now) == State::Expired {
        let problem = "has expired; toolregistry-server accepts it until it is removed: hallpass bearer prune FILE";
        report(number, problem.to_owned());
    }
}

fn explain_invalid(token: &str) -> String {
    let begins = |word: &str| token.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let odd = token.chars().find(|c| is_dangerous(*c) || (c.is_whitespace() && !matches!(c, ' ' | '\t')));
    let why = if token.len() > TOKEN_LIMIT && token.is_ascii() {
        "it is longer than 16 KiB".to_owned()
    } else if begins("authorization:") || begins("bearer ") || begins("bearer\t") {
        "only the token belongs here, without `Bearer`".to_owned()
    } else if token.contains(" #") || token.contains("\t#") {
        "a comment after a token is part of it".to_owned()
    } else if let Some(odd) = odd {
        format!("it contains {}", odd.escape_unicode())
    } else if token.contains([' ', '\t']) {
        "it contains a space".to_owned()
    } else if token.contains(',') {
        "it contains a comma: one token belongs on each line".to_owned()
    } else if token.contains(['"', '\'']) {
        "quotation marks are part of it".to_owned()
    } else {
        "it contains other characters than letters, digits and -._~+/= (RFC 6750 §2.1)".to_owned()
    };
    format!("can never match: {why}")
}
