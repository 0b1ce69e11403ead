//! `hallpass help`: the help of a subcommand, or one of the topics.

use clap::builder::StyledStr;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, usage};
use crate::output::{Render, Text};

use super::Outcome;

/// Show the help of a subcommand or a topic
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # What the exit codes mean
  $ hallpass help exit-codes

  # The help of a subcommand
  $ hallpass help zone add")]
pub struct Args {
    /// A topic, or the words of a subcommand
    words: Vec<String>,
}

/// The topics by name; the first line of each is its title.
pub const TOPICS: [(&str, &str); 5] = [
    ("exit-codes", include_str!("help/exit-codes.txt")),
    ("sources", include_str!("help/sources.txt")),
    ("environment", include_str!("help/environment.txt")),
    ("zones", include_str!("help/zones.txt")),
    ("shared-cache", include_str!("help/shared-cache.txt")),
];

/// A help text.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The help.
    help: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(self.help.clone())
    }
}

const NO_BREAK: &str = "\u{a0}";

/// A line of a page that is shown as it is, however narrow the terminal.
pub fn without_breaks(line: &str) -> String {
    line.replace(' ', NO_BREAK)
}

/// A page as it is printed.
pub fn print_page(page: &StyledStr, color: bool) -> String {
    let text = if color { page.ansi().to_string() } else { page.to_string() };
    text.replace(NO_BREAK, " ")
}

/// Makes the command tree for a terminal with so many columns.
type LayOut = fn(Option<u16>) -> clap::Command;

pub fn run(cx: &Context, args: &Args, lay_out: LayOut) -> Result<Outcome, Error> {
    if let [word] = args.words.as_slice()
        && let Some((_, text)) = TOPICS.iter().find(|(name, _)| name == word)
    {
        return Ok(Outcome::view(Answer { help: (*text).to_owned() }));
    }
    let mut command = lay_out(cx.ui.columns());
    let mut found = &mut command;
    for word in &args.words {
        let subcommands: Vec<String> = found.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
        let unknown = || usage::unknown_topic(word, &TOPICS.map(|(name, _)| name), &subcommands);
        found = found.find_subcommand_mut(word).ok_or_else(unknown)?;
    }
    Ok(Outcome::view(Answer { help: print_page(&found.render_long_help(), cx.ui.answers_in_color()) }))
}
