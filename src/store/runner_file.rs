//! The file from which a CI runner takes variables: it belongs to the runner, and lines are only appended.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::edges::ignore_sigxfsz;

#[derive(Debug)]
pub struct RunnerFile(File);

impl RunnerFile {
    /// Opens it for appending, as `>>` would; one that is missing is born 0600.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        if file.metadata()?.is_file() { Ok(Self(file)) } else { Err(io::Error::other("it is no regular file")) }
    }

    /// Appends a line in one write. A line before it that was left open is ended first: the two would become one.
    pub fn append(mut self, line: &str) -> io::Result<()> {
        ignore_sigxfsz();
        let mut last = *b"\n";
        if self.0.metadata()?.len() > 0 {
            self.0.seek(SeekFrom::End(-1))?;
            self.0.read_exact(&mut last)?;
        }
        let begin = if last == *b"\n" { "" } else { "\n" };
        self.0.write_all([begin, line, "\n"].concat().as_bytes())?;
        self.0.sync_data()
    }
}
