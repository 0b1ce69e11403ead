//! The help keeps its form: one voice, an example below each subcommand, no flag that takes a secret's value.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

use std::collections::BTreeSet;

use clap::{Arg, Command};

/// Flags that sound like a secret and take none, with the reason.
const HARMLESS: &[(&str, &str)] = &[
    ("generate-key", "names an algorithm"),
    ("token-endpoint", "a URL"),
    ("tokens-env", "the name of a variable"),
    ("token-ttl", "a span"),
    ("key-id", "a key's public id"),
    ("assertion-audience", "an audience"),
];

/// Every command with its words: `hallpass zone add`.
fn commands() -> Vec<(String, Command)> {
    let mut root = hallpass::command();
    root.build();
    let mut found = Vec::new();
    let mut open = vec![("hallpass".to_owned(), root)];
    while let Some((words, command)) = open.pop() {
        for inner in command.get_subcommands() {
            open.push((format!("{words} {}", inner.get_name()), inner.clone()));
        }
        found.push((words, command));
    }
    assert!(found.len() > 25, "only {} commands", found.len());
    found
}

/// Asserts that the law holds for every command.
#[track_caller]
fn every_command(law: impl Fn(&Command) -> Vec<String>) {
    let broken: Vec<String> = commands()
        .iter()
        .flat_map(|(words, command)| law(command).into_iter().map(move |fault| format!("{words}: {fault}")))
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Asserts that the law holds for every argument but clap's own.
#[track_caller]
fn every_argument(law: impl Fn(&Arg) -> Option<String>) {
    every_command(|command| {
        let arguments =
            command.get_arguments().filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"));
        arguments.filter_map(|argument| Some(format!("{}: {}", argument.get_id(), law(argument)?))).collect()
    });
}

/// What is wrong with a sentence, if something is.
fn sentence(text: &str) -> Option<String> {
    let begins = text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let whole = !text.ends_with('.') && !text.contains(". ") && !text.contains('\n') && !text.is_empty();
    (!begins || !whole).then(|| format!("not one sentence from a capital letter to no full stop: {text:?}"))
}

#[test]
fn command_says_what_it_does_in_one_sentence() {
    every_command(|command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        sentence(&about).into_iter().collect()
    });
}

#[test]
fn long_help_begins_with_short_one() {
    every_command(|command| {
        let about = command.get_about().unwrap().to_string();
        let long = command.get_long_about().map(ToString::to_string);
        long.filter(|long| !long.starts_with(&about)).into_iter().collect()
    });
    every_argument(|argument| {
        let help = argument.get_help()?.to_string();
        argument.get_long_help().map(ToString::to_string).filter(|long| !long.starts_with(&help))
    });
}

#[test]
fn every_argument_has_help_in_one_sentence() {
    every_argument(|argument| match argument.get_help() {
        Some(help) => sentence(&help.to_string()),
        None => Some("no help".to_owned()),
    });
}

#[test]
fn every_value_has_name() {
    every_argument(|argument| {
        let valued = argument.get_num_args().is_some_and(|count| count.takes_values());
        let names = argument.get_value_names().unwrap_or_default();
        let upper = |name: &clap::builder::Str| name.chars().all(|c| !c.is_ascii_lowercase()) && !name.is_empty();
        (valued && !argument.is_positional() && !(names.len() == 1 && upper(&names[0])))
            .then(|| format!("named {names:?}"))
    });
}

#[test]
fn short_flag_means_one_thing() {
    every_command(|command| {
        let mut seen = BTreeSet::new();
        let twice = command.get_arguments().filter_map(Arg::get_short).filter(|short| !seen.insert(*short));
        twice.map(|short| format!("-{short} twice")).collect()
    });
}

#[test]
fn every_command_has_example() {
    every_command(|command| {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (_, examples) = after.split_once("Examples:\n").unwrap_or_default();
        let shown = examples.lines().any(|line| line.starts_with("  $ ") && line.contains("hallpass "));
        let root = command.get_name() == "hallpass";
        (!shown && !root).then(|| "no line `  $ hallpass …` below Examples:".to_owned()).into_iter().collect()
    });
}

/// An example is a comment and the lines of a command, of which only the last one does not end in a backslash. It names the
/// server of nobody.
#[test]
fn example_has_comment_and_fits_terminal() {
    every_command(|command| {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let mut faults = Vec::new();
        let mut before = "";
        for line in
            after.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.starts_with('T'))
        {
            let fits = match (before.get(..4), before.ends_with('\\')) {
                (_, true) => line.starts_with("      "),
                (Some("  # " | "  $ "), _) if line.starts_with("  $ ") => true,
                _ => line.is_empty() || line.starts_with("  # "),
            };
            if !fits || line.chars().count() > 80 || line.contains("$HALLPASS_") {
                faults.push(line.to_owned());
            }
            before = if line.is_empty() { "" } else { line };
        }
        faults
    });
}

/// The page of a command as it is printed at this width.
fn page(words: &str, columns: &str) -> String {
    let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_hallpass"));
    let answer =
        call.args(words.split(' ').skip(1)).arg("--help").env_clear().env("COLUMNS", columns).output().unwrap();
    assert!(answer.status.success(), "{words}: {answer:?}");
    String::from_utf8(answer.stdout).unwrap()
}

#[test]
fn page_is_as_wide_as_terminal_and_explains_its_values() {
    let mut faults = Vec::new();
    for (words, command) in commands() {
        for columns in [80, 60] {
            let page = page(&words, &columns.to_string());
            let (text, examples) = page.split_once("Examples:\n").unwrap();
            faults.extend(examples.starts_with('\n').then(|| format!("{words}: a blank line at {columns}")));
            // The usage is never broken, and fits at 80.
            let broken = |line: &&str| columns == 80 || !line.starts_with("Usage: ");
            let wide = text.lines().chain(examples.lines().filter(|line| !line.starts_with(' ')));
            faults.extend(
                wide.filter(broken)
                    .filter(|line| line.chars().count() > columns)
                    .map(|line| format!("{words}: {line}")),
            );
            faults.extend(page.contains('\u{a0}').then(|| format!("{words}: a no-break space")));
            let once = page.matches("Global options:").count() == 1;
            let shown = page.contains("--no-breaker") == (words == "hallpass");
            faults.extend((!once || !shown).then(|| format!("{words}: global options")));
            let own = command.get_arguments().filter(|argument| words == "hallpass" || !argument.is_global_set());
            let names: Vec<_> = own.flat_map(|argument| argument.get_value_names().unwrap_or_default()).collect();
            for value in ["SOURCE", "SPAN", "TIME"] {
                let used = names.iter().any(|name| name.split('|').any(|part| part == value));
                let explained = page.contains(&format!("\n{value}: "));
                faults.extend((used != explained).then(|| format!("{words}: {value}")));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn groups_hold_every_subcommand_once() {
    let page = page("hallpass", "80");
    let list = page.split_once("Tokens:\n").unwrap().1.split_once("Global options:\n").unwrap().0;
    let mut listed: Vec<&str> =
        list.lines().filter(|line| line.starts_with("  ")).filter_map(|line| line[2..].split(' ').next()).collect();
    listed.retain(|name| !name.is_empty());
    listed.sort_unstable();
    let root = hallpass::command();
    let mut known: Vec<&str> = root.get_subcommands().map(Command::get_name).collect();
    known.sort_unstable();
    assert_eq!(listed, known);
}

/// A command whose answer may be no says in its help what 1 means.
#[test]
fn exit_1_is_explained_where_it_may_be() {
    let mut silent = Vec::new();
    for (words, command) in commands() {
        let path = words.split(' ').skip(1).collect::<Vec<_>>().join("/").replace('-', "_");
        let file = format!("{}/src/commands/{path}.rs", env!("CARGO_MANIFEST_DIR"));
        let says_no = |file: &str| std::fs::read_to_string(file).is_ok_and(|source| source.contains("fn negative("));
        if !command.has_subcommands() && says_no(&file) && !page(&words, "80").contains("\nExit 1: ") {
            silent.push(words);
        }
    }
    assert_eq!(silent, [] as [&str; 0]);
}

/// An example shows the command that it stands below.
#[test]
fn example_is_about_its_command() {
    let strangers: Vec<String> = commands()
        .into_iter()
        .filter(|(_, command)| !command.has_subcommands())
        .filter(|(words, command)| !command.get_after_help().unwrap().to_string().contains(words.as_str()))
        .map(|(words, _)| words)
        .collect();
    assert_eq!(strangers, [] as [&str; 0]);
}

#[test]
fn no_flag_takes_secret() {
    let mut used = BTreeSet::new();
    for (words, command) in commands() {
        for argument in command.get_arguments() {
            let Some(long) = argument.get_long() else { continue };
            let sounds = ["secret", "token", "password", "passphrase", "key", "assertion"]
                .iter()
                .any(|word| long.contains(word));
            let valued = argument.get_num_args().is_some_and(|count| count.takes_values());
            let source = argument.get_value_names().is_some_and(|names| names.iter().any(|name| *name == "SOURCE"));
            let named = ["-from", "-ref", "-file"].iter().any(|end| long.ends_with(end));
            if !sounds || !valued || source || named {
                continue;
            }
            let harmless = HARMLESS.iter().find(|(name, _)| *name == long);
            used.insert(harmless.unwrap_or_else(|| panic!("{words}: --{long} sounds like a secret's value")).0);
        }
    }
    let listed: BTreeSet<&str> = HARMLESS.iter().map(|(name, _)| *name).collect();
    assert_eq!(used, listed, "an exception that nothing needs");
}

/// The other way round: what ends in `-from` takes a SOURCE, so that nobody gives it a value.
#[test]
fn what_is_named_from_takes_source() {
    every_argument(|argument| {
        let from = argument.get_long().is_some_and(|long| long.ends_with("-from") || long.ends_with("-ref"));
        let source = argument.get_value_names().is_some_and(|names| names.iter().any(|name| *name == "SOURCE"));
        (from && !source).then(|| "its value is not called SOURCE".to_owned())
    });
}
