//! The memory of this process, which holds secrets.

/// Keeps secrets in memory out of core files; on Linux debuggers of the same user are kept out as well.
///
/// A system that refuses this is no reason to stop: nothing is less safe than before.
pub fn forbid_core_files() {
    // Children become dumpable again when they start another program; a limit would be theirs, too.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(not(target_os = "linux"))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Core).maximum;
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    }
}
