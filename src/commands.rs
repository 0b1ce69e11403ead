//! The subcommands: for each its arguments (whose comments are the help), its view, and its deed, in that order.

pub mod completions;
pub mod discover;
pub mod exchange;
pub mod header;
pub mod help;
pub mod man;
mod request;
pub mod sandbox;
pub mod schema;
pub mod status;
pub mod token;
pub mod vault;
pub mod zone;

use serde::Serialize;
use serde_json::Value;

use crate::output::View;

/// How a command ended.
pub enum Outcome {
    /// With an answer.
    View(Box<dyn View>),
    /// With the code of a child, or without words.
    Exit(u8),
}

impl Outcome {
    /// An answer.
    pub fn view(view: impl View + 'static) -> Self {
        Self::View(Box::new(view))
    }
}

/// The JSON of a view's shape; our shapes have only string keys, so this always succeeds.
fn shape(shape: &impl Serialize) -> Value {
    serde_json::to_value(shape).unwrap_or_default()
}
