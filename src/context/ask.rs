//! Questions to a person at the terminal.

use std::io;

use crate::error::{Error, confirmation, prompt};
use crate::secret::Secret;

use super::Context;

impl Context {
    /// Whether a person can be asked now.
    pub fn may_ask(&self) -> bool {
        !self.options.no_input && self.ui.can_prompt()
    }

    /// Asks a question that must be answered with yes. A dry run changes nothing and asks nothing.
    pub fn confirm(&self, question: &str) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        if !self.may_ask() {
            return Err(confirmation::impossible(question));
        }
        self.ui.write_warnings();
        match self.prompt.confirm(question) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(confirmation::not_given()),
        }
    }

    /// Asks for a secret without echo.
    pub fn ask_secret(&self, what: &str) -> Result<Secret, Error> {
        self.prompt_secret(what).map_err(|fault| prompt::unanswered(what, &fault))
    }

    /// As [`Context::ask_secret`], for what reports the fault itself; an empty answer counts as no answer.
    pub(super) fn prompt_secret(&self, what: &str) -> io::Result<Secret> {
        self.ui.write_warnings();
        let typed = self.prompt.secret(what)?;
        self.waited_for_person();
        if typed.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(typed) }
    }

    /// Asks for a line of text, without the blanks around it; it may be empty.
    pub fn ask_line(&self, question: &str) -> Result<String, Error> {
        self.ui.write_warnings();
        let typed = self.prompt.line(question).map_err(|fault| prompt::unanswered(question, &fault))?;
        self.waited_for_person();
        Ok(typed.trim().to_owned())
    }
}
