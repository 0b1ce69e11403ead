//! The token file that a command is about.

use std::path::Path;

use crate::context::Context;
use crate::text::sanitize;

/// Its path, safe for a terminal.
pub fn show_path(file: &Path) -> String {
    sanitize(&file.display().to_string())
}

pub fn print_warnings(cx: &Context, warnings: &[String]) {
    for warning in warnings {
        cx.ui.warn(warning);
    }
}
