//! stdin, stdout and stderr, and what they are connected to.

use std::io::{self, IsTerminal, Read, Write};

/// The three streams of a process. Writers are given unbuffered or line-buffered; whoever writes must flush.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about one stream")]
pub struct Streams {
    /// Where `-` is read from.
    pub stdin: Box<dyn Read + Send>,
    /// The answer.
    pub stdout: Box<dyn Write + Send>,
    /// Everything else.
    pub stderr: Box<dyn Write + Send>,
    /// Whether stdin is a terminal.
    pub stdin_terminal: bool,
    /// Whether stdout is a terminal.
    pub stdout_terminal: bool,
    /// Whether stderr is a terminal.
    pub stderr_terminal: bool,
    /// Whether stdout may have been closed by whoever started the process: the answer leads nowhere.
    pub stdout_void: bool,
    /// How many columns the terminal at stdout has, else that at stderr, where there is one that says so.
    pub columns: Option<u16>,
}

impl Streams {
    /// Those of the process. stdout is opened raw, so that a full disk or a closed pipe is seen by the write.
    pub fn real() -> Self {
        if a_file(&io::stdout()) {
            super::ignore_sigxfsz();
        }
        let stdout_terminal = io::stdout().is_terminal();
        Self {
            stdin: Box::new(io::stdin()),
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
            stdin_terminal: io::stdin().is_terminal(),
            stdout_terminal,
            stderr_terminal: io::stderr().is_terminal(),
            stdout_void: a_void(&io::stdout()),
            columns: if stdout_terminal { columns(&io::stdout()) } else { columns(&io::stderr()) },
        }
    }

    /// Streams that bring nothing and lose what is written.
    pub fn empty() -> Self {
        Self {
            stdin: Box::new(io::empty()),
            stdout: Box::new(io::sink()),
            stderr: Box::new(io::sink()),
            stdin_terminal: false,
            stdout_terminal: false,
            stderr_terminal: false,
            stdout_void: false,
            columns: None,
        }
    }
}

/// Whether the answer goes to a file: only there a limit of its size can end the process.
fn a_file(stdout: &io::Stdout) -> bool {
    rustix::fs::fstat(stdout).is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file())
}

/// Whether stdout is `/dev/null`, open for reading as well: Rust's runtime puts that in the place of a closed one, while
/// the `>/dev/null` of a shell is open for writing alone. Python's `DEVNULL` and Node's `ignore` look like the first, so
/// `-v` reports it and it is no failure.
fn a_void(stdout: &io::Stdout) -> bool {
    use rustix::fs::OFlags;
    use std::os::unix::fs::MetadataExt as _;
    let both_ways = || rustix::fs::fcntl_getfl(stdout).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR);
    let null = || std::fs::metadata("/dev/null").map(|null| null.rdev()).ok();
    rustix::fs::fstat(stdout).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode).is_char_device()
            && both_ways()
            && Some(stat.st_rdev) == null()
    })
}

/// The width of a terminal; one that does not know its own says 0.
fn columns(stream: &impl std::os::fd::AsFd) -> Option<u16> {
    rustix::termios::tcgetwinsize(stream).ok().map(|size| size.ws_col).filter(|columns| *columns > 0)
}
