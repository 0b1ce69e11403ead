//! Questions to a person at the terminal.

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

    /// Asks for a secret, which must not be empty, without echo.
    pub fn ask_secret(&self, what: &str) -> Result<Secret, Error> {
        self.ui.write_warnings();
        let typed = self.prompt.secret(what).map_err(|fault| prompt::unanswered(what, &fault))?;
        self.waited_for_person();
        if typed.is_empty() { Err(prompt::empty(what)) } else { Ok(typed) }
    }
}
