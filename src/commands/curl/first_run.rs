//! curl below this process. What it prints is held until the response is known not to be a refusal with 401: curl writes
//! each head to a pipe of ours, and flushes it, before it prints anything of that response.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;

use crate::commands::program::{CaughtSignals, RunningProgram};
use crate::context::Context;
use crate::edges::stop_passing_signals_on;
use crate::error::{self, Error};

use super::program::inherit;

/// The most that is held of a refused response; a longer one is printed, and not asked for again.
const LIMIT: usize = 256 * 1024;
/// The exit code of curl for a status of 400 or more, with `--fail`.
const FAILED: u8 = 22;

/// How curl ended.
pub enum FirstRun {
    /// With this code; all is printed.
    Ended(u8),
    /// With a refusal of the request.
    Refused(Refusal),
}

/// A response with 401 of which nothing is printed yet.
pub struct Refusal {
    pub code: u8,
    /// Its fields, the names in lower case.
    pub head: Vec<(String, String)>,
    pub held: Held,
}

/// Runs the curl that `prepare` makes with the options that it is given. `shows_steps`: stderr is printed, whatever the
/// response is.
pub fn run(
    cx: &Context,
    prepare: impl FnOnce(&[&str]) -> Result<(Command, Vec<PipeReader>), Error>,
    shows_steps: bool,
) -> Result<FirstRun, Error> {
    let no_pipe = |cause: io::Error| error::curl::no_pipe(&cause);
    let (heads, writer) = io::pipe().map_err(no_pipe)?;
    let place = inherit(&writer).map_err(no_pipe)?;
    let (mut command, configurations) = prepare(&["--dump-header", &place, "--suppress-connect-headers"])?;
    let signals = CaughtSignals::catch().map_err(no_pipe)?;
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|cause| error::curl::not_started(&cause))?;
    drop((writer, configurations));
    let streams = [child.stdout.take().map(OwnedFd::from), child.stderr.take().map(OwnedFd::from)];
    let [Some(stdout), Some(stderr)] = streams else { return Err(no_pipe(io::ErrorKind::BrokenPipe.into())) };
    let program = RunningProgram::watch(child, signals);
    let mut output = Output { cx, heads: Heads::default(), held: Held::default(), printed: false, shows_steps };
    output.read_all([(Stream::Head, heads.into()), (Stream::Out, stdout), (Stream::Err, stderr)]).map_err(no_pipe)?;
    let code = program.wait(None).map_err(no_pipe)?.unwrap_or_default();
    if output.printed || !output.heads.are_refusal() || !matches!(code, 0 | FAILED) {
        output.held.print(cx);
        return Ok(FirstRun::Ended(code));
    }
    stop_passing_signals_on();
    Ok(FirstRun::Refused(Refusal { code, head: output.heads.fields, held: output.held }))
}

/// What curl has printed to our pipes.
#[derive(Default)]
pub struct Held {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Held {
    /// Prints it, and says whether stdout took it.
    pub fn print(self, cx: &Context) -> bool {
        cx.ui.write_raw(&self.stderr);
        cx.ui.print(self.stdout).is_ok()
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Head,
    Out,
    Err,
}

struct Output<'a> {
    cx: &'a Context,
    heads: Heads,
    held: Held,
    printed: bool,
    shows_steps: bool,
}

impl Output<'_> {
    /// Reads what curl writes until it has closed all of it. A head that is there is read before what follows it.
    fn read_all(&mut self, streams: [(Stream, OwnedFd); 3]) -> io::Result<()> {
        let mut open: Vec<_> = streams.into_iter().map(|(stream, end)| (stream, File::from(end))).collect();
        let mut buffer = vec![0; 64 * 1024];
        while !open.is_empty() {
            let mut polled: Vec<_> = open.iter().map(|(_, file)| PollFd::new(file, PollFlags::IN)).collect();
            retry_on_intr(|| poll(&mut polled, None))?;
            let ready: Vec<bool> = polled.iter().map(|polled| !polled.revents().is_empty()).collect();
            let mut ready = ready.into_iter();
            open.retain_mut(|(stream, file)| {
                if !ready.next().unwrap_or_default() {
                    return true;
                }
                match file.read(&mut buffer) {
                    Ok(size @ 1..) => self.take(*stream, &buffer[..size]),
                    Err(error) => error.kind() == io::ErrorKind::Interrupted,
                    Ok(_) => false,
                }
            });
        }
        Ok(())
    }

    /// Takes what came on a stream; says whether more of it is wanted. Where nobody reads our stdout, curl shall know.
    fn take(&mut self, stream: Stream, bytes: &[u8]) -> bool {
        match stream {
            Stream::Head => self.heads.read(bytes),
            Stream::Err if self.heads.are_refusal() && !self.printed && !self.shows_steps && self.has_room(bytes) => {
                self.held.stderr.extend_from_slice(bytes);
            }
            Stream::Err => self.cx.ui.write_raw(bytes),
            Stream::Out if self.heads.may_be_refusal() && !self.printed && self.has_room(bytes) => {
                self.held.stdout.extend_from_slice(bytes);
            }
            Stream::Out => {
                self.printed = true;
                return std::mem::take(&mut self.held).print(self.cx) && self.cx.ui.print(bytes).is_ok();
            }
        }
        true
    }

    fn has_room(&self, bytes: &[u8]) -> bool {
        self.held.stdout.len() + self.held.stderr.len() + bytes.len() <= LIMIT
    }
}

/// The heads of all responses to one call of curl.
#[derive(Default)]
struct Heads {
    line: Vec<u8>,
    status: Option<u16>,
    /// Whether a second response came: of a redirect or a try again. Then the 401 may not be the only effect.
    several: bool,
    /// Of the last head, the names in lower case.
    fields: Vec<(String, String)>,
}

impl Heads {
    fn read(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.read_line(String::from_utf8_lossy(&line).trim());
            }
        }
    }

    fn read_line(&mut self, line: &str) {
        let status = line.strip_prefix("HTTP/").and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        if let Some(status) = status {
            self.several |= !self.is_interim();
            self.status = Some(status);
            self.fields.clear();
        } else if let Some((name, value)) = line.split_once(':') {
            self.fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    /// Whether no response has begun that curl would print.
    fn is_interim(&self) -> bool {
        self.status.is_none_or(|status| status < 200)
    }

    fn are_refusal(&self) -> bool {
        self.status == Some(401) && !self.several
    }

    fn may_be_refusal(&self) -> bool {
        self.is_interim() || self.are_refusal()
    }
}

#[cfg(test)]
mod tests {
    use super::Heads;

    fn read(text: &str) -> Heads {
        let mut heads = Heads::default();
        text.as_bytes().chunks(7).for_each(|part| heads.read(part));
        heads
    }

    #[test]
    fn only_first_response_can_be_refusal() {
        let refused = read("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 401 \r\nDPoP-Nonce:  n\r\n\r\n");
        assert!(refused.are_refusal());
        assert_eq!(refused.fields, [("dpop-nonce".to_owned(), "n".to_owned())]);
        for head in ["", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", "HTTP/1.1 4"] {
            assert!(read(head).may_be_refusal() && !read(head).are_refusal(), "{head}");
        }
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\nX: HTTP/1.1 401 no\r\n\r\n",
            "HTTP/1.1 303 See Other\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\n",
            "HTTP/1.1 503 Busy\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\n",
            "HTTP/1.1 401 Unauthorized\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\n",
        ] {
            assert!(!read(head).may_be_refusal(), "{head}");
        }
    }
}
