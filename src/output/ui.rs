//! The two streams out, and who may use them for what.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::edges::{Environment, Streams, Waiting};
use crate::error::Error;
use crate::redaction::Secrets;
use crate::text::{escape_control, sanitize};

use super::color::{Style, uses_color};
use super::format::Format;
use super::json;
use super::layout::Screen;
use super::qr;
use super::spinner::{Spinner, Stderr, locked};
use super::view::Render;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    Quiet,
    Normal,
    Steps,
    Wire,
}

/// The width of a terminal that does not know its own.
const USUAL_WIDTH: usize = 80;

pub struct Ui {
    streams: RefCell<Streams>,
    stderr: Arc<Mutex<Stderr>>,
    secrets: Arc<Secrets>,
    /// With `--json`: the warnings that the answer or the error will have.
    warnings: RefCell<Vec<String>>,
    waiting: Waiting,
    format: &'static Format,
    verbosity: Verbosity,
    /// Whether stderr is coloured.
    color: bool,
    screen: Screen,
}

impl Ui {
    /// `width` is that of the terminal, where known.
    pub fn new(mut streams: Streams, format: &'static Format, verbosity: Verbosity, width: Option<u16>) -> Self {
        let stderr = std::mem::replace(&mut streams.stderr, Box::new(io::sink()));
        let stderr = Stderr::new(stderr);
        let screen = Screen { columns: width.map(usize::from), color: false };
        let (secrets, streams, warnings) = (Arc::default(), RefCell::new(streams), RefCell::default());
        let waiting = Waiting::default();
        Self { streams, stderr, secrets, warnings, waiting, format, verbosity, color: false, screen }
    }

    /// In colour where `--color` or the environment wants it. An answer is coloured on a terminal alone: what a pipe gets
    /// is for programs.
    #[must_use]
    pub fn with_color(mut self, asked: Option<bool>, environment: &Environment) -> Self {
        self.color = uses_color(asked, environment, self.stderr_terminal());
        self.screen.color = uses_color(asked, environment, true);
        self
    }

    /// Shows on a terminal's stderr what is waited for, if `wanted`, and unless it is quiet or shows each step.
    #[must_use]
    pub fn with_spinner(mut self, wanted: bool) -> Self {
        if wanted && self.verbosity == Verbosity::Normal && self.stderr_terminal() {
            let (stderr, columns) = (Arc::clone(&self.stderr), self.screen.columns.unwrap_or(USUAL_WIDTH));
            self.waiting = Waiting::new(move |line| Box::new(Spinner::start(Arc::clone(&stderr), columns, line)));
        }
        self
    }

    /// The same stderr and secrets for another thread, which has no answer and shows no waits.
    pub fn for_thread(&self) -> Self {
        Self {
            streams: RefCell::new(Streams::empty()),
            stderr: Arc::clone(&self.stderr),
            secrets: self.secrets(),
            warnings: RefCell::default(),
            waiting: Waiting::default(),
            ..*self
        }
    }

    /// The same without warnings and reports, unless each step is shown.
    #[must_use]
    pub fn without_warnings(mut self) -> Self {
        if self.verbosity == Verbosity::Normal {
            self.verbosity = Verbosity::Quiet;
        }
        self
    }

    /// What shows a person for what the command waits.
    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Writes a line to stderr from any thread: for the HTTP trace.
    pub fn sink(&self) -> Arc<dyn Fn(&str) + Send + Sync> {
        let stderr = Arc::clone(&self.stderr);
        let secrets = self.secrets();
        Arc::new(move |line| locked(&stderr).write_text(format!("{}\n", secrets.redact(line))))
    }

    /// The secrets of this command, which no line on stderr shows.
    pub fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }

    pub fn format(&self) -> &'static Format {
        self.format
    }

    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Whether a person can be asked: stdin **and** stderr are terminals.
    pub fn can_prompt(&self) -> bool {
        let streams = self.streams.borrow();
        streams.stdin_terminal && streams.stderr_terminal
    }

    /// Whether stdin is a terminal, so that nothing is piped in.
    pub fn stdin_terminal(&self) -> bool {
        self.streams.borrow().stdin_terminal
    }

    pub fn stdout_terminal(&self) -> bool {
        self.streams.borrow().stdout_terminal
    }

    pub fn stderr_terminal(&self) -> bool {
        self.streams.borrow().stderr_terminal
    }

    /// Shows a string as a QR code on stderr, where it fits.
    pub fn qr(&self, text: &str) {
        let lines = qr::qr(text, self.color).unwrap_or_default();
        let width = qr::qr(text, false).and_then(|lines| lines.first().map(|line| line.chars().count()));
        if width.is_some_and(|width| self.screen.columns.is_none_or(|columns| width <= columns)) {
            locked(&self.stderr).write_text(&(lines.join("\n") + "\n"));
        }
    }

    /// The columns of the terminal, where known.
    pub fn columns(&self) -> Option<u16> {
        self.screen.columns.and_then(|columns| columns.try_into().ok())
    }

    /// Whether an answer is shown in colour.
    pub fn answers_in_color(&self) -> bool {
        self.screen.color && !self.format.is_json() && self.stdout_terminal()
    }

    /// Whether what stands on stderr is shown in colour.
    pub fn reports_in_color(&self) -> bool {
        self.color
    }

    pub fn with_streams<T>(&self, work: impl FnOnce(&mut Streams) -> T) -> T {
        work(&mut self.streams.borrow_mut())
    }

    /// Writes the answer to stdout, whole and flushed.
    pub fn answer(&self, view: &dyn Render) -> io::Result<()> {
        let terminal = self.stdout_terminal();
        let text = if self.format.is_json() {
            let json = if view.is_foreign() { view.json() } else { self.add_warnings(view.json()) };
            format!("{}\n", if terminal { json::pretty(&json) } else { json::line(&json) })
        } else {
            view.text().render(terminal.then_some(self.screen))
        };
        self.print(&text)
    }

    /// Writes to stdout as it is, flushed.
    pub fn print(&self, text: impl AsRef<[u8]>) -> io::Result<()> {
        let text = text.as_ref();
        if text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.streams.borrow_mut().stdout_void) {
            self.debug("stdout is closed, or leads nowhere: the answer is lost");
        }
        let mut streams = self.streams.borrow_mut();
        streams.stdout.write_all(text)?;
        streams.stdout.flush()
    }

    /// Reports a failure on stderr, in the form asked for, and returns its exit code.
    pub fn report(&self, error: &Error) -> u8 {
        if error.silent {
            return error.exit;
        }
        let error = error.clone().redact(&self.secrets);
        if self.format.is_json() {
            let mut json = error.json();
            json["error"] = self.add_warnings(json["error"].take());
            self.write_line(&json::line(&json));
            return error.exit;
        }
        self.write_labelled(Style::Error, "error: ", &sanitize(&error.message));
        for cause in &error.causes {
            self.write_line(&format!("cause: {}", sanitize(cause)));
        }
        for hint in &error.hints {
            self.write_line(&Style::Dim.paint(&format!("hint: {}", sanitize(&hint.to_string())), self.color));
        }
        error.exit
    }

    /// Reports what was done (hidden by `-q`).
    pub fn info(&self, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.write_line(&escape_control(&self.secrets.redact(what)));
        }
    }

    /// Reports that a list is empty, to whoever reads it as text.
    pub fn note_empty(&self, is_empty: bool, what: &str) {
        if is_empty && !self.format.is_json() {
            self.info(what);
        }
    }

    /// Reports something to a person who reads the answer on a terminal.
    pub fn note_on_terminal(&self, what: &str) {
        self.note_empty(self.stdout_terminal(), what);
    }

    /// Warns: with `--json` as a member `warnings` of the answer or the error, else at once.
    pub fn warn(&self, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.warnings.borrow_mut().push(escape_control(&self.secrets.redact(what)));
        }
        if !self.format.is_json() {
            self.write_warnings();
        }
    }

    /// Writes the warnings that no JSON has: before a person acts on them, and at the end.
    pub fn write_warnings(&self) {
        for warning in self.warnings.take() {
            self.write_labelled(Style::Due, "warning: ", &warning);
        }
    }

    /// Adds the warnings to an object that has none yet, or a list of its own.
    fn add_warnings(&self, mut json: Value) -> Value {
        let mut warnings = self.warnings.borrow_mut();
        if let Value::Object(members) = &mut json
            && !warnings.is_empty()
            && let Value::Array(list) = members.entry("warnings").or_insert_with(|| Value::Array(Vec::new()))
        {
            for warning in warnings.drain(..).map(Value::from) {
                if !list.contains(&warning) {
                    list.push(warning);
                }
            }
        }
        json
    }

    pub fn warn_each(&self, warnings: impl IntoIterator<Item = impl AsRef<str>>) {
        warnings.into_iter().for_each(|warning| self.warn(warning.as_ref()));
    }

    /// Reports a step (shown by `-v`).
    pub fn debug(&self, what: &str) {
        if self.verbosity >= Verbosity::Steps {
            self.write_line(&escape_control(&self.secrets.redact(what)));
        }
    }

    /// Writes a line to stderr at any verbosity.
    pub fn write_line(&self, line: &str) {
        locked(&self.stderr).write_text(format!("{line}\n"));
    }

    /// Writes what another program wrote to stderr, as it is.
    pub fn write_raw(&self, bytes: &[u8]) {
        locked(&self.stderr).write_text(bytes);
    }

    fn write_labelled(&self, style: Style, label: &str, what: &str) {
        self.write_line(&(style.paint(label, self.color) + what));
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        self.write_warnings();
    }
}
