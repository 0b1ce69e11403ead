//! Token files: one bearer token per line, `#` for comments, loadable by toolregistry-server as they are.
//!
//! They belong to others too: what hallpass does not own of a file stays as it is, byte by byte. It owns the lines of the
//! tokens that it is told to change, and the comment `#hallpass: label="ci" added=… expires=…` above such a line. A token
//! that is switched off stands behind `#hallpass-off:`. A byte order mark at the beginning is looked past.
//!
//! A token lets somebody in when every line that holds it is sound, enabled and unexpired. An empty file lets nobody in.

mod change;
mod edit;
mod entry;
mod file;
mod line;
mod lint;
mod metadata;
mod place;
mod search;
mod sweep;

pub use change::change;
pub use edit::{Command, Edited, New};
pub use entry::{Entry, State, fingerprint};
pub use file::TokenFile;
pub use metadata::{Metadata, parse_label};
pub use search::Lookup;

#[cfg(test)]
mod tests;
