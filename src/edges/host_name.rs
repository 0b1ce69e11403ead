//! What this machine is called.

/// The name of this machine, or of its container; empty where the system has none to tell.
pub fn host_name() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    String::new()
}
