//! Tells systemd how the gate is doing (sd_notify(3)), where it wants to know.

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::watch;

pub struct Notifier {
    socket: UnixDatagram,
    address: SocketAddr,
    /// How often it wants to hear that the gate is alive.
    watchdog: Option<Duration>,
}

impl Notifier {
    /// `socket` is `NOTIFY_SOCKET`, a path or with `@` an abstract name; `watchdog` is `WATCHDOG_USEC`.
    pub fn new(socket: &OsStr, watchdog: Option<&str>) -> Option<Self> {
        let address = match socket.as_bytes().split_first()? {
            (b'@', name) => SocketAddr::from_abstract_name(name),
            _ => SocketAddr::from_pathname(socket),
        };
        let watchdog = watchdog.and_then(|micros| micros.parse().ok()).filter(|micros| *micros > 0);
        let watchdog = watchdog.map(|micros| Duration::from_micros(micros) / 2);
        Some(Self { socket: UnixDatagram::unbound().ok()?, address: address.ok()?, watchdog })
    }

    pub fn send(&self, state: &str) {
        // Nothing depends on it.
        let _ = self.socket.send_to_addr(state.as_bytes(), &self.address);
    }

    /// Everything is read again.
    pub fn send_reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// Says that the gate is alive until it stops.
    pub async fn keep_alive(&self, mut stop: watch::Receiver<u8>) {
        let stopped = stop.wait_for(|signals| *signals > 0);
        let mut stopped = std::pin::pin!(stopped);
        loop {
            let Some(watchdog) = self.watchdog else {
                let _ = stopped.as_mut().await;
                break;
            };
            if tokio::time::timeout(watchdog, stopped.as_mut()).await.is_ok() {
                break;
            }
            self.send("WATCHDOG=1");
        }
        self.send("STOPPING=1");
    }
}
