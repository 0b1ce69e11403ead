//! A running command of the shell: its signals, and the terminal while it asks for it.
//!
//! It is a process group of its own, so that it can be ended as a whole. As soon as it reads from the terminal the kernel
//! stops it, and it becomes the foreground group until it has ended.

use std::fs::File;
use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal as Masked};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use rustix::termios::{self, OptionalActions, Termios};

use crate::edges::{Environment, SignalHold, are_passed_on, end_process};

/// How often signals and the terminal are looked after.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the command may take to end after a signal.
const GRACE: Duration = Duration::from_secs(2);

/// Dropping it before the command has ended kills the command and its process group.
pub(super) struct Job {
    child: Child,
    group: Pid,
    ended: bool,
    terminal: Option<LentTerminal>,
    signals: SignalHold,
}

impl Job {
    /// Runs the command with these variables only, and without stdin.
    pub(super) fn start(command: &str, environment: &Environment) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(command).env_clear().envs(environment.all());
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(directory) = &environment.current_dir {
            shell.current_dir(directory);
        }
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let signals = SignalHold::start();
        let mut child = shell.spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        match (group, child.stdout.take(), child.stderr.take()) {
            (Some(group), Some(stdout), Some(stderr)) => {
                Ok((Self { child, group, ended: false, terminal: None, signals }, stdout, stderr))
            }
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for what a thread reads; `None` when it takes longer than `left` says.
    pub(super) fn receive<T>(
        &mut self,
        output: &Receiver<T>,
        left: impl Fn() -> Option<Duration>,
    ) -> io::Result<Option<T>> {
        loop {
            match output.recv_timeout(left().unwrap_or_default().min(PAUSE)) {
                Ok(found) => return Ok(Some(found)),
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(RecvTimeoutError::Timeout) if left().is_none() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => self.attend(),
            }
        }
    }

    /// Waits for its end; `None` when it takes longer than `left` says.
    pub(super) fn wait(&mut self, left: impl Fn() -> Option<Duration>) -> io::Result<Option<ExitStatus>> {
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.ended = true;
                let signal = std::os::unix::process::ExitStatusExt::signal(&status);
                // A key of the terminal ends whoever is in the foreground, and with a command this command.
                if let Some(signal @ (signal_hook::consts::SIGINT | signal_hook::consts::SIGQUIT)) = signal
                    && self.terminal.take().is_some()
                    && !are_passed_on()
                {
                    end_process(signal);
                }
                return Ok(Some(status));
            }
            let Some(left) = left() else { return Ok(None) };
            self.attend();
            thread::park_timeout(pause.min(left));
            pause = (pause * 2).min(PAUSE);
        }
    }

    /// Passes on a signal that came to us, and hands over the terminal when the command waits for it.
    fn attend(&mut self) {
        match self.signals.caught() {
            Some(signal) if are_passed_on() => self.signal(Signal::from_named_raw(signal).unwrap_or(Signal::TERM)),
            Some(signal) => self.end_by(signal),
            None => {}
        }
        let stopped = rustix::process::waitid(WaitId::Pid(self.group), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
        match stopped.ok().flatten().and_then(|status| status.stopping_signal()) {
            Some(signal_hook::consts::SIGTTIN | signal_hook::consts::SIGTTOU) => {
                self.terminal = None;
                self.terminal = LentTerminal::lend(self.group);
                if self.terminal.is_none() {
                    // We are in the background too, and wait for the foreground as every job does.
                    let _ = rustix::process::kill_current_process_group(Signal::TTIN);
                }
            }
            Some(signal_hook::consts::SIGTSTP) => {
                self.terminal = None;
                let _ = rustix::process::kill_current_process_group(Signal::TSTP);
            }
            _ => return,
        }
        self.signal(Signal::CONT);
    }

    /// Ends the command and then this process by a signal; a command that is deaf to it is killed.
    fn end_by(&mut self, signal: i32) {
        self.signal(Signal::from_named_raw(signal).unwrap_or(Signal::TERM));
        self.signal(Signal::CONT);
        let begun = Instant::now();
        while begun.elapsed() < GRACE {
            // A dead leader that nobody has waited for would still count as its group.
            self.ended |= matches!(self.child.try_wait(), Ok(Some(_)));
            if rustix::process::test_kill_process_group(self.group).is_err() {
                break;
            }
            thread::park_timeout(PAUSE);
        }
        self.signal(Signal::KILL);
        self.terminal = None;
        end_process(signal);
    }

    fn signal(&self, signal: Signal) {
        let _ = rustix::process::kill_process_group(self.group, signal);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.ended {
            // It was not waited for, so its number is still its own, even if it has ended and only its children run.
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The terminal of this process while another group is in its foreground. Dropping it takes the terminal back, with the
/// settings that it had: a command that is killed while it reads a password leaves the echo off.
struct LentTerminal {
    terminal: File,
    group: Pid,
    settings: Termios,
}

impl LentTerminal {
    /// `None` where there is no terminal, or it is not ours to give.
    fn lend(group: Pid) -> Option<Self> {
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
        let foreground = termios::tcgetpgrp(&terminal).ok()?;
        if foreground != rustix::process::getpgrp() {
            return None;
        }
        let settings = termios::tcgetattr(&terminal).ok()?;
        termios::tcsetpgrp(&terminal, group).ok()?;
        Some(Self { terminal, group, settings })
    }
}

impl Drop for LentTerminal {
    fn drop(&mut self) {
        // Whoever changes a terminal from the background is stopped by this signal, unless it is blocked.
        let Ok(before) = SigSet::from(Masked::SIGTTOU).thread_swap_mask(SigmaskHow::SIG_BLOCK) else { return };
        if termios::tcgetpgrp(&self.terminal).is_ok_and(|group| group == self.group) {
            let _ = termios::tcsetpgrp(&self.terminal, rustix::process::getpgrp());
            let _ = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.settings);
        }
        let _ = before.thread_set_mask();
    }
}
