//! What lies between a machine and its engine: passes commands on one by one, late or only when the test lets it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::engine::Engine;
use super::room::{Room, await_until};

/// A point at which a machine is kept until the test lets it go on.
#[derive(Default)]
pub struct Barrier {
    reached: AtomicBool,
    lifted: AtomicBool,
}

impl Barrier {
    /// Keeps the caller.
    pub fn hold(&self) {
        self.reached.store(true, Ordering::SeqCst);
        await_until(|| self.lifted.load(Ordering::SeqCst), || "the test".to_owned());
    }

    pub fn is_reached(&self) -> bool {
        self.reached.load(Ordering::SeqCst)
    }

    #[track_caller]
    pub fn await_reached(&self) {
        await_until(|| self.is_reached(), || "the machine at its barrier".to_owned());
    }

    pub fn lift(&self) {
        self.lifted.store(true, Ordering::SeqCst);
    }
}

/// What a command of a machine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    Look,
    Lease,
    Store,
    Other,
}

impl Errand {
    /// Of the words of a command, by the script that it runs.
    fn of(words: &[Vec<u8>]) -> Self {
        let script = words.get(1).map(|script| String::from_utf8_lossy(script).into_owned()).unwrap_or_default();
        // EVAL, script, number of keys, three keys, owner.
        match words.get(6).map(Vec::len) {
            _ if script.contains("redis.call('SET', KEYS[1]") => Self::Store,
            Some(0) if script.contains("HMGET") => Self::Look,
            Some(_) if script.contains("HMGET") => Self::Lease,
            _ => Self::Other,
        }
    }
}

/// When a command or its answer is passed on.
#[derive(Clone)]
pub enum Passage {
    AtOnce,
    /// The engine does not get it before the barrier is lifted.
    Before(Arc<Barrier>),
    /// The machine does not get the answer before the barrier is lifted.
    After(Arc<Barrier>),
    /// The machine gets the answer so much later.
    Late(Duration),
}

/// A socket that leads to an engine.
pub struct Relay {
    directory: TempDir,
    over: Arc<AtomicBool>,
}

impl Relay {
    pub fn start(engine: &Engine, plan: impl Fn(Errand) -> Passage + Send + Sync + 'static) -> Self {
        let directory = TempDir::with_prefix("hallpass-relay-").unwrap();
        let listener = UnixListener::bind(directory.path().join("socket")).unwrap();
        let (engine, plan, over) = (engine.socket(), Arc::new(plan), Arc::new(AtomicBool::new(false)));
        let is_over = Arc::clone(&over);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), false) = (stream, is_over.load(Ordering::SeqCst)) else { break };
                let (engine, plan) = (engine.clone(), Arc::clone(&plan));
                std::thread::spawn(move || pass_on(&stream, &engine, &*plan));
            }
        });
        Self { directory, over }
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    /// The room with this way to its engine.
    pub fn leads(&self, room: Room) -> Room {
        room.with("HALLPASS_SHARED_CACHE", format!("redis+unix://{}", self.socket().display()))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = UnixStream::connect(self.socket());
    }
}

/// Serves one connection to its end.
fn pass_on(machine: &UnixStream, engine: &Path, plan: &dyn Fn(Errand) -> Passage) -> Option<()> {
    let engine = UnixStream::connect(engine).ok()?;
    let (mut from_machine, mut from_engine) = (BufReader::new(machine), BufReader::new(&engine));
    loop {
        let (mut command, mut answer, mut words) = (Vec::new(), Vec::new(), Vec::new());
        read_value(&mut from_machine, &mut command, &mut words)?;
        let passage = plan(Errand::of(&words));
        if let Passage::Before(barrier) = &passage {
            barrier.hold();
        }
        (&engine).write_all(&command).ok()?;
        read_value(&mut from_engine, &mut answer, &mut words)?;
        match passage {
            Passage::After(barrier) => barrier.hold(),
            Passage::Late(delay) => std::thread::sleep(delay),
            _ => {}
        }
        (&*machine).write_all(&answer).ok()?;
    }
}

/// Reads one value of the protocol: its bytes, and the strings in it.
fn read_value(from: &mut impl BufRead, bytes: &mut Vec<u8>, words: &mut Vec<Vec<u8>>) -> Option<()> {
    let begin = bytes.len();
    from.read_until(b'\n', bytes).ok().filter(|read| *read > 0)?;
    let line = String::from_utf8_lossy(&bytes[begin..]).into_owned();
    let number = line.get(1..).and_then(|number| number.trim_end().parse::<i64>().ok()).unwrap_or_default();
    match line.as_bytes()[0] {
        b'*' => (0..number).try_for_each(|_| read_value(from, bytes, words)),
        b'$' if number >= 0 => {
            let mut word = vec![0; usize::try_from(number).ok()? + 2];
            from.read_exact(&mut word).ok()?;
            bytes.extend_from_slice(&word);
            word.truncate(word.len() - 2);
            words.push(word);
            Some(())
        }
        _ => Some(()),
    }
}
