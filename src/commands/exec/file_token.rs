//! The token in a file of a running program, and when it is due for renewal.

use std::path::PathBuf;
use std::time::Duration;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::flows::token::renewal::renew_here_at;
use crate::store::Token;
use crate::store::handed_files::HandedFiles;

/// How long a renewal that failed waits for the next try while the token is valid; then each one waits twice as long as the
/// one before.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest wait for the next try.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub struct FileToken {
    /// The variable with the path of the file.
    variable: String,
    token: Token,
    /// How long the last renewal that failed waits for the next try, and when that is due.
    failed: Option<(Duration, Moment)>,
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
                let now = cx.clock.now();
                let before = self.failed.map(|(pause, _)| pause).filter(|_| self.token.left(now).is_none());
                let pause = before.map_or(PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE));
                self.failed = Some((pause, now.plus(pause)));
            }
        }
    }

    fn replace(&mut self, token: Token, files: &HandedFiles) -> Result<(), Error> {
        let is_same = token.expires_at == self.token.expires_at;
        // Before it is ours: a file that can't be written is due until it can.
        files.write(&self.variable, &token.access_token)?;
        self.token = token;
        if is_same { Err(error::token::not_renewed()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, FileToken, HandedFiles, Moment, Token};
    use crate::edges::{Deadline, SystemClock};
    use crate::secret::Secret;
    use crate::store::cache::Provenance;

    fn token(value: &str, end: i64) -> Token {
        let begun = Moment::from_epoch(1000);
        let (scope, id_token, expires_at) = (None, None, Some(Moment::from_epoch(end)));
        let (token_type, provenance) = ("Bearer".to_owned(), Provenance::default());
        let (sent_at, obtained_at, access_token) = (begun, begun, Secret::new(value));
        Token { access_token, token_type, scope, id_token, sent_at, obtained_at, expires_at, provenance }
    }

    #[test]
    fn token_that_could_not_be_written_is_still_the_newer_one() {
        let home = tempfile::tempdir().unwrap();
        let (parent, deadline) = (home.path().join("handed"), Deadline::after(Duration::from_secs(5)));
        let files = HandedFiles::create(&parent, "one", deadline, &SystemClock).unwrap();
        let mut ours = FileToken::new("TOKEN", token("first", 1300));
        let path = ours.write(&files).unwrap().1;
        std::fs::rename(parent.join("one"), parent.join("away")).unwrap();
        assert!(ours.replace(token("second", 1600), &files).is_err());
        std::fs::rename(parent.join("away"), parent.join("one")).unwrap();
        ours.replace(token("second", 1600), &files).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "second");
        assert!(ours.replace(token("second", 1600), &files).is_err(), "there is no newer one");
    }
}
