//! The floor of the benchmarks: a Rust program that reads one file and prints it.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or(std::io::ErrorKind::InvalidInput)?;
    let text = std::fs::read(path)?;
    std::io::stdout().write_all(&text)
}
