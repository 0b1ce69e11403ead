//! A token or a header line in the form that a shell, curl or a CI runner reads.

use std::path::Path;

use crate::context::Context;
use crate::error::Error;
use crate::output::{Format, Text, View, pretty};
use crate::secret::Secret;
use crate::store::RunnerFile;
use crate::store::file::{self, Durability};

use super::Outcome;

/// How an answer is handed over. It is made before anybody is asked: what can't be handed over is not obtained.
pub struct Form {
    format: Format,
    variable: String,
    runner: Option<RunnerFile>,
}

impl Form {
    /// The form of this call, with its variable.
    ///
    /// # Errors
    /// 2 when what reads the form can't have a variable of this name; 3 when no CI runner named its file, 7 when that
    /// can't be written.
    pub fn of(cx: &Context, variable: &str) -> Result<Self, Error> {
        let format = cx.ui.format();
        if let Err(reason) = fits(format, variable) {
            return Err(Error::usage(reason).hint("--name ACCESS_TOKEN"));
        }
        let file = match format {
            Format::GithubEnv => Some("GITHUB_ENV"),
            Format::GithubOutput => Some("GITHUB_OUTPUT"),
            _ => None,
        };
        // `--dry-run` hands nothing over.
        let runner = file.filter(|_| !cx.options.dry_run).map(|name| open(cx, name)).transpose()?;
        Ok(Self { format, variable: variable.to_owned(), runner })
    }

    /// Refuses `--output` beside a form whose file the CI runner names.
    ///
    /// # Errors
    /// 2.
    pub fn leaves_room_for(&self, output: Option<&Path>) -> Result<(), Error> {
        match (&self.runner, output) {
            (Some(_), Some(_)) => {
                Err(Error::usage("the CI runner names the file of this form, --output can't name another"))
            }
            _ => Ok(()),
        }
    }

    /// The text for stdout. `value` is handed over, `secret` is what is secret in it, `line` what curl is told to send.
    /// A CI runner is told to hide the secret before it is written where the runner finds it; then no text is left.
    ///
    /// # Errors
    /// 8 when the form can't hold the value, 7 when it can't be written.
    pub fn filled(self, cx: &Context, value: &str, secret: &Secret, line: &str) -> Result<Option<String>, Error> {
        let name = &self.variable;
        if value.chars().any(char::is_control) {
            return Err(Error::refused("the value holds a control character"));
        }
        let Some(runner) = self.runner else {
            return Ok(Some(match self.format {
                Format::Curl => format!("header = {}", double_quoted(line)),
                format => assigned(format, name, value)?,
            }));
        };
        let mask = format!("::add-mask::{}\n", command_data(secret.expose()));
        cx.ui.print(&mask).map_err(|error| Error::writing(&error))?;
        runner.append(&format!("{name}={value}")).map_err(|error| unwritten(&error))?;
        Ok(None)
    }
}

fn open(cx: &Context, name: &str) -> Result<RunnerFile, Error> {
    let path = cx.environment.os(name).filter(|path| !path.is_empty()).ok_or_else(|| {
        Error::config(format!("{name} is not set")).hint("this form is for a step of GitHub Actions, which sets it")
    })?;
    RunnerFile::open(Path::new(path)).map_err(|error| unwritten(&error).because(format!("{name} names it")))
}

fn unwritten(error: &std::io::Error) -> Error {
    Error::storage("the file of the CI runner can't be written").because(error.to_string())
}

/// Answers with this view, or writes it to the file: 0600 and at once. `-` is stdout.
///
/// # Errors
/// 7 when the file can't be written.
pub fn answered(cx: &Context, view: impl View + 'static, output: Option<&Path>) -> Result<Outcome, Error> {
    let Some(path) = output.filter(|path| *path != "-") else { return Ok(Outcome::view(view)) };
    let content = match (cx.ui.format(), view.text()) {
        (Format::Json, _) => format!("{}\n", pretty(&view.json())),
        (_, Text::Document(text)) => text,
        _ => return Err(Error::internal("an answer for a file is no document")),
    };
    file::write(path, content.as_bytes(), Durability::Synced).map_err(Error::output)?;
    Ok(Outcome::Exit(0))
}

/// The line that sets a variable.
fn assigned(format: Format, name: &str, value: &str) -> Result<String, Error> {
    Ok(match format {
        Format::Env => format!("export {name}='{}'", value.replace('\'', r"'\''")),
        Format::EnvNoExport => format!("{name}='{}'", value.replace('\'', r"'\''")),
        Format::Fish => format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
        Format::PowerShell => format!("$env:{name} = '{}'", power_shell(value)),
        // Between the quotes of `set` only these mean something, and no way to write them holds at the prompt and in a
        // batch file alike.
        Format::WindowsCmd if value.contains(['"', '%', '!']) => {
            return Err(Error::refused("the value holds a sign that cmd.exe would take for its own")
                .hint("another form: --format powershell"));
        }
        Format::WindowsCmd => format!("set \"{name}={value}\""),
        Format::Nu => format!("$env.{name} = {}", double_quoted(value)),
        Format::Text | Format::Json | Format::Curl | Format::GithubEnv | Format::GithubOutput => value.to_owned(),
    })
}

/// Each quotation mark that PowerShell takes for the end of the text is doubled: the plain one and its typographic kin.
fn power_shell(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted
}

/// As the configuration of curl and as Nushell read it.
fn double_quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

/// The data of a workflow command.
fn command_data(value: &str) -> String {
    value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Names that a form's reader keeps for itself.
fn taken(format: Format) -> &'static [&'static str] {
    match format {
        Format::Env | Format::EnvNoExport => &["_", "BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"],
        Format::Fish => &[
            "_",
            "FISH_VERSION",
            "PWD",
            "SHLVL",
            "fish_pid",
            "history",
            "hostname",
            "pipestatus",
            "status",
            "status_generation",
            "version",
        ],
        Format::Nu => &["CURRENT_FILE", "FILE_PWD", "PWD"],
        Format::GithubEnv => &["NODE_OPTIONS"],
        _ => &[],
    }
}

/// Why what reads the form can't have a variable of this name. Every name is a [`variable`] already.
fn fits(format: Format, name: &str) -> Result<(), &'static str> {
    let begins = |start: &str| name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    if name.contains('-') && format != Format::GithubOutput {
        return Err("only an output of GitHub Actions may have a - in its name");
    }
    if format == Format::GithubEnv && (begins("GITHUB_") || begins("RUNNER_")) {
        return Err("GitHub Actions keeps names that begin with GITHUB_ and RUNNER_ for itself");
    }
    if taken(format).contains(&name) {
        return Err("what reads this form keeps this name for itself");
    }
    Ok(())
}

/// The name of a variable, or of an output of GitHub Actions.
pub fn variable(name: &str) -> Result<String, String> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits { Ok(name.to_owned()) } else { Err("expected a name such as ACCESS_TOKEN".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::{Format, assigned, double_quoted, fits, variable};

    const NASTY: &str = "it's \"50%\" $HOME `id` \\ !x \u{2019}";

    #[test]
    fn each_shell_has_its_own_quotes() {
        let line = |format| assigned(format, "N", NASTY).unwrap();
        assert_eq!(line(Format::Env), "export N='it'\\''s \"50%\" $HOME `id` \\ !x \u{2019}'");
        assert_eq!(line(Format::EnvNoExport), "N='it'\\''s \"50%\" $HOME `id` \\ !x \u{2019}'");
        assert_eq!(line(Format::Fish), "set -gx N 'it\\'s \"50%\" $HOME `id` \\\\ !x \u{2019}'");
        assert_eq!(line(Format::PowerShell), "$env:N = 'it''s \"50%\" $HOME `id` \\ !x \u{2019}\u{2019}'");
        assert_eq!(line(Format::Nu), "$env.N = \"it's \\\"50%\\\" $HOME `id` \\\\ !x \u{2019}\"");
        assert_eq!(assigned(Format::WindowsCmd, "N", "a b&c|d<e>f^g").unwrap(), "set \"N=a b&c|d<e>f^g\"");
        assert_eq!(double_quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    }

    #[test]
    fn what_cmd_would_take_for_its_own_is_refused() {
        for value in ["50%", "a\"b", "x!"] {
            let error = assigned(Format::WindowsCmd, "N", value).unwrap_err();
            assert_eq!(error.exit, 8);
            assert!(!error.message.contains(value));
        }
    }

    #[test]
    fn names_are_those_that_the_reader_can_have() {
        for bad in ["", "1A", "-a", "a b", "a=b", "a'b", "ä", "$x", "a.b"] {
            assert!(variable(bad).is_err(), "{bad}");
        }
        assert!(variable("API_TOKEN").is_ok() && variable("api-token").is_ok() && variable("_x1").is_ok());
        let all = [Format::Env, Format::EnvNoExport, Format::Fish, Format::PowerShell, Format::WindowsCmd, Format::Nu];
        for format in all.into_iter().chain([Format::GithubEnv]) {
            assert!(fits(format, "api-token").is_err() && fits(format, "API_TOKEN").is_ok(), "{format:?}");
        }
        assert!(fits(Format::GithubOutput, "api-token").is_ok());
        for (format, name) in [
            (Format::Env, "PPID"),
            (Format::Fish, "status"),
            (Format::Nu, "PWD"),
            (Format::GithubEnv, "GITHUB_TOKEN"),
            (Format::GithubEnv, "runner_temp"),
            (Format::GithubEnv, "NODE_OPTIONS"),
        ] {
            assert!(fits(format, name).is_err(), "{format:?} {name}");
        }
    }
}
