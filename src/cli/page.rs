//! How the pages of the help look: groups of subcommands, examples, a footer, the width.

use std::fmt::Write as _;

use crate::commands::help::{TOPICS, without_breaks};

use super::entry::Entry;

/// Subcommands below a title.
pub type Group = (&'static str, &'static [Entry]);

/// The width where no terminal has one.
const WIDTH: usize = 80;

/// Longer lines are hard to read.
const WIDEST: usize = 100;

/// Where the sentence behind a subcommand's name begins.
const INDENT: usize = 17;

/// The exit codes of a subcommand that runs another program.
const HANDED_OVER: &str = "  125  the program was not started; the reason is on stderr
    N  otherwise the exit code of the program";

/// What the values of flags and arguments mean, by their names.
const VALUES: [(&str, &str); 3] = [
    (
        "SOURCE",
        "- (stdin), file:PATH, env:NAME, cmd:COMMAND, fd:N, vault, or a workload identity: hallpass help sources",
    ),
    ("SPAN", "90s, 15m, 24h or 30d"),
    ("TIME", "RFC 3339, such as 2026-11-22T10:00:00Z, or seconds since 1970"),
];

/// Lays out the page of every subcommand for a terminal of this width.
pub fn lay_out(command: clap::Command, groups: &[Group], columns: Option<u16>) -> clap::Command {
    let width = columns.map_or(WIDTH, usize::from).min(WIDEST);
    let list = list_groups(&command, groups, width);
    let header = command.get_styles().get_header();
    let list = format!("{list}{header}Global options:{header:#}\n{{options}}{{after-help}}");
    let footer = footer(&command, None);
    let mut command = command
        .term_width(width)
        .help_template(format!("{{about}}\n\n{{usage-heading}} {{usage}}\n\n{list}"))
        .mut_arg("format", list_values)
        .after_help(footer);
    // Gives the global options to every subcommand, where they are hidden then.
    command.build();
    groups.iter().flat_map(|(_, entries)| *entries).fold(command, lay_out_entry)
}

/// Its values on one line: with a line for each, every option would take more than one.
fn list_values(argument: clap::Arg) -> clap::Arg {
    let names: Vec<String> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    argument.help(format!("{help} [possible values: {}]", names.join(", "))).hide_possible_values(true)
}

fn lay_out_entry(command: clap::Command, entry: &Entry) -> clap::Command {
    let hide = |argument: clap::Arg| {
        let shown_once = argument.is_global_set() || argument.get_id() == "version";
        if shown_once { argument.hide(true) } else { argument }
    };
    command.mut_subcommand(entry.name, |command| {
        let footer = footer(&command, entry.negative);
        let command = command.mut_args(hide).after_help(format!("{footer}\nGlobal options: hallpass --help"));
        entry.children.iter().fold(command, lay_out_entry)
    })
}

/// The examples, whose lines are never broken, and what the values mean.
fn footer(command: &clap::Command, negative: Option<&str>) -> String {
    let header = command.get_styles().get_header();
    let mut text = String::new();
    for (number, line) in command.get_after_help().map(ToString::to_string).unwrap_or_default().lines().enumerate() {
        let line = if line.starts_with(' ') { without_breaks(line) } else { line.to_owned() };
        // The parser counts columns from the last line break of the same style: each line begins with its own.
        let start = if number == 0 { "" } else { "\n" };
        let _ = match line.trim_start() {
            _ if line.ends_with(':') => write!(text, "{header}{start}{line}{header:#}"),
            comment if comment.starts_with('#') => {
                let dim = anstyle::Style::new().dimmed();
                write!(text, "{dim}{start}{line}{dim:#}")
            }
            _ => write!(text, "{start}{line}"),
        };
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let root = command.get_name() == "hallpass";
    let shown = command.get_arguments().filter(|argument| root || !argument.is_global_set());
    let names: Vec<_> = shown.flat_map(|argument| argument.get_value_names().unwrap_or_default()).collect();
    let used = |value: &str| names.iter().any(|name| name.split('|').any(|part| part == value));
    let mut lines: Vec<String> =
        VALUES.iter().filter(|(name, _)| used(name)).map(|(name, meaning)| format!("{name}: {meaning}")).collect();
    lines.extend(negative.map(|meaning| format!("Exit 1: {meaning}")));
    if !lines.is_empty() && !text.is_empty() {
        text.push('\n');
    }
    text + &lines.join("\n")
}

/// The subcommands below the titles of their groups.
fn list_groups(command: &clap::Command, groups: &[Group], width: usize) -> String {
    let (header, name_style) = (command.get_styles().get_header(), command.get_styles().get_literal());
    let mut list = String::new();
    for (title, entries) in groups {
        let _ = write!(list, "{header}{title}:{header:#}");
        for Entry { name, .. } in *entries {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let pad = " ".repeat(INDENT - 2 - name.len());
            let _ = write!(list, "\n  {name_style}{name}{name_style:#}{pad}");
            let mut used = INDENT;
            for (number, word) in about.map(ToString::to_string).unwrap_or_default().split(' ').enumerate() {
                let gap = match number {
                    0 => String::new(),
                    _ if used + 1 + word.len() > width => format!("\n{}", " ".repeat(INDENT)),
                    _ => " ".to_owned(),
                };
                used = if gap.len() > 1 { INDENT } else { used + gap.len() } + word.len();
                let _ = write!(list, "{gap}{word}");
            }
        }
        list.push_str("\n\n");
    }
    list
}

/// Gives every subcommand the exit codes that it can have as its long footer, from which its manual page is made.
pub fn with_exit_codes(command: clap::Command, groups: &[Group]) -> clap::Command {
    groups.iter().flat_map(|(_, entries)| *entries).fold(command, add_exit_codes)
}

fn add_exit_codes(command: clap::Command, entry: &Entry) -> clap::Command {
    let topic = TOPICS.iter().find(|(name, _)| *name == "exit-codes").map_or("", |(_, text)| text);
    let codes = topic.lines().filter(|line| line.starts_with(' ')).filter_map(|line| {
        let code = line.split_whitespace().next()?;
        match (code, entry.negative) {
            ("1", Some(meaning)) => Some(format!("   1  {meaning}")),
            ("1", None) => None,
            ("4" | "5", _) if !entry.asks_server => None,
            _ => Some(line.to_owned()),
        }
    });
    let own = codes.collect::<Vec<_>>().join("\n");
    let codes = if entry.hands_over { HANDED_OVER.to_owned() } else { own };
    command.mut_subcommand(entry.name, |command| {
        entry.children.iter().fold(command.after_long_help(codes), add_exit_codes)
    })
}
