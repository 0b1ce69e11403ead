//! The token in a file of a running program, and when it is due for renewal.

use std::path::PathBuf;
use std::time::Duration;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::flows::token::renewal::renew_here_at;
use crate::store::Token;
use crate::store::handed_files::HandedFiles;

/// How long the first renewal that failed waits for the next try; each further one in a row waits twice as long.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest wait for the next try.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub struct FileToken {
    /// The variable with the path of the file.
    variable: String,
    token: Token,
    /// How many renewals in a row have failed, and when the next try is due.
    failed: Option<(u32, Moment)>,
}

impl FileToken {
    pub fn new(variable: &str, token: Token) -> Self {
        Self { variable: variable.to_owned(), token, failed: None }
    }

    /// Writes the file: the variable and its value.
    pub fn write(&self, files: &HandedFiles) -> Result<(&str, PathBuf), Error> {
        Ok((&self.variable, files.write(&self.variable, &self.token.access_token)?))
    }

    /// When it is due, but never in the first half of its lifetime: a `min_ttl` that is longer than that would ask for one
    /// token after the other.
    pub fn due(&self, cx: &Context, min_ttl: Duration) -> Option<Moment> {
        let retry = self.failed.map(|(_, at)| at);
        retry.or_else(|| renew_here_at(cx, &self.token, min_ttl.min(self.token.lifetime() / 2)))
    }

    /// Takes a new token, or warns that there is none: the program still has the one before.
    pub fn renew(&mut self, cx: &Context, files: &HandedFiles, obtain: impl FnOnce() -> Result<Token, Error>) {
        cx.restart();
        match obtain().and_then(|token| self.replace(token, files)) {
            Ok(()) => self.failed = None,
            Err(error) => {
                cx.ui.warn(&format!("the token in {} was not renewed: {}", self.variable, error.chain()));
                let times = self.failed.map_or(0, |(times, _)| times);
                let pause = PAUSE.saturating_mul(2_u32.saturating_pow(times)).min(LONGEST_PAUSE);
                self.failed = Some((times.saturating_add(1), cx.clock.now().plus(pause)));
            }
        }
    }

    fn replace(&mut self, token: Token, files: &HandedFiles) -> Result<(), Error> {
        let before = std::mem::replace(&mut self.token, token);
        self.write(files)?;
        if before.expires_at == self.token.expires_at { Err(error::token::not_renewed()) } else { Ok(()) }
    }
}
