//! Answers a shell that completes a call: the program itself names the candidates.

use std::ffi::OsString;
use std::io::Write as _;

use clap::{Args as _, ValueHint};
use clap_complete::env::Shells;

use crate::commands::completions::{self, VARIABLE};
use crate::commands::help::TOPICS;
use crate::edges::Environment;

use super::global::Globals;

/// A call that is completed.
struct Call {
    /// The words before the one that is completed.
    before: Vec<String>,
    /// Whether that one begins as a flag does.
    is_flag: bool,
    /// The names of the output schemas.
    schemas: Vec<String>,
    /// Makes the whole tree.
    command: fn() -> clap::Command,
}

/// Answers a shell that asks by the variable of its script; whether it did.
pub fn answer_shell(command: fn() -> clap::Command, schemas: fn() -> Vec<String>) -> bool {
    #[expect(clippy::disallowed_methods, reason = "one look instead of a copy of all variables, before each command")]
    let Some(name) = std::env::var_os(VARIABLE) else { return false };
    let shells = Shells::builtins();
    let Some(shell) = name.to_str().and_then(|name| shells.completer(name)) else { return false };
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    if words.is_empty() {
        return false;
    }
    let environment = Environment::real();
    let index = environment.text("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
    let index: usize = index.unwrap_or(words.len() - 1);
    let call = Call {
        before: words.iter().take(index).map(|word| word.to_string_lossy().into_owned()).collect(),
        is_flag: words.get(index).is_some_and(|word| word.as_encoded_bytes().starts_with(b"-")),
        schemas: schemas(),
        command,
    };
    let mut command = command();
    command.build();
    let mut command = add_candidates(command, &call);
    let mut bytes = Vec::new();
    let answered = shell.write_complete(&mut command, words, environment.current_dir.as_deref(), &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let separator = environment.text("_CLAP_IFS").unwrap_or("\n");
    let kept: Vec<&str> = text.split(separator).filter(|line| call.is_flag || !is_global_flag(line)).collect();
    // An error would be printed into the line that somebody types.
    let _ = answered.and_then(|()| std::io::stdout().write_all(kept.join(separator).as_bytes()));
    true
}

/// Whether a candidate is one of the flags that every subcommand has.
fn is_global_flag(candidate: &str) -> bool {
    let Some(flag) = candidate.split(['\t', ':']).next().and_then(|flag| flag.strip_prefix("--")) else { return false };
    let globals = Globals::augment_args(clap::Command::new("hallpass"));
    matches!(flag, "help" | "version") || globals.get_arguments().any(|argument| argument.get_long() == Some(flag))
}

/// Gives every argument its candidates. Flags come after a dash, or where there is nothing else.
fn add_candidates(command: clap::Command, call: &Call) -> clap::Command {
    let name = command.get_name().to_owned();
    let add = |argument: clap::Arg| {
        let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
        let id = argument.get_id().to_string();
        let hidden = argument.is_hide_set() || !(call.is_flag || argument.is_positional());
        let argument = argument.hide(hidden);
        match (name.as_str(), id.as_str(), value.as_deref().unwrap_or_default()) {
            ("help", "words", _) => argument.add(completions::words(help_words(call))),
            ("schema", "name", _) => argument.add(completions::words(schema_words(call))),
            ("update", "unset", _) => argument.add(completions::members("")),
            ("register" | "update", "set", _) => argument.add(completions::members("=")),
            (_, "require", _) => argument.add(completions::features()),
            (_, "fault", _) => argument.add(completions::faults()),
            (_, _, "SOURCE") => argument.add(completions::sources()),
            (_, _, "DIR") => argument.value_hint(ValueHint::DirPath),
            _ => argument,
        }
    };
    command.mut_args(add).mut_subcommands(|inner| add_candidates(inner, call))
}

/// What may follow in `help`: topics and subcommands.
fn help_words(call: &Call) -> Vec<String> {
    let before = words_after(call, "help");
    let mut command = (call.command)();
    for word in before {
        let Some(inner) = command.find_subcommand(word).cloned() else { return Vec::new() };
        command = inner;
    }
    let topics = TOPICS.iter().filter(|_| before.is_empty()).map(|(name, _)| (*name).to_owned());
    command.get_subcommands().map(|inner| inner.get_name().to_owned()).chain(topics).collect()
}

/// The next words of the names of schemas.
fn schema_words(call: &Call) -> Vec<String> {
    let before = words_after(call, "schema");
    let follows = |words: &Vec<&str>| words.iter().take(before.len()).eq(before);
    let names = call.schemas.iter().map(|name| name.split(' ').collect::<Vec<_>>()).filter(follows);
    let mut next: Vec<String> = names.filter_map(|words| Some((*words.get(before.len())?).to_owned())).collect();
    next.dedup();
    next
}

fn words_after<'a>(call: &'a Call, name: &str) -> &'a [String] {
    let position = call.before.iter().position(|word| word == name);
    position.map_or(&[], |position| &call.before[position + 1..])
}
