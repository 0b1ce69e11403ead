//! `hallpass man`: the manual, made from the same words as the help.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};
use crate::store::file::{self, Durability};

use super::Outcome;

/// Print the manual page, or write all pages into a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass man | head -n 1\n  $ hallpass man .")]
pub struct Args {
    /// Write one page per subcommand here
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

struct Answer {
    text: Text,
    json: Value,
}

impl View for Answer {
    fn json(&self) -> Value {
        self.json.clone()
    }

    fn text(&self) -> Text {
        self.text.clone()
    }
}

/// Prints the main page as roff, or writes every page.
///
/// # Errors
/// 7 when a page can't be written.
pub fn run(_cx: &Context, args: &Args, command: clap::Command) -> Result<Outcome, Error> {
    let pages = pages(command).map_err(|error| Error::internal(error.to_string()))?;
    let Some(folder) = &args.folder else {
        let main = pages.into_iter().next().map(|(_, page)| page).unwrap_or_default();
        return Ok(Outcome::view(Answer { json: json!({"roff": main}), text: Text::Document(main) }));
    };
    let names = write(folder, &pages)?;
    Ok(Outcome::view(Answer { json: json!({"written": names}), text: Text::Lines(names) }))
}

fn write(folder: &Path, pages: &[(String, String)]) -> Result<Vec<String>, Error> {
    for (name, page) in pages {
        file::write(&folder.join(name), page.as_bytes(), Durability::Volatile)?;
    }
    Ok(pages.iter().map(|(name, _)| name.clone()).collect())
}

/// Every page by its file name; the main one first.
fn pages(command: clap::Command) -> std::io::Result<Vec<(String, String)>> {
    let mut command = command.disable_help_flag(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, "hallpass", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    // Pages of different days must not differ.
    clap_mangen::Man::new(command.clone().name(name.to_owned())).date("").render(&mut bytes)?;
    pages.push((format!("{name}.1"), String::from_utf8_lossy(&bytes).into_owned()));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}
