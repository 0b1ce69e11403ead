//! `hallpass completions`: scripts for shells, and the live zone names in them.

use clap_complete::CompletionCandidate;
use clap_complete::engine::ArgValueCompleter;
use clap_complete::env::Shells;
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

/// The variable by which a shell's script asks this program for candidates.
pub const VARIABLE: &str = "HALLPASS_COMPLETE";

fn generate_script(shell: &str, mut command: clap::Command) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if shell == NUSHELL {
        clap_complete::generate(clap_complete_nushell::Nushell, &mut command, "hallpass", &mut bytes);
        return Ok(with_zones(&String::from_utf8_lossy(&bytes)));
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
        let config = read_config();
        let names = config.iter().flat_map(Config::zones).filter(|name| name.starts_with(&*typed));
        names.map(CompletionCandidate::new).collect()
    })
}

/// The user's configuration; a shell that completes is never answered with an error.
fn read_config() -> Option<Config> {
    let paths = Paths::find(&Environment::real()).ok()?;
    let text = std::fs::read_to_string(&paths.config_file).ok()?;
    Config::parse(&text, &paths.config_file).ok()
}
