//! Writes a token or a header line for a shell, curl or a CI runner, in the format that it reads.

use std::path::Path;

use crate::context::Context;
use crate::error::environment::no_runner;
use crate::error::{Error, usage};
use crate::output::{Format, Render, Writer, pretty};
use crate::secret::Secret;
use crate::store::RunnerFile;
use crate::store::file;
use crate::text::shell_quote::{escape_workflow_data, quote_double};

use super::Outcome;

/// Where a token goes. It is made before a request is sent, so that no token is obtained that can't be written.
pub struct TokenOutput {
    format: &'static Format,
    variable: String,
    runner: Option<RunnerFile>,
}

impl TokenOutput {
    /// The format of this call, with its variable. A format whose file the CI runner names takes no other `output`.
    pub fn new(cx: &Context, variable: &str, output: Option<&Path>) -> Result<Self, Error> {
        let format = cx.ui.format();
        if format.is_for_tokens() {
            format.check_variable(variable).map_err(|reason| usage::unusable_variable(&reason))?;
        }
        let runner = match format.writer {
            // `--dry-run` writes nothing.
            Writer::RunnerFile(name) if cx.stand_in().is_none() => Some(open_runner_file(cx, name)?),
            _ => None,
        };
        if runner.is_some() && output.is_some() {
            return Err(usage::conflict("--output", &format!("--format {}", format.name)));
        }
        Ok(Self { format, variable: variable.to_owned(), runner })
    }

    /// The text for stdout. `secret` is the secret part of `value`; `header` is the line that curl sends. For a CI runner,
    /// which masks the secret first, the value goes into its file and no text is left.
    pub fn write(self, cx: &Context, value: &str, secret: &Secret, header: &str) -> Result<Option<String>, Error> {
        let name = &self.variable;
        if value.chars().any(char::is_control) {
            return Err(Error::control_character());
        }
        let (refused, reason) = self.format.refuses;
        if value.contains(refused) {
            return Err(Error::unquotable(reason));
        }
        if let Some(runner) = self.runner {
            let mask = format!("::add-mask::{}\n", escape_workflow_data(secret.expose()));
            cx.ui.print(&mask).map_err(|error| Error::writing(&error))?;
            runner.append(&format!("{name}={value}")).map_err(|error| Error::runner_file(&error))?;
            return Ok(None);
        }
        Ok(Some(match self.format.writer {
            Writer::Assignment(line) => line(name, value),
            Writer::CurlHeader => format!("header = {}", quote_double(header)),
            Writer::Text | Writer::Json | Writer::RunnerFile(_) => value.to_owned(),
        }))
    }
}

fn open_runner_file(cx: &Context, name: &str) -> Result<RunnerFile, Error> {
    let path = cx.environment.os(name).filter(|path| !path.is_empty()).ok_or_else(|| no_runner(name))?;
    RunnerFile::open(Path::new(path)).map_err(|error| Error::runner_file(&error).because(format!("{name} names it")))
}

/// Answers with this view, or writes it to the file: 0600 and at once. `-` is stdout.
pub fn answer_or_write(cx: &Context, view: impl Render + 'static, output: Option<&Path>) -> Result<Outcome, Error> {
    let Some(path) = output.filter(|path| *path != "-") else { return Ok(Outcome::view(view)) };
    let json = cx.ui.format().is_json();
    let content = if json { format!("{}\n", pretty(&view.json())) } else { view.text().render(None) };
    file::write_named(path, content.as_bytes()).map_err(Error::output)?;
    Ok(Outcome::Exit(0))
}

/// The flag of the variable that a token goes into.
#[derive(Debug, Default, clap::Args)]
pub struct VariableFlag {
    /// Variable to set, with a --format that sets one (default: ACCESS_TOKEN)
    #[arg(long, value_name = "VAR", value_parser = parse_variable)]
    name: Option<String>,
}

impl VariableFlag {
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("ACCESS_TOKEN")
    }
}

/// The name of a variable, or of an output of GitHub Actions.
fn parse_variable(name: &str) -> Result<String, String> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits { Ok(name.to_owned()) } else { Err("expected a name such as ACCESS_TOKEN".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::parse_variable;

    #[test]
    fn variable_is_one_word() {
        for bad in ["", "1A", "-a", "a b", "a=b", "a'b", "ä", "$x", "a.b"] {
            assert!(parse_variable(bad).is_err(), "{bad}");
        }
        assert!(parse_variable("API_TOKEN").is_ok() && parse_variable("api-token").is_ok());
        assert!(parse_variable("_x1").is_ok());
    }
}
