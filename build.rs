//! One link flag, for the program alone: on Linux it is not moved at its start.
//!
//! A program that lies where it was linked needs no addresses set right at its start: ten thousand of them, on forty
//! pages that a cached token never looks at, were about a fifth of what `hallpass header` cost. Stack, heap and libraries
//! still lie elsewhere at each start, and the code is Rust without `unsafe`. Flags in `.cargo/config.toml` would reach
//! the procedural macros, which cannot be linked so. `HALLPASS_PIE=1 cargo build --release` builds it movable.

#[expect(clippy::disallowed_methods, reason = "a build script has no edges")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HALLPASS_PIE");
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    let movable = std::env::var_os("HALLPASS_PIE").is_some();
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !movable {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
