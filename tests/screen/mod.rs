//! A terminal of a person, which `script` (util-linux) makes: what it shows, and what is typed.

#![cfg(target_os = "linux")]
#![allow(dead_code, reason = "each test crate uses its part of the terminal")]

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};

use crate::room::{Room, await_until};

/// A room with what a shell on a terminal needs.
pub fn room() -> Room {
    with_shell(Room::new())
}

pub fn with_shell(room: Room) -> Room {
    room.with("PATH", std::env::var_os("PATH").unwrap())
        .with("SHELL", "/bin/sh")
        .with("TERM", "xterm")
        .with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"))
}

/// A line of the shell that runs on a terminal of its own, where a person reads and types.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Arc<Mutex<String>>,
    /// How much of it a person has read.
    read: usize,
}

impl Terminal {
    pub fn start(room: &Room, line: &str) -> Self {
        let mut child =
            room.program("script").args(["-qec", line, "/dev/null"]).stdin(Stdio::piped()).spawn().expect("script");
        let (keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let shown = Arc::<Mutex<String>>::default();
        let written = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(size @ 1..) = screen.read(&mut piece) {
                written.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..size]));
            }
        });
        Self { child, keys, shown, read: 0 }
    }

    /// Types this once the screen has shown that, after what was waited for before.
    #[track_caller]
    pub fn types_after(&mut self, shown: &str, typed: &str) {
        self.awaits(shown);
        self.keys.write_all(typed.as_bytes()).unwrap();
    }

    /// Waits until the screen shows this, after what was waited for before, and gives all up to there.
    #[track_caller]
    pub fn awaits(&mut self, shown: &str) -> String {
        let mut end = None;
        let find = |text: &str| text[self.read..].find(shown).map(|at| self.read + at + shown.len());
        await_until(
            || {
                end = find(&self.shown.lock().unwrap());
                end.is_some()
            },
            || format!("{shown:?} in {}", self.text()),
        );
        self.read = end.unwrap();
        self.text()[..self.read].to_owned()
    }

    pub fn text(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Waits for the end: the exit code, and all that the screen has shown.
    pub fn finish(mut self) -> (Option<i32>, String) {
        let mut status = None;
        await_until(
            || {
                status = self.child.try_wait().unwrap();
                status.is_some()
            },
            || "the end of the command".to_owned(),
        );
        let code = status.and_then(|status| status.code());
        await_until(|| Arc::strong_count(&self.shown) == 1, || "the end of the screen".to_owned());
        (code, self.text())
    }
}
