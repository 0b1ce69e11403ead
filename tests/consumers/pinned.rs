//! The programs of a pinned version, which `tests/run` puts into its cache.

use std::path::PathBuf;

/// A program below the directory that HALLPASS_TEST_CONSUMERS names.
pub fn pinned(program: &str) -> PathBuf {
    let directory = std::env::var_os("HALLPASS_TEST_CONSUMERS").expect("HALLPASS_TEST_CONSUMERS, which tests/run sets");
    PathBuf::from(directory).join(program)
}
