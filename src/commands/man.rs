//! `hallpass man`: the manual, made from the same words as the help.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::ignore_sigxfsz;
use crate::error::Error;
use crate::output::{Render, Text};

use super::Outcome;

/// Print the manual page, or write all pages into a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Print the main page
  $ hallpass man | head -n 1

  # Write all pages where man looks for them
  $ hallpass man ~/.local/share/man/man1")]
pub struct Args {
    /// Write one page per subcommand here
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// The main page.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The main page.
    roff: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(self.roff.clone())
    }
}

/// The answer of `man DIR`.
#[derive(Serialize, JsonSchema)]
pub struct Pages {
    /// The pages that were written.
    written: Vec<String>,
}

impl Render for Pages {
    fn text(&self) -> Text {
        Text::Lines(self.written.clone())
    }
}

pub fn run(_cx: &Context, args: &Args, command: clap::Command) -> Result<Outcome, Error> {
    let pages = render_pages(command).map_err(|error| Error::writing(&error))?;
    let Some(directory) = &args.directory else {
        let roff = pages.into_iter().next().map(|(_, page)| page).unwrap_or_default();
        return Ok(Outcome::view(Answer { roff }));
    };
    Ok(Outcome::view(Pages { written: write_pages(directory, &pages)? }))
}

/// A manual is for everybody: its files have ordinary modes, unlike all others that this program writes.
fn write_pages(directory: &Path, pages: &[(String, String)]) -> Result<Vec<String>, Error> {
    ignore_sigxfsz();
    DirBuilder::new().recursive(true).create(directory).map_err(|error| Error::page(directory, &error))?;
    for (name, page) in pages {
        let path = directory.join(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        file.and_then(|mut file| file.write_all(page.as_bytes())).map_err(|error| Error::page(&path, &error))?;
    }
    Ok(pages.iter().map(|(name, _)| name.clone()).collect())
}

/// Every page by its file name; the main one first.
fn render_pages(command: clap::Command) -> io::Result<Vec<(String, String)>> {
    let mut command = command.disable_help_flag(true).disable_version_flag(true);
    command.build();
    let mut pages = Vec::new();
    collect_pages(&command, "hallpass", &mut pages)?;
    Ok(pages)
}

fn collect_pages(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    pages.push((format!("{name}.1"), render_page(command, name)?));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect_pages(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}

/// One page. Only the main page has the global options and the topics.
fn render_page(command: &clap::Command, name: &str) -> io::Result<String> {
    let main = name == "hallpass";
    let mut shown = command.clone().name(name.to_owned());
    if !main {
        shown = shown.mut_args(|argument| if argument.is_global_set() { argument.hide(true) } else { argument });
    }
    let usage = shown.clone().render_usage().to_string();
    let version = concat!("hallpass ", env!("CARGO_PKG_VERSION"));
    // Pages of different days must not differ.
    let made = clap_mangen::Man::new(shown).date("").source(version);
    let mut bytes = Vec::new();
    made.render_title(&mut bytes)?;
    made.render_name_section(&mut bytes)?;
    let usage: Vec<String> =
        usage.lines().map(|line| format!("  {}", line.trim().trim_start_matches("Usage: "))).collect();
    push_section(&mut bytes, "SYNOPSIS", usage.iter().map(String::as_str));
    made.render_description_section(&mut bytes)?;
    made.render_options_section(&mut bytes)?;
    if command.has_subcommands() {
        made.render_subcommands_section(&mut bytes)?;
    }
    let topic = |wanted| super::help::TOPICS.iter().find(|(name, _)| *name == wanted).map_or("", |(_, text)| text);
    // Each but the main page has its own codes.
    let codes = command.get_after_long_help().map(ToString::to_string);
    push_section(&mut bytes, "EXIT STATUS", codes.as_deref().unwrap_or(topic("exit-codes")).lines());
    if main {
        push_section(&mut bytes, "ENVIRONMENT", topic("environment").lines());
        push_section(&mut bytes, "FILES", FILES.lines());
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    push_section(&mut bytes, "EXAMPLES", after.lines().filter(|line| !line.ends_with(':')));
    if main {
        push_section(&mut bytes, "SOURCES", topic("sources").lines());
        push_section(&mut bytes, "ZONES", topic("zones").lines());
    } else {
        push_section(&mut bytes, "SEE ALSO", ["hallpass(1) for the global options, sources and zones"].into_iter());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where things are stored.
const FILES: &str = "  ~/.config/hallpass/config.toml
      zones and settings, without secrets (hallpass zone path)
  ~/.local/share/hallpass/
      the sealed vault, encrypted
  $XDG_RUNTIME_DIR/hallpass/
      cached tokens, 0600; without that variable ~/.cache/hallpass/
  ~/.local/state/hallpass/
      locks, sign-ins and registrations under way, circuit breakers
  .hallpass.toml
      names the zone of a project, in its directory or one above

HALLPASS_HOME puts the first four into one directory; XDG_CONFIG_HOME,
XDG_DATA_HOME, XDG_CACHE_HOME and XDG_STATE_HOME move each.";

/// A section. A paragraph is filled, and an indented block is printed as it is. A topic's title is left out.
fn push_section<'a>(page: &mut Vec<u8>, title: &str, lines: impl Iterator<Item = &'a str>) {
    page.extend_from_slice(format!(".SH {title}\n").as_bytes());
    let mut indented = false;
    for line in
        lines.filter(|line| line.to_uppercase() != title && *line != "Exit codes").skip_while(|line| line.is_empty())
    {
        if line.is_empty() {
            page.extend_from_slice(b".sp\n");
            continue;
        }
        if indented != line.starts_with(' ') {
            indented = !indented;
            page.extend_from_slice(if indented { b".nf\n" } else { b".fi\n" });
        }
        let mut line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
        if line.starts_with('.') {
            line.insert_str(0, "\\&");
        }
        page.extend_from_slice(line.as_bytes());
        page.push(b'\n');
    }
    if indented {
        page.extend_from_slice(b".fi\n");
    }
}
