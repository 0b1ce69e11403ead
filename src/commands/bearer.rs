//! `hallpass bearer …`: token files, one bearer token per line.

use std::path::Path;

use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::store::token_file::Entry;
use crate::text::wash;

use super::Outcome;

mod add;
mod change;
mod check;
mod disable;
mod enable;
mod expiry;
mod generate;
mod lint;
mod list;
mod made;
mod pick;
mod prune;
mod remove;
mod rotate;

pub use add::Shape as AddShape;
pub use change::Shape as ChangeShape;
pub use check::Shape as CheckShape;
pub use generate::Shape as GenerateShape;
pub use lint::Shape as LintShape;
pub use rotate::Shape as RotateShape;

/// Look after a token file: one bearer token per line, for small servers and gateways
///
/// A line that begins with # is a comment. What is known of a token stands in a comment above it, and a token that is
/// switched off stands behind #hallpass-off:. Every other byte of the file stays as it is, and toolregistry-server loads
/// the file as it is. An empty file lets nobody in.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass bearer generate tokens.txt --label ci >ci.token\n  $ hallpass token | hallpass bearer add tokens.txt && hallpass bearer list tokens.txt"
)]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    Add(add::Args),
    Generate(generate::Args),
    Remove(remove::Args),
    Check(check::Args),
    List(list::Args),
    Rotate(rotate::Args),
    Disable(disable::Args),
    Enable(enable::Args),
    Lint(lint::Args),
    Prune(prune::Args),
}

/// One token of a token file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The number of its line.
    line: usize,
    /// The first 12 hexadecimal digits of the token's SHA-256.
    fingerprint: String,
    /// Its name.
    label: Option<String>,
    /// When it came into the file, RFC 3339 in UTC.
    added: Option<String>,
    /// From when on it lets nobody in.
    expires: Option<String>,
    /// `live`, `disabled`, `expired`, or `malformed`: no bearer token, or what is said of it can't be read.
    state: &'static str,
    /// The token, with `--show-tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Shape {
    /// What is known of a token, without the token.
    fn of(entry: &Entry) -> Self {
        Self {
            line: entry.line,
            fingerprint: entry.fingerprint(),
            label: entry.label.clone(),
            added: entry.added.map(Moment::rfc3339),
            expires: entry.expires.map(Moment::rfc3339),
            state: entry.state.name(),
            token: None,
        }
    }

    /// The token in a few words: `ba7816bf8f01 (ci)`.
    fn words(&self) -> String {
        let label = self.label.as_ref().map(|label| format!(" ({label})"));
        format!("{}{}", self.fingerprint, label.unwrap_or_default())
    }
}

/// Runs the one that was named.
///
/// # Errors
/// Those of the deed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match &args.deed {
        Deed::Add(args) => add::run(cx, args),
        Deed::Generate(args) => generate::run(cx, args),
        Deed::Remove(args) => remove::run(cx, args),
        Deed::Check(args) => check::run(cx, args),
        Deed::List(args) => list::run(cx, args),
        Deed::Rotate(args) => rotate::run(cx, args),
        Deed::Disable(args) => disable::run(cx, args),
        Deed::Enable(args) => enable::run(cx, args),
        Deed::Lint(args) => lint::run(cx, args),
        Deed::Prune(args) => prune::run(cx, args),
    }
}

/// A path as it may be shown.
fn named(file: &Path) -> String {
    wash(&file.display().to_string())
}

/// Says each warning.
fn warn(cx: &Context, warnings: &[String]) {
    for warning in warnings {
        cx.ui.warn(warning);
    }
}
