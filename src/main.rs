//! The program: hands the real edges to the library and returns its code.

fn main() {}
