//! A descriptor that this process inherited, by its number.

use std::fs::File;
use std::io;

/// Duplicates it, by sending it to this process itself: nothing else turns a number into a file without unsafe code. The
/// duplicate starts where the descriptor stands and needs no permission, unlike `/dev/fd/N`, which opens a regular file
/// again.
#[cfg(unix)]
pub(super) fn duplicate(number: u32) -> io::Result<File> {
    use std::io::{IoSlice, IoSliceMut};
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
    use rustix::io::{FdFlags, fcntl_setfd};
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

    let bad = || io::Error::from(rustix::io::Errno::BADF);
    let sent = [i32::try_from(number).map_err(|_| bad())?];
    let (one, other) = UnixStream::pair()?;
    sendmsg::<()>(
        one.as_raw_fd(),
        &[IoSlice::new(b"x")],
        &[ControlMessage::ScmRights(&sent)],
        MsgFlags::empty(),
        None,
    )?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(&other, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::empty())?;
    let received = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let received = received.ok_or_else(bad)?;
    fcntl_setfd(&received, FdFlags::CLOEXEC)?;
    Ok(received.into())
}

#[cfg(not(unix))]
pub(super) fn duplicate(number: u32) -> io::Result<File> {
    File::open(format!("/dev/fd/{number}"))
}
