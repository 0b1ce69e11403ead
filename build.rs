//! How the program is linked, on Linux: it is not moved at its start, brings the unwinder along, and leaves out what nobody
//! unwinds.
//!
//! A program that lies where it was linked needs no addresses set right at its start: ten thousand of them, on forty
//! pages that a cached token never looks at, were about a fifth of what `hallpass header` cost. Stack, heap and libraries
//! still lie elsewhere at each start, and the code is Rust without `unsafe`. Flags in `.cargo/config.toml` would reach
//! the procedural macros, which cannot be linked so. `HALLPASS_PIE=1 cargo build --release` builds it movable.
//!
//! The unwinder comes from `libgcc_eh.a` instead of `libgcc_s.so.1`: finding and loading that library, and its questions
//! about the processor, which a virtual machine answers slowly, were a tenth of it, and a library less is a dependency less.
//!
//! A release aborts where it panics, so the tables by which a stack is unwound, a twelfth of the file, have no reader. Both
//! linkers of a Linux toolchain (ld and lld) can leave them out; where another one is chosen, they stay.

use std::path::{Path, PathBuf};
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "a build script has no edges")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HALLPASS_PIE");
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    if std::env::var_os("HALLPASS_PIE").is_none() {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    let Some(directory) = std::env::var_os("OUT_DIR").map(PathBuf::from) else { return };
    let native = std::env::var_os("HOST") == std::env::var_os("TARGET");
    if native && has_unwinder() && put_unwinder(&directory).is_ok() {
        println!("cargo::rustc-link-search=native={}", directory.display());
    }
    let script = directory.join("no-tables.ld");
    if is("PROFILE", "release") && !chooses_linker() && std::fs::write(&script, NO_TABLES).is_ok() {
        // `-Wl` would cut a path in two at a comma.
        for word in ["-T", &script.display().to_string(), "--no-eh-frame-hdr"] {
            println!("cargo::rustc-link-arg-bins=-Xlinker");
            println!("cargo::rustc-link-arg-bins={word}");
        }
    }
}

/// Beside what the linker does of its own.
const NO_TABLES: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;\n";

/// Whether whoever builds may have chosen another linker.
#[expect(clippy::disallowed_methods, reason = "a build script has no edges")]
fn chooses_linker() -> bool {
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    flags.contains("link") || std::env::var_os("RUSTC_LINKER").is_some()
}

/// Whether the C compiler that links has the unwinder as an archive.
fn has_unwinder() -> bool {
    let asked = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_absolute())
}

/// Puts a linker script where `-lgcc_s` finds it first.
#[expect(clippy::disallowed_methods, reason = "a build script has no edges")]
fn put_unwinder(directory: &Path) -> std::io::Result<()> {
    std::fs::write(directory.join("libgcc_s.so"), "GROUP ( -lgcc_eh -lgcc )\n")
}
