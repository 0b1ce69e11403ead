//! What the registry knows about a subcommand.

use clap::ArgMatches;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::source::Source;

type Augment = fn(clap::Command) -> clap::Command;
type Run = fn(&Context, &ArgMatches) -> Result<Outcome, Error>;
/// Runs a subcommand that was called by its name alone.
pub type RunBare = fn(&Context) -> Result<Outcome, Error>;
/// Makes the JSON Schema of a view.
pub type MakeSchema = fn() -> Schema;

/// A subcommand, or a group of them.
#[derive(Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    /// Adds the arguments and the help.
    pub arguments: Augment,
    pub run: Run,
    /// Runs a call of the name alone, with default arguments: for what scripts call most, where parsing costs more than
    /// the work.
    pub bare: Option<RunBare>,
    /// Whether it may ask a server, so that `--dry-run` has something to show.
    pub asks_server: bool,
    /// Whether it exits with the code of another program, so that a failure of its own needs a code of its own.
    pub hands_over: bool,
    /// Whether another program calls it, which no question may stop.
    pub for_program: bool,
    /// The values of `--format` that it takes.
    pub formats: Formats,
    /// The schemas of its JSON, each with the flag that selects it; the first one has none.
    pub schemas: &'static [(&'static str, MakeSchema)],
    pub children: &'static [Self],
    /// What exit code 1 means, where it may be the answer.
    pub negative: Option<&'static str>,
}

/// The sources among the arguments of a subcommand; a setting of a zone is kept as it was written.
pub fn find_sources(matches: &ArgMatches) -> Vec<Source> {
    let mut sources = Vec::new();
    for id in matches.ids() {
        if let Ok(Some(given)) = matches.try_get_many::<Source>(id.as_str()) {
            sources.extend(given.cloned());
        } else if let Ok(Some(given)) = matches.try_get_many::<String>(id.as_str()) {
            sources.extend(given.filter(|text| text.contains(':')).filter_map(|text| text.parse().ok()));
        }
    }
    sources
}

/// Which values of `--format` a subcommand takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    Plain,
    /// Also those that hand a token to a shell, curl or a CI runner.
    Token,
}

impl Entry {
    /// An entry that asks no server and answers in text and JSON.
    pub const fn new(
        name: &'static str,
        arguments: Augment,
        run: Run,
        schemas: &'static [(&'static str, MakeSchema)],
    ) -> Self {
        Self {
            name,
            arguments,
            run,
            bare: None,
            asks_server: false,
            hands_over: false,
            for_program: false,
            formats: Formats::Plain,
            schemas,
            children: &[],
            negative: None,
        }
    }

    pub const fn asks_server(self) -> Self {
        Self { asks_server: true, ..self }
    }

    /// What `--dry-run` shows are changes to files.
    pub const fn changes_files(self) -> Self {
        self.asks_server()
    }

    pub const fn hands_over(self) -> Self {
        Self { hands_over: true, ..self }
    }

    pub const fn for_program(self) -> Self {
        Self { for_program: true, ..self }
    }

    pub const fn negative(self, meaning: &'static str) -> Self {
        Self { negative: Some(meaning), ..self }
    }

    pub const fn formats(self, formats: Formats) -> Self {
        Self { formats, ..self }
    }

    pub const fn bare(self, run: RunBare) -> Self {
        Self { bare: Some(run), ..self }
    }

    pub const fn children(self, children: &'static [Self]) -> Self {
        Self { children, ..self }
    }

    pub fn command(&self) -> clap::Command {
        self.augment(clap::Command::new(self.name))
    }

    /// Adds arguments, help and subcommands.
    pub fn augment(&self, command: clap::Command) -> clap::Command {
        (self.arguments)(command).subcommands(self.children.iter().map(Self::command))
    }

    /// The entry and the matches of the innermost subcommand that was called.
    pub fn innermost(&'static self, mut matches: ArgMatches) -> (&'static Self, ArgMatches) {
        let mut entry = self;
        while let Some((name, inner)) = matches.remove_subcommand() {
            entry = entry.children.iter().find(|child| child.name == name).unwrap_or(entry);
            matches = inner;
        }
        (entry, matches)
    }

    /// Adds the schemas of this entry and of those below it, by the words of the call and the flag that selects them.
    pub fn collect_schemas(&self, parent: &str, found: &mut Vec<(String, MakeSchema)>) {
        let words = format!("{parent} {}", self.name).trim_start().to_owned();
        found.extend(
            self.schemas.iter().map(|(flag, schema)| (format!("{words} {flag}").trim_end().to_owned(), *schema)),
        );
        for child in self.children {
            child.collect_schemas(&words, found);
        }
    }
}

/// The schema of what is written: a member that is always there is required, though it may be null.
pub fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// As [`schema_of`], with the warnings that the answer of any command may have.
pub fn answer_schema<T: JsonSchema>() -> Schema {
    let mut schema = schema_of::<T>();
    if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let warnings =
            json!({"description": "Warnings, if there are any.", "type": "array", "items": {"type": "string"}});
        members.entry("warnings").or_insert(warnings);
    }
    schema
}

/// `entry!("name", module, "--flag" => View)`: a subcommand by its module in `commands`, which has its `Args`, its
/// `Answer`, its `run`, and a view of its own for each flag that is named. A value in parentheses behind the module is given
/// to `run` as well.
macro_rules! entry {
    ($name:literal, $($module:ident)::+ without answer) => {{
        use crate::commands::$($module)::+ as module;
        Entry::new(
            $name,
            <module::Args as clap::Args>::augment_args,
            |cx, matches| module::run(cx, &read(matches)?),
            &[],
        )
    }};
    ($name:literal, $($module:ident)::+ $(($more:expr))? $(, $flag:literal => $view:ident)*) => {{
        use crate::commands::$($module)::+ as module;
        Entry::new(
            $name,
            <module::Args as clap::Args>::augment_args,
            |cx, matches| module::run(cx, &read(matches)? $(, $more)?),
            &[("", answer_schema::<module::Answer>) $(, ($flag, answer_schema::<module::$view>))*],
        )
    }};
}

/// `group!("name", module)`: a noun, whose verbs are its children; the module's `Args` is its help.
macro_rules! group {
    ($name:literal, $module:ident) => {
        Entry::new(
            $name,
            |command| {
                <crate::commands::$module::Args as clap::Args>::augment_args(command)
                    .subcommand_required(true)
                    .arg_required_else_help(true)
            },
            |_, _| Err(crate::error::internal::group_was_run()),
            &[],
        )
    };
}

pub(super) use {entry, group};
