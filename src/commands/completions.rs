//! `hallpass completions`: scripts for shells, and the live zone names in them.

use clap::ValueEnum;
use clap_complete::CompletionCandidate;
use clap_complete::engine::ArgValueCompleter;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{Config, Paths};
use crate::context::Context;
use crate::edges::Environment;
use crate::error::Error;
use crate::output::{Render, Text};

use super::Outcome;

/// Print a completion script
///
/// The script asks hallpass for candidates, so zone names are always current.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass completions bash > hallpass.bash\n  $ hallpass completions nushell > hallpass.nu"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// The shells that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// Elvish
    Elvish,
    /// `PowerShell`
    Powershell,
    /// Nushell
    Nushell,
}

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
    let script = script(args.shell, command).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Outcome::view(Answer { script }))
}

/// The variable by which a shell's script asks this program for candidates.
pub const VARIABLE: &str = "HALLPASS_COMPLETE";

fn script(shell: Shell, mut command: clap::Command) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let dynamic: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Elvish => &Elvish,
        Shell::Powershell => &Powershell,
        Shell::Nushell => {
            clap_complete::generate(clap_complete_nushell::Nushell, &mut command, "hallpass", &mut bytes);
            return Ok(with_zones(&String::from_utf8_lossy(&bytes)));
        }
    };
    dynamic.write_registration(VARIABLE, "hallpass", "hallpass", "hallpass", &mut bytes)?;
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
        known_zones().into_iter().filter(|name| name.starts_with(&*typed)).map(CompletionCandidate::new).collect()
    })
}

/// The zones of the user; a shell that completes is never answered with an error.
fn known_zones() -> Vec<String> {
    let read = || {
        let paths = Paths::find(&Environment::real()).ok()?;
        let text = std::fs::read_to_string(&paths.config_file).ok()?;
        let config = Config::parse(&text, &paths.config_file).ok()?;
        Some(config.zones().into_iter().map(str::to_owned).collect())
    };
    read().unwrap_or_default()
}
