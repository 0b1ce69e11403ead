//! What a person or a program sees: stdout is the answer, stderr is everything else. Every write is checked and
//! flushed, foreign text is sanitized before a terminal sees it, colour is decided once.

mod format;
mod json;
mod qr;
mod spinner;
mod table;
mod ui;
mod view;

pub use format::{FORMATS, Format, Writer};
pub use json::pretty;
pub use spinner::Spinner;
pub use ui::{Ui, Verbosity};
pub use view::{Printed, Render, Text, to_cell};
