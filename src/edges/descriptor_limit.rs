//! How many files and connections a process may have open (`ulimit -n`).

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as it goes: many systems begin with 1024, which a server with two connections for each exchange
/// reaches soon.
pub fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit });
}
