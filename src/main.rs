//! The program: hands the real edges to the library and returns its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    hallpass::edges::forbid_core_files();
    hallpass::install_panic_hook();
    if hallpass::complete() {
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<_> = std::env::args_os().collect();
    ExitCode::from(hallpass::main(&arguments, hallpass::real_edges()))
}
