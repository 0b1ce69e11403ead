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
#[command(after_help = "Examples:\n  $ hallpass man | head -n 1\n  $ hallpass man .")]
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
    push_section(&mut bytes, "SYNOPSIS", usage.lines().map(|line| line.trim().trim_start_matches("Usage: ")));
    made.render_description_section(&mut bytes)?;
    made.render_options_section(&mut bytes)?;
    if command.has_subcommands() {
        made.render_subcommands_section(&mut bytes)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    push_section(&mut bytes, "EXAMPLES", after.lines().filter(|line| *line != "Examples:"));
    if main {
        for (topic, text) in super::help::TOPICS {
            push_section(&mut bytes, &topic.to_uppercase().replace('-', " "), text.lines().skip(2));
        }
    } else {
        push_section(
            &mut bytes,
            "SEE ALSO",
            ["hallpass(1) for the global options, sources, exit codes and zones"].into_iter(),
        );
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A section whose lines are printed as they are.
fn push_section<'a>(page: &mut Vec<u8>, title: &str, lines: impl Iterator<Item = &'a str>) {
    page.extend_from_slice(format!(".SH {title}\n.nf\n").as_bytes());
    for line in lines {
        let mut line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
        if line.starts_with('.') {
            line.insert_str(0, "\\&");
        }
        page.extend_from_slice(line.as_bytes());
        page.push(b'\n');
    }
    page.extend_from_slice(b".fi\n");
}
