//! A room with one zone, and the issuer of its tokens: AT-1, AT-2 …

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fault::{Request, Server, token};
use crate::room::{Outcome, Room, finish};

/// How long the first token of [`Site::expiring`] lives, in seconds.
const SHORT: u64 = 2;

pub struct Site {
    pub room: Room,
    pub issuer: Server,
}

impl Site {
    /// The tokens of the zone `a` may go to this host.
    pub fn new(host: &str) -> Self {
        Self::with_first_lifetime(host, 300)
    }

    /// The same; the first token soon expires.
    pub fn expiring(host: &str) -> Self {
        Self::with_first_lifetime(host, SHORT)
    }

    fn with_first_lifetime(host: &str, seconds: u64) -> Self {
        let number = AtomicU64::new(0);
        let issuer = Server::with_token_answer(move |_, _| match number.fetch_add(1, Ordering::SeqCst) + 1 {
            1 => token("AT-1", seconds),
            later => token(&format!("AT-{later}"), 300),
        });
        let room = Room::new().with("SECRET", "s3cret").with("PATH", std::env::var_os("PATH").unwrap());
        let home = room.directory().to_owned();
        let room = room.with("HOME", home);
        let base = issuer.base();
        let words = ["zone", "add", "a", "--issuer", &base, "--client-id", "c", "--client-secret-ref", "env:SECRET"];
        room.run(&[&words[..], &["--host", host]].concat()).answer();
        Self { room, issuer }
    }

    /// Sets a variable for every program.
    #[must_use]
    pub fn with(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        Self { room: self.room.with(name, value), ..self }
    }

    /// PATH with a directory of the room before it.
    pub fn path_with(&self, directory: &str) -> OsString {
        let path = std::env::var_os("PATH").unwrap();
        std::env::join_paths([self.path(directory)].into_iter().chain(std::env::split_paths(&path))).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.room.directory().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn run(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Outcome {
        finish(self.room.program(program).args(words).spawn().unwrap())
    }
}

/// Waits until the first token of [`Site::expiring`] has expired.
pub fn await_expiry() {
    std::thread::sleep(Duration::from_secs(SHORT));
}

/// The field with this token of a [`Site`].
pub fn bearer(number: u64) -> String {
    format!("Bearer AT-{number}")
}

/// The field with this token as the password of a user.
pub fn basic(user: &str, number: u64) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:AT-{number}")))
}

/// The token that a request has, in the field that is made so.
pub fn token_of(request: &Request, credential: impl Fn(u64) -> String) -> Option<u64> {
    let field = request.field("Authorization")?;
    (1..9).find(|number| field == credential(*number))
}

/// The tokens of all requests to a server; of equal ones in a row one.
pub fn tokens(server: &Server, credential: fn(u64) -> String) -> Vec<u64> {
    let mut tokens: Vec<u64> = server.requests().iter().filter_map(|request| token_of(request, credential)).collect();
    tokens.dedup();
    tokens
}

/// What a program of this machine writes, in a directory.
pub fn output(program: &str, directory: &Path, words: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(words).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
