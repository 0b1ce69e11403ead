//! Token files: one bearer token per line, `#` for comments, loadable by toolregistry-server as they are.
//!
//! The user owns the file: hallpass changes only the lines of the tokens it is asked to change and the comment
//! `#hallpass: label="ci" added=… expires=…` above them. `#hallpass-off:` before a token disables it.
//!
//! A token is active when every line that holds it is valid, enabled and not expired.

mod edit;
mod entry;
mod file;
mod line;
mod lint;
mod metadata;
mod open;
mod replace;
mod scan;
mod search;

pub use edit::{Command, Edited, New};
pub use entry::{Entry, State, fingerprint};
pub use file::TokenFile;
pub use metadata::{Metadata, parse_label};
pub use replace::change;
pub use search::Lookup;

#[cfg(test)]
mod tests;
