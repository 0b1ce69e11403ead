//! The largest file that a process may write (`ulimit -f`).

use std::sync::{Arc, Once};

static TAMED: Once = Once::new();

/// Makes a file that outgrows its limit a failed write like that of a full disk: the signal (SIGXFSZ) would end the
/// process without a word and leave its temporary file. A child starts with the signal as it was. Called by whoever is
/// about to write a file, because handing out a cached token writes none and should not pay for it.
pub fn ignore_sigxfsz() {
    TAMED.call_once(|| {
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    });
}
