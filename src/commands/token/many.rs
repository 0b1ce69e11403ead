//! `hallpass token --many`: one process and its connections for hundreds of tokens.
//!
//! A thread reads lines, others obtain a token for each, and this one prints the answers in the order of the lines. A line
//! is read only while few are on their way, so the memory does not grow with the input.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::commands::Outcome;
use crate::commands::request::{ParameterFlags, TokenFlags, parse_resource, parse_scopes, split_scopes};
use crate::config::Origin;
use crate::context::Context;
use crate::error::examination::Examination;
use crate::error::{self, Error, internal};
use crate::flows::token::single_flight::TokenResult;
use crate::output::json_line;

use super::answer::Answer;

/// The longest line.
const LINE_LIMIT: u64 = 64 * 1024;
/// How many lines are on their way for each job.
const LINES_PER_JOB: usize = 32;

/// One or more tokens, a line each.
#[derive(Debug, Clone, clap::Args)]
pub struct ManyFlags {
    /// Read a JSON object per line ("zone", "scope", "audience", "resource", "id") and print one per token; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_ONE)]
    pub many: Option<std::path::PathBuf>,
    /// How many tokens are requested at once
    #[arg(long, value_name = "N", requires = "many", default_value = "8", value_parser = parse_jobs)]
    jobs: usize,
}

impl Default for ManyFlags {
    fn default() -> Self {
        Self { many: None, jobs: 8 }
    }
}

/// Flags of a call for one token.
const OF_ONE: [&str; 10] = [
    "scope",
    "audience",
    "resource",
    "grant",
    "assertion_from",
    "subject_token_from",
    "explain",
    "id_token",
    "name",
    "output",
];

fn parse_jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| (1..=64).contains(jobs)).ok_or_else(|| "expected 1 to 64".to_owned())
}

/// What a line asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    zone: Option<String>,
    #[serde(default)]
    scope: Strings,
    #[serde(default)]
    audience: Strings,
    #[serde(default)]
    resource: Strings,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
}

/// What a line is called, whatever else it holds.
#[derive(Deserialize)]
struct Id {
    id: Option<Value>,
}

/// A string or a list of strings.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
enum Strings {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Strings {
    fn read(self, check: impl Fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
        let all = match self {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        };
        all.iter().map(|one| check(one)).collect()
    }
}

/// A line, or why it can't be one.
type Line = Result<String, &'static str>;

/// A line by its number from 0.
type NumberedLine = (usize, Line);

/// The answer to a line, and the exit code of its failure.
type NumberedAnswer = (usize, String, u8);

/// Answers each line; the first failure's code is that of the command.
pub fn answer_lines(cx: &Context, flags: &ManyFlags, path: &Path, token_flags: &TokenFlags) -> Result<Outcome, Error> {
    if cx.is_dry() {
        return Err(error::usage::conflict("--dry-run", "--many"));
    }
    if cx.options.format_given && cx.ui.format().is_for_tokens() {
        return Err(error::usage::conflict(&format!("--format {}", cx.ui.format().name), "--many"));
    }
    let input = open_input(cx, path)?;
    let window = flags.jobs * LINES_PER_JOB;
    let (permits, permitted) = mpsc::channel();
    for _ in 0..window {
        let _ = permits.send(());
    }
    let lines = Arc::new(Mutex::new(read_lines(input, permitted)?));
    let (answers, answered) = mpsc::channel();
    for _ in 0..flags.jobs {
        start_worker(cx, token_flags, &lines, &answers)?;
    }
    drop(answers);
    print_in_order(cx, &answered, &permits)
}

fn open_input(cx: &Context, path: &Path) -> Result<Box<dyn Read + Send>, Error> {
    if path == Path::new("-") {
        return Ok(cx.ui.with_streams(|streams| std::mem::replace(&mut streams.stdin, Box::new(io::empty()))));
    }
    let file = File::open(path).map_err(|cause| error::token::unreadable_lines(path, &cause))?;
    Ok(Box::new(file))
}

/// Reads lines on a thread of its own, one for each permit.
fn read_lines(input: Box<dyn Read + Send>, permitted: Receiver<()>) -> Result<Receiver<NumberedLine>, Error> {
    let (lines, read) = mpsc::channel();
    let work = move || {
        let mut input = BufReader::new(input);
        let mut number = 0;
        while permitted.recv().is_ok() {
            let line = loop {
                match read_line(&mut input) {
                    Ok(Some(Ok(line))) if line.trim().is_empty() => {}
                    Ok(Some(line)) => break line,
                    Ok(None) => return,
                    Err(_) => {
                        // An input that breaks off must not look like one that ends.
                        let _ = lines.send((number, Err("the input can't be read any further")));
                        return;
                    }
                }
            };
            if lines.send((number, line)).is_err() {
                return;
            }
            number += 1;
        }
    };
    std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
    Ok(read)
}

fn read_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    if input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let whole = bytes.ends_with(b"\n") || bytes.len() as u64 != LINE_LIMIT;
    let mut rest = Vec::new();
    while !whole && input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut rest)? != 0 && !rest.ends_with(b"\n") {
        rest.clear();
    }
    let line = String::from_utf8(bytes).map_err(|_| "it is not UTF-8");
    Ok(Some(if whole { line } else { Err("it is too long") }))
}

fn start_worker(
    cx: &Context,
    flags: &TokenFlags,
    lines: &Arc<Mutex<Receiver<NumberedLine>>>,
    answers: &Sender<NumberedAnswer>,
) -> Result<(), Error> {
    let (cx, flags, lines, answers) = (cx.for_thread(), flags.clone(), Arc::clone(lines), answers.clone());
    let next = move || lines.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let work = move || {
        while let Ok((number, line)) = next() {
            // Each line has the time of a command, unless a deadline was set for all of them.
            cx.begin_task();
            let (answer, code) = answer_line(&cx, &flags, line);
            if answers.send((number, json_line(&answer), code)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(work).map(drop).map_err(|cause| internal::io(&cause))
}

fn answer_line(cx: &Context, flags: &TokenFlags, line: Line) -> (Value, u8) {
    let mut answer = Map::new();
    let wanted = line.map_err(str::to_owned).and_then(|line| {
        // An answer is found by its id, also that of a line whose other members can't be used.
        let id = serde_json::from_str::<Id>(&line).ok().and_then(|line| line.id);
        answer.extend(id.map(|id| ("id".to_owned(), id)));
        read_wanted(&line)
    });
    let result = wanted.map_err(|reason| error::token::unusable_line(&reason));
    let result = result.and_then(|wanted| obtain_token(cx, flags, wanted));
    match result {
        Ok(obtained) => {
            let token = Answer::new(obtained, None, String::new(), cx.clock.now());
            if let Ok(Value::Object(members)) = serde_json::to_value(token) {
                answer.extend(members);
            }
            (answer.into(), 0)
        }
        Err(error) => {
            let code = error.exit;
            answer.insert("error".to_owned(), error.redact(&cx.ui.secrets()).json()["error"].take());
            (answer.into(), code)
        }
    }
}

fn read_wanted(line: &str) -> Result<Wanted, String> {
    if !line.trim_start().starts_with('{') {
        return Err("it is not a JSON object".to_owned());
    }
    serde_json::from_str(line).map_err(|error| error.to_string())
}

fn obtain_token(cx: &Context, flags: &TokenFlags, wanted: Wanted) -> Result<TokenResult, Error> {
    let unusable = |reason: String| error::token::unusable_line(&reason);
    let scope = wanted.scope.read(parse_scopes).map_err(unusable)?;
    let audience = wanted.audience.read(|one| Ok(one.to_owned())).map_err(unusable)?;
    let resource = wanted.resource.read(parse_resource).map_err(unusable)?;
    let parameters = ParameterFlags { param: flags.parameters.param.clone(), scope, audience, resource };
    let flags = TokenFlags { parameters, ..flags.clone() };
    let result = match wanted.zone {
        Some(name) => flags.obtain_from(cx, &cx.zone_named(&name, Origin::Flag)?.zone),
        None => flags.obtain_token(cx),
    };
    result.map_err(|error| {
        let ParameterFlags { scope, audience, .. } = flags.parameters;
        let (zone, scopes) = (error.zone.as_deref().cloned(), split_scopes(&scope));
        error.or_examine(&Examination { zone, scopes, audiences: audience, ..Examination::default() })
    })
}

/// Prints the answers in the order of their lines, and permits another line for each.
fn print_in_order(cx: &Context, answered: &Receiver<NumberedAnswer>, permits: &Sender<()>) -> Result<Outcome, Error> {
    let mut waiting = BTreeMap::new();
    let (mut next, mut first_failure) = (0, 0);
    while let Ok((number, answer, code)) = answered.recv() {
        waiting.insert(number, (answer, code));
        let mut text = String::new();
        while let Some((answer, code)) = waiting.remove(&next) {
            text.push_str(&answer);
            text.push('\n');
            first_failure = if first_failure == 0 { code } else { first_failure };
            next += 1;
            // Nobody takes it when the input has ended.
            let _ = permits.send(());
        }
        cx.ui.print(&text).map_err(|error| Error::writing(&error))?;
    }
    Ok(Outcome::Exit(first_failure))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::{LINE_LIMIT, read_line};

    #[test]
    fn line_that_is_too_long_is_skipped_whole() {
        let limit = usize::try_from(LINE_LIMIT).unwrap();
        let text = format!("a\n{}\nb\n{}\n\nc", "x".repeat(3 * limit), "y".repeat(limit - 1));
        let mut input = BufReader::new(text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut input).unwrap() {
            lines.push(line.ok().map(|line| line.trim_end().len()));
        }
        assert_eq!(lines, [Some(1), None, Some(1), Some(limit - 1), Some(0), Some(1)]);
        let mut input = BufReader::new(&b"\xff\nb"[..]);
        assert_eq!(
            (read_line(&mut input).unwrap(), read_line(&mut input).unwrap()),
            (Some(Err("it is not UTF-8")), Some(Ok("b".into())))
        );
    }
}
