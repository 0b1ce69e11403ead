//! What a person or a program sees: stdout is the answer, stderr is everything else. Every write is checked and
//! flushed, foreign text is sanitized before a terminal sees it, colour is decided once.

mod cell;
mod color;
mod format;
mod json;
mod layout;
mod line_queue;
mod qr;
mod span;
mod spinner;
mod table;
mod ui;
mod view;

pub use cell::Cell;
pub use color::Style;
pub use format::{FORMATS, Format, Writer};
pub use json::{line as json_line, pretty};
pub use line_queue::{LAST_LINES, LineQueue};
pub use span::describe_span;
pub use table::Table;
pub use ui::{Ui, Verbosity};
pub use view::{Printed, Render, Text, to_cell};
