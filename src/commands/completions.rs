//! `hallpass completions`: scripts for shells, and the live zone names in them.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, PathCompleter, ValueCompleter as _};
use clap_complete::env::Shells;
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{Config, Paths};
use crate::context::Context;
use crate::edges::Environment;
use crate::error::Error;
use crate::oauth::grant::Grant;
use crate::oauth::metadata::feature::FEATURES;
use crate::oauth::registration::MEMBERS;
use crate::output::{Render, Text};
use crate::sandbox::fault::{FaultKind, KINDS};
use crate::source::KINDS as SECRET_KINDS;

use super::Outcome;

/// Print a completion script
///
/// The script asks hallpass for candidates, so zone names are always current.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # bash: a file that is loaded at the first Tab
  $ D=~/.local/share/bash-completion/completions && mkdir -p $D && \
      hallpass completions bash >$D/hallpass

  # zsh: a directory of fpath; in ~/.zshrc, before compinit: fpath+=(~/.zfunc)
  $ mkdir -p ~/.zfunc && hallpass completions zsh >~/.zfunc/_hallpass

  # fish
  $ D=~/.config/fish/completions && mkdir -p $D && \
      hallpass completions fish >$D/hallpass.fish")]
pub struct Args {
    /// The shell
    #[arg(value_parser = ["bash", "zsh", "fish", "elvish", "powershell", NUSHELL])]
    shell: String,
}

const NUSHELL: &str = "nushell";

/// The script.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The script.
    script: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(self.script.clone())
    }
}

pub fn run(_cx: &Context, args: &Args, command: clap::Command) -> Result<Outcome, Error> {
    let script = generate_script(&args.shell, command).map_err(|error| Error::writing(&error))?;
    Ok(Outcome::view(Answer { script }))
}

/// Scripts of our own: bash takes words apart at = and :, and zsh reads a script as the function itself.
const SCRIPTS: [(&str, &str); 2] =
    [("bash", include_str!("completions/hallpass.bash")), ("zsh", include_str!("completions/_hallpass"))];

/// The variable by which a shell's script asks this program for candidates.
pub const VARIABLE: &str = "HALLPASS_COMPLETE";

fn generate_script(shell: &str, mut command: clap::Command) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if shell == NUSHELL {
        clap_complete::generate(clap_complete_nushell::Nushell, &mut command, "hallpass", &mut bytes);
        return Ok(with_zones(&String::from_utf8_lossy(&bytes)));
    }
    if let Some((_, script)) = SCRIPTS.iter().find(|(name, _)| *name == shell) {
        return Ok((*script).to_owned());
    }
    if let Some(completer) = Shells::builtins().completer(shell) {
        completer.write_registration(VARIABLE, "hallpass", "hallpass", "hallpass", &mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Nushell's script is static; its zone flag asks the program through a command of its own.
fn with_zones(script: &str) -> String {
    let live = script.replace("--zone(-z): string", "--zone(-z): string@\"nu-complete hallpass zones\"");
    let ask = "  def \"nu-complete hallpass zones\" [] {\n    ^hallpass zone list | lines | each { split row \"\\t\" | first }\n  }\n\n";
    live.replacen("module completions {\n\n", &format!("module completions {{\n\n{ask}"), 1)
}

/// Completes the names of zones, read when the shell asks.
pub fn zones() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &std::ffi::OsStr| {
        let typed = typed.to_string_lossy();
        let config = read_config(&Environment::real());
        let names = config.iter().flat_map(Config::zones).filter(|name| name.starts_with(&*typed));
        names.map(CompletionCandidate::new).collect()
    })
}

/// A candidate for each of these words.
pub fn words(words: Vec<String>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || words.iter().map(CompletionCandidate::new).collect())
}

/// The members of a client's metadata, and what follows each.
pub fn members(end: &'static str) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        MEMBERS.iter().map(|name| CompletionCandidate::new(format!("{name}{end}"))).collect()
    })
}

pub fn faults() -> ArgValueCandidates {
    let candidate = |kind: &FaultKind| CompletionCandidate::new(kind.name).help(Some(kind.what.into()));
    ArgValueCandidates::new(move || KINDS.iter().map(candidate).collect())
}

/// The features of `discover --require`, up to the name that a person adds; of grants with it.
pub fn features() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let names = FEATURES.split(", ").map(|name| name.split_inclusive(':').next().unwrap_or(name).to_owned());
        let grants = Grant::ALL.iter().map(|grant| format!("grant:{}", grant.name()));
        names.filter(|name| name != "grant:").chain(grants).map(CompletionCandidate::new).collect()
    })
}

/// The forms of a source; of some also what follows.
pub fn sources() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let Some(typed) = typed.to_str() else { return Vec::new() };
        match typed.split_once(':') {
            Some((form @ ("file" | "spiffe" | "k8s"), path)) => {
                let paths = PathCompleter::any().complete(OsStr::new(path));
                // A directory without a name is not a candidate: it says nothing.
                paths
                    .into_iter()
                    .filter(|path| path.get_value() != ".")
                    .map(|path| path.add_prefix(format!("{form}:")))
                    .collect()
            }
            Some(("env" | "gitlab", name)) => {
                let form = &typed[..typed.len() - name.len()];
                let environment = Environment::real();
                let names = environment.all().filter_map(|(known, _)| known.to_str());
                let fitting = names.filter(|known| known.starts_with(name));
                fitting.map(|known| CompletionCandidate::new(format!("{form}{known}"))).collect()
            }
            Some(("vault", kind)) => {
                let kinds = SECRET_KINDS.iter().filter(|known| known.starts_with(kind));
                kinds.map(|known| CompletionCandidate::new(format!("vault:{known}"))).collect()
            }
            _ => source_forms()
                .filter(|form| form.get_value().to_str().is_some_and(|form| form.starts_with(typed)))
                .collect(),
        }
    })
}

/// The forms as the help has them, each with its first line.
fn source_forms() -> impl Iterator<Item = CompletionCandidate> {
    let topic = super::help::TOPICS.iter().find(|(name, _)| *name == "sources").map_or("", |(_, text)| text);
    let forms = topic.lines().filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    forms.filter_map(|line| {
        let (form, meaning) = line.split_once(' ')?;
        let start = form.split('[').next()?.split_inclusive(':').next()?;
        Some(CompletionCandidate::new(start).help(Some(meaning.trim().to_owned().into())))
    })
}

/// The user's configuration; a shell that completes is never answered with an error.
pub fn read_config(environment: &Environment) -> Option<Config> {
    let paths = Paths::find(environment).ok()?;
    let text = std::fs::read_to_string(&paths.config_file).ok()?;
    Config::parse(&text, &paths.config_file).ok()
}
