//! curl with its arguments and pipes, and becoming it: its exit code, signals and terminal are then its own.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::io::FdFlags;

use crate::commands::Outcome;
use crate::commands::program::find_program;
use crate::config::Zone;
use crate::context::Context;
use crate::edges::Environment;
use crate::error::{self, Error};
use crate::secret::Secret;

use super::arguments::CurlArguments;

/// The first version that drops the header at a redirect to another host, port or scheme.
const SAFE_REDIRECTS: (u32, u32) = (7, 83);

/// Replaces this process by curl. It returns only if that fails.
pub fn replace_process(cx: &Context, (mut command, _pipes): (Command, Vec<PipeReader>)) -> Result<Outcome, Error> {
    cx.write_record()?;
    Err(error::curl::not_started(&command.exec()))
}

/// curl with options of ours, which reads a configuration for each transfer from one of the pipes.
pub fn prepare(
    cx: &Context,
    zone: Option<&Zone>,
    given: &[OsString],
    arguments: &CurlArguments,
    configurations: &[Secret],
    own: &[&str],
) -> Result<(Command, Vec<PipeReader>), Error> {
    let environment = cx.child_environment(zone);
    let program = find_program(OsStr::new("curl"), environment.os("PATH")).map_err(|_| error::curl::not_installed())?;
    if arguments.transfers.iter().any(|transfer| transfer.follows_redirects) {
        check_version(&program, &environment)?;
    }
    let pipes: Vec<PipeReader> = configurations
        .iter()
        .map(open_pipe)
        .collect::<io::Result<_>>()
        .map_err(|cause| error::curl::no_pipe(&cause))?;
    let mut command = Command::new(program);
    command.env_clear().envs(environment.all()).envs(no_proxy(&environment, arguments).map(|list| ("no_proxy", list)));
    // The user's .curlrc may hold options that hallpass has not checked. -q counts only as the first argument.
    command.arg("-q").args(own);
    let mut from = 0;
    for (transfer, pipe) in arguments.transfers.iter().zip(&pipes) {
        command.args(&given[from..transfer.start]).arg("-K").arg(format!("/dev/fd/{}", pipe.as_raw_fd()));
        from = transfer.start;
    }
    command.args(&given[from..]);
    Ok((command, pipes))
}

/// A pipe that curl inherits, with the whole configuration in it.
fn open_pipe(configuration: &Secret) -> io::Result<PipeReader> {
    let (reader, mut writer) = io::pipe()?;
    // A pipe that is too small for a token must fail, because nobody reads it yet.
    rustix::io::ioctl_fionbio(&writer, true)?;
    writer.write_all(configuration.expose().as_bytes())?;
    inherit(&reader)?;
    Ok(reader)
}

/// Lets curl inherit an end of a pipe, and gives the path by which curl opens it.
pub fn inherit(end: &(impl AsRawFd + AsFd)) -> io::Result<String> {
    rustix::io::fcntl_setfd(end, FdFlags::empty())?;
    let path = format!("/dev/fd/{}", end.as_raw_fd());
    if Path::new(&path).exists() {
        Ok(path)
    } else {
        Err(io::Error::new(io::ErrorKind::NotFound, "there is no /dev/fd"))
    }
}

/// The variable that keeps loopback from a proxy, which would see the token.
fn no_proxy(environment: &Environment, arguments: &CurlArguments) -> Option<OsString> {
    let known = ["no_proxy", "NO_PROXY"].into_iter().find_map(|name| environment.os(name));
    let mut list = known.unwrap_or_default().to_owned();
    let urls = arguments.transfers.iter().flat_map(|transfer| &transfer.urls);
    let local: Vec<_> = urls.filter(|url| url.is_loopback()).collect();
    for url in &local {
        if !list.is_empty() {
            list.push(",");
        }
        list.push(url.name.trim_matches(['[', ']']));
    }
    (!local.is_empty()).then_some(list)
}

fn check_version(program: &Path, environment: &Environment) -> Result<(), Error> {
    let output = Command::new(program).args(["-q", "--version"]).env_clear().envs(environment.all()).output();
    let output = output.map_err(|cause| error::curl::not_started(&cause))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers =
        text.strip_prefix("curl ").unwrap_or_default().split('.').map(|number| number.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < SAFE_REDIRECTS { Err(error::curl::unsafe_redirects(version)) } else { Ok(()) }
}
