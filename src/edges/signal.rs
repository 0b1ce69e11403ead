//! The signals that end this process, while a child of it must end first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::{flag, low_level};

/// The state of the signal handlers.
struct Handlers {
    /// Whether a signal ends the process at once.
    idle: Arc<AtomicBool>,
    /// The last signal, or 0.
    caught: Arc<AtomicUsize>,
    /// Whether another listener deals with signals, and this process outlives them.
    passed_on: AtomicBool,
    holds: Mutex<usize>,
}

static HANDLERS: LazyLock<Handlers> = LazyLock::new(|| {
    let handlers = Handlers {
        idle: Arc::new(AtomicBool::new(true)),
        caught: Arc::default(),
        passed_on: AtomicBool::new(false),
        holds: Mutex::default(),
    };
    let ignored = ignored_signals();
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        // What nohup or a shell in the background has turned off stays off.
        if ignored & (1 << (signal - 1)) == 0 {
            let _ = flag::register_conditional_default(signal, Arc::clone(&handlers.idle));
            let _ = flag::register_usize(signal, Arc::clone(&handlers.caught), usize::try_from(signal).unwrap_or(0));
        }
    }
    handlers
});

/// Whether a signal is ignored: what nohup or a shell in the background has turned off stays off.
pub fn is_ignored(signal: i32) -> bool {
    ignored_signals() & (1 << (signal - 1)) != 0
}

/// The signals that are ignored, a bit each; none where the system does not tell.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// While it lives, a signal does not end the process but waits to be passed on.
pub struct SignalHold(());

impl SignalHold {
    /// Catches the signals that end a process, unless they are ignored.
    pub fn start() -> Self {
        let mut holds = HANDLERS.holds.lock().unwrap_or_else(PoisonError::into_inner);
        *holds += 1;
        HANDLERS.idle.store(false, Ordering::SeqCst);
        if are_passed_on() {
            HANDLERS.caught.store(0, Ordering::SeqCst);
        }
        Self(())
    }

    /// The signal that came; where signals are passed on, each one once.
    pub fn caught(&self) -> Option<i32> {
        let caught = &HANDLERS.caught;
        let signal = if are_passed_on() { caught.swap(0, Ordering::SeqCst) } else { caught.load(Ordering::SeqCst) };
        i32::try_from(signal).ok().filter(|signal| *signal != 0)
    }
}

impl Drop for SignalHold {
    fn drop(&mut self) {
        let mut holds = HANDLERS.holds.lock().unwrap_or_else(PoisonError::into_inner);
        *holds -= 1;
        if *holds == 0 && !are_passed_on() {
            HANDLERS.idle.store(true, Ordering::SeqCst);
            if let Some(signal) = self.caught() {
                end_process(signal);
            }
        }
    }
}

/// From here on this process outlives signals, because a listener of its own passes them to a child or counts them: no hold
/// and no prompt ends it.
pub fn pass_signals_on() {
    HANDLERS.passed_on.store(true, Ordering::SeqCst);
    HANDLERS.idle.store(false, Ordering::SeqCst);
}

/// Lets signals end this process again, one that has come as well.
pub fn stop_passing_signals_on() {
    // The end of a hold gives the signal its effect.
    let hold = SignalHold(());
    *HANDLERS.holds.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    HANDLERS.passed_on.store(false, Ordering::SeqCst);
    drop(hold);
}

/// Whether this process outlives signals.
pub fn are_passed_on() -> bool {
    HANDLERS.passed_on.load(Ordering::SeqCst)
}

/// Ends this process as the signal does where nobody catches it.
pub fn end_process(signal: i32) {
    let _ = low_level::emulate_default_handler(signal);
}
