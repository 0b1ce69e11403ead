//! Reads a source within a deadline and a limit, without a copy that stays in memory.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::blocking::{Bytes, read_limited, spawn};
use super::{Fault, Source, command, descriptor};
use crate::edges::{Deadline, Environment, Streams};
use crate::secret::Secret;
use crate::text::sanitize;

/// The most bytes of a secret.
pub const SECRET_LIMIT: usize = 64 * 1024;
/// The most bytes of a document, such as zones to import.
pub const RAW_LIMIT: usize = 1024 * 1024;

/// How a workload gets an identity, on each platform.
const GITLAB: &str = "in .gitlab-ci.yml, for this job: id_tokens: with this variable and aud: the issuer";
const KUBERNETES: &str = "mount a serviceAccountToken of this audience into the pod as a projected volume";
const AZURE: &str = "label the pod: azure.workload.identity/use: \"true\"";
const SPIFFE: &str = "let spiffe-helper write the JWT-SVID of this audience there";

impl Source {
    /// Reads a secret: UTF-8 without NUL, at most 64 KiB, one trailing LF or CRLF trimmed.
    pub fn read(&self, streams: &mut Streams, environment: &Environment, deadline: Deadline) -> Result<Secret, Fault> {
        let mut bytes = self.bytes(streams, environment, deadline, SECRET_LIMIT)?;
        if bytes.ends_with(b"\n") {
            bytes.pop();
            if bytes.ends_with(b"\r") {
                bytes.pop();
            }
        }
        if bytes.is_empty() {
            return Err(Fault::Empty { place: self.place() });
        }
        let not_text = |reason| Fault::NotText { place: self.place(), reason };
        if bytes.contains(&0) {
            return Err(not_text("it contains a NUL character"));
        }
        Secret::from_utf8(std::mem::take(&mut bytes)).ok_or_else(|| not_text("it is not UTF-8"))
    }

    /// Reads a document as it is, at most 1 MiB.
    pub fn read_raw(
        &self,
        streams: &mut Streams,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<Vec<u8>, Fault> {
        let mut bytes = self.bytes(streams, environment, deadline, RAW_LIMIT)?;
        if bytes.is_empty() {
            return Err(Fault::Empty { place: self.place() });
        }
        Ok(std::mem::take(&mut bytes))
    }

    pub(super) fn place(&self) -> String {
        match self {
            Self::Stdin | Self::Descriptor(0) => "stdin".to_owned(),
            other => sanitize(&other.to_string()),
        }
    }

    fn bytes(
        &self,
        streams: &mut Streams,
        environment: &Environment,
        deadline: Deadline,
        limit: usize,
    ) -> Result<Bytes, Fault> {
        let bytes = match self {
            Self::Stdin | Self::Descriptor(0) => self.stdin(streams, deadline, limit)?,
            Self::File(path) => self.file(path.clone(), deadline, limit)?,
            Self::Descriptor(number) => {
                let (number, place) = (*number, self.place());
                self.within(deadline, move || read_opened(open_descriptor(number), place, limit))?
            }
            Self::Env(name) => {
                let value = environment.os(name).ok_or_else(|| Fault::Absent { place: self.place() })?;
                Zeroizing::new(value.as_encoded_bytes().to_vec())
            }
            Self::Command(text) => command::run(text, &self.place(), environment, deadline, limit)?,
            Self::GitLab(name) => {
                Zeroizing::new(self.find_variable(environment, name, GITLAB)?.as_encoded_bytes().to_vec())
            }
            Self::Kubernetes(path) => self.identity(path, KUBERNETES, deadline, limit)?,
            Self::Spiffe(path) => self.identity(path, SPIFFE, deadline, limit)?,
            Self::Azure => {
                let path = self.find_variable(environment, "AZURE_FEDERATED_TOKEN_FILE", AZURE)?;
                self.identity(Path::new(path), AZURE, deadline, limit)?
            }
            Self::Vault(_) | Self::GitHub(_) => return Err(Fault::NotHere { place: self.place() }),
        };
        if bytes.len() > limit {
            return Err(Fault::TooLong { place: self.place(), limit });
        }
        Ok(bytes)
    }

    /// A variable in which a platform names the identity of a workload.
    fn find_variable<'a>(
        &self,
        environment: &'a Environment,
        name: &str,
        remedy: &'static str,
    ) -> Result<&'a OsStr, Fault> {
        let value = environment.os(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| self.no_identity(format!("{name} is not set"), remedy))
    }

    /// Reads the file in which a platform stores the identity of a workload.
    fn identity(&self, path: &Path, remedy: &'static str, deadline: Deadline, limit: usize) -> Result<Bytes, Fault> {
        self.file(path.to_owned(), deadline, limit).map_err(|fault| match fault {
            Fault::Unreadable { cause, .. } if cause.kind() == io::ErrorKind::NotFound => {
                self.no_identity(format!("there is no file {}", sanitize(&path.display().to_string())), remedy)
            }
            other => other,
        })
    }

    fn no_identity(&self, missing: String, remedy: &'static str) -> Fault {
        Fault::NoIdentity { place: self.place(), missing, remedy }
    }

    fn stdin(&self, streams: &mut Streams, deadline: Deadline, limit: usize) -> Result<Bytes, Fault> {
        if streams.stdin_terminal {
            return Err(Fault::Terminal { place: self.place() });
        }
        let mut stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
        let read = move || (read_limited(&mut stdin, limit), stdin);
        let (bytes, stdin) = do_within(deadline, read).ok_or_else(|| Fault::Late { place: self.place() })?;
        streams.stdin = stdin;
        bytes.map_err(|cause| Fault::Unreadable { place: self.place(), cause })
    }

    fn file(&self, path: PathBuf, deadline: Deadline, limit: usize) -> Result<Bytes, Fault> {
        let place = self.place();
        self.within(deadline, move || read_opened(open_file(&path), place, limit))
    }

    fn within(
        &self,
        deadline: Deadline,
        read: impl FnOnce() -> Result<Bytes, Fault> + Send + 'static,
    ) -> Result<Bytes, Fault> {
        do_within(deadline, read).unwrap_or_else(|| Err(Fault::Late { place: self.place() }))
    }
}

/// `None` when the deadline passed first.
fn do_within<T: Send + 'static>(deadline: Deadline, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let left = deadline.remaining()?;
    spawn(work).ok()?.recv_timeout(left).ok()
}

/// Runs within a deadline, because opening a pipe without a writer blocks, as reading a device does.
fn open_file(path: &Path) -> io::Result<Option<File>> {
    if is_readable(fs::metadata(path)?.file_type()) { File::open(path).map(Some) } else { Ok(None) }
}

fn open_descriptor(number: u32) -> io::Result<Option<File>> {
    let file = descriptor::duplicate(number)?;
    let readable = is_readable(file.metadata()?.file_type());
    Ok(readable.then_some(file))
}

fn read_opened(opened: io::Result<Option<File>>, place: String, limit: usize) -> Result<Bytes, Fault> {
    match opened {
        Ok(Some(file)) if file.is_terminal() => Err(Fault::Terminal { place }),
        Ok(Some(mut file)) => read_limited(&mut file, limit).map_err(|cause| Fault::Unreadable { place, cause }),
        Ok(None) => Err(Fault::NotAFile { place }),
        Err(cause) => Err(Fault::Unreadable { place, cause }),
    }
}

#[cfg(unix)]
fn is_readable(kind: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_file() || kind.is_fifo() || kind.is_char_device()
}

#[cfg(not(unix))]
fn is_readable(kind: fs::FileType) -> bool {
    kind.is_file()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read, Seek, Write};
    use std::time::{Duration, Instant};

    use super::super::{Fault, Source};
    use super::SECRET_LIMIT;
    use crate::edges::{Deadline, Environment, Streams};

    fn streams(stdin: impl Read + Send + 'static) -> Streams {
        Streams {
            stdin: Box::new(stdin),
            stdout: Box::new(io::sink()),
            stderr: Box::new(io::sink()),
            stdin_terminal: false,
            stdout_terminal: false,
            stderr_terminal: false,
            stdout_void: false,
            columns: None,
        }
    }

    fn from_stdin(bytes: impl Into<Vec<u8>>) -> Result<String, Fault> {
        let deadline = Deadline::after(Duration::from_secs(10));
        let secret = Source::Stdin.read(&mut streams(io::Cursor::new(bytes.into())), &Environment::default(), deadline);
        secret.map(|secret| secret.expose().to_owned())
    }

    fn read(source: &str, environment: &Environment) -> Result<String, Fault> {
        let deadline = Deadline::after(Duration::from_secs(10));
        let source: Source = source.parse().unwrap();
        source.read(&mut streams(io::empty()), environment, deadline).map(|secret| secret.expose().to_owned())
    }

    fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn one_newline_is_trimmed() {
        for (given, got) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), (" a ", " a ")]
        {
            assert_eq!(from_stdin(given).unwrap(), got, "{given:?}");
        }
    }

    #[test]
    fn nothing_is_fault() {
        for given in ["", "\n", "\r\n"] {
            assert!(matches!(from_stdin(given), Err(Fault::Empty { .. })), "{given:?}");
        }
    }

    #[test]
    fn only_text_is_secret() {
        assert!(matches!(from_stdin(&b"a\xff"[..]), Err(Fault::NotText { reason: "it is not UTF-8", .. })));
        assert!(matches!(from_stdin("a\0b"), Err(Fault::NotText { reason: "it contains a NUL character", .. })));
    }

    #[test]
    fn limit_is_exact_and_endless_stream_ends() {
        assert_eq!(from_stdin(vec![b'a'; SECRET_LIMIT]).unwrap().len(), SECRET_LIMIT);
        assert!(matches!(from_stdin(vec![b'a'; SECRET_LIMIT + 1]), Err(Fault::TooLong { .. })));
        let deadline = Deadline::after(Duration::from_secs(10));
        let endless = Source::Stdin.read(&mut streams(io::repeat(b'a')), &Environment::default(), deadline);
        assert!(matches!(endless, Err(Fault::TooLong { .. })));
    }

    #[test]
    fn terminal_is_not_read() {
        let mut terminal = streams(io::Cursor::new("typed"));
        terminal.stdin_terminal = true;
        for source in [Source::Stdin, Source::Descriptor(0)] {
            let deadline = Deadline::after(Duration::from_secs(10));
            let fault = source.read(&mut terminal, &Environment::default(), deadline).unwrap_err();
            assert!(fault.to_string().contains("cmd:COMMAND"), "{fault}");
        }
    }

    #[test]
    fn silent_stdin_ends_at_deadline() {
        let (reader, writer) = io::pipe().unwrap();
        let begun = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        let fault = Source::Stdin.read(&mut streams(reader), &Environment::default(), deadline);
        assert!(matches!(fault, Err(Fault::Late { .. })));
        assert!(begun.elapsed() < Duration::from_secs(5));
        drop(writer);
    }

    #[test]
    fn variable_is_read_as_it_is() {
        let environment = Environment::of([("A", "s%+ c\n"), ("E", "")]);
        assert_eq!(read("env:A", &environment).unwrap(), "s%+ c");
        assert!(matches!(read("env:E", &environment), Err(Fault::Empty { place }) if place == "env:E"));
        assert!(matches!(read("env:N", &environment), Err(Fault::Absent { place }) if place == "env:N"));
    }

    #[test]
    fn file_is_read_and_missing_one_is_named() {
        let file = file_of(b"s3cret\r\n");
        let source = format!("file:{}", file.path().display());
        assert_eq!(read(&source, &Environment::default()).unwrap(), "s3cret");
        let missing = read("file:/nowhere/at/all", &Environment::default()).unwrap_err();
        assert_eq!(missing.to_string(), "file:/nowhere/at/all can't be read");
        assert!(matches!(read("file:/", &Environment::default()), Err(Fault::NotAFile { .. })));
    }

    #[test]
    fn raw_bytes_stay_whole() {
        let file = file_of(b"\xffa\n\n");
        let deadline = Deadline::after(Duration::from_secs(10));
        let source = Source::File(file.path().to_owned());
        let bytes = source.read_raw(&mut streams(io::empty()), &Environment::default(), deadline).unwrap();
        assert_eq!(bytes, b"\xffa\n\n");
    }

    #[test]
    fn workload_reads_what_its_platform_left() {
        let file = file_of(b"a.b.c\n");
        let path = file.path().to_str().unwrap();
        let environment = Environment::of([("ID_TOKEN", "a.b.c"), ("AZURE_FEDERATED_TOKEN_FILE", path)]);
        for source in ["gitlab:ID_TOKEN", &format!("k8s:{path}"), &format!("spiffe:{path}"), "azure"] {
            assert_eq!(read(source, &environment).unwrap(), "a.b.c", "{source}");
        }
    }

    #[test]
    fn workload_without_identity_gets_remedy() {
        let gone = Environment::of([("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token")]);
        let empty = Environment::of([("ID_TOKEN", ""), ("AZURE_FEDERATED_TOKEN_FILE", "")]);
        for (source, environment, missing) in [
            ("gitlab:ID_TOKEN", &Environment::default(), "ID_TOKEN is not set"),
            ("gitlab:ID_TOKEN", &empty, "ID_TOKEN is not set"),
            ("k8s:/nowhere/token", &empty, "there is no file /nowhere/token"),
            ("spiffe:/nowhere/svid", &empty, "there is no file /nowhere/svid"),
            ("azure", &empty, "AZURE_FEDERATED_TOKEN_FILE is not set"),
            ("azure", &gone, "there is no file /nowhere/token"),
        ] {
            let fault = read(source, environment).unwrap_err();
            assert_eq!(fault.to_string(), format!("{source} has no identity here: {missing}"));
            assert!(matches!(fault, Fault::NoIdentity { remedy, .. } if !remedy.is_empty()), "{source}");
        }
    }

    #[test]
    fn vault_is_not_here() {
        assert!(matches!(read("vault", &Environment::default()), Err(Fault::NotHere { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn descriptors_and_pipes_are_read() {
        use std::os::fd::AsRawFd;
        let file = file_of(b"from a file\n");
        let source = format!("fd:{}", file.as_file().as_raw_fd());
        file.as_file().seek(io::SeekFrom::Start(5)).unwrap();
        // From where it stands, so it was not opened again, which another user might not be allowed.
        assert_eq!(read(&source, &Environment::default()).unwrap(), "a file");
        assert!(matches!(read(&source, &Environment::default()), Err(Fault::Empty { .. })));

        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"from a pipe\n").unwrap();
        let number = reader.as_raw_fd();
        drop(writer);
        assert_eq!(read(&format!("file:/dev/fd/{number}"), &Environment::default()).unwrap(), "from a pipe");

        let bad = read("fd:987654", &Environment::default()).unwrap_err();
        assert!(matches!(bad, Fault::Unreadable { ref place, .. } if place == "fd:987654"), "{bad:?}");
        assert!(matches!(read("file:/dev/null", &Environment::default()), Err(Fault::Empty { .. })));
        assert!(matches!(read("file:/dev/zero", &Environment::default()), Err(Fault::TooLong { .. })));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pipe_without_writer_does_not_hang() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        let deadline = Deadline::after(Duration::from_millis(50));
        let fault = Source::File(path).read(&mut streams(io::empty()), &Environment::default(), deadline);
        assert!(matches!(fault, Err(Fault::Late { .. })));
    }
}
