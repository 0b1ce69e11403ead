//! Hands a token or a header line to a shell, curl or a CI runner, in the format that it reads.

use std::path::Path;

use crate::context::Context;
use crate::error::Error;
use crate::output::{Format, Render, Text, Writer, pretty};
use crate::secret::Secret;
use crate::store::RunnerFile;
use crate::store::file::{self, Durability};
use crate::text::shell_quote::{escape_workflow_data, quote_double};

use super::Outcome;

/// How an answer is handed over. It is made before anybody is asked: what can't be handed over is not obtained.
pub struct TokenOutput {
    format: &'static Format,
    variable: String,
    runner: Option<RunnerFile>,
}

impl TokenOutput {
    /// The format of this call, with its variable.
    pub fn new(cx: &Context, variable: &str) -> Result<Self, Error> {
        let format = cx.ui.format();
        if format.is_for_tokens()
            && let Err(reason) = format.check_variable(variable)
        {
            return Err(Error::usage(reason).hint("--name ACCESS_TOKEN"));
        }
        let runner = match format.writer {
            // `--dry-run` hands nothing over.
            Writer::RunnerFile(name) if cx.stand_in().is_none() => Some(open(cx, name)?),
            _ => None,
        };
        Ok(Self { format, variable: variable.to_owned(), runner })
    }

    /// Refuses `--output` beside a format whose file the CI runner names.
    pub fn refuse_second_file(&self, output: Option<&Path>) -> Result<(), Error> {
        match (&self.runner, output) {
            (Some(_), Some(_)) => Err(Error::usage("the CI runner names the file of this format, so --output can't")),
            _ => Ok(()),
        }
    }

    /// The text for stdout. `value` is handed over, `secret` is what is secret in it, `header` what curl is told to send.
    /// A CI runner is told to mask the secret before it is written where the runner finds it; then no text is left.
    pub fn write(self, cx: &Context, value: &str, secret: &Secret, header: &str) -> Result<Option<String>, Error> {
        let name = &self.variable;
        if value.chars().any(char::is_control) {
            return Err(Error::refused("the value contains a control character"));
        }
        let (refused, reason) = self.format.refuses;
        if value.contains(refused) {
            return Err(Error::refused(format!("the value contains a character that {reason}"))
                .hint("another format: --format powershell"));
        }
        if let Some(runner) = self.runner {
            let mask = format!("::add-mask::{}\n", escape_workflow_data(secret.expose()));
            cx.ui.print(&mask).map_err(|error| Error::writing(&error))?;
            runner.append(&format!("{name}={value}")).map_err(|error| unwritten(&error))?;
            return Ok(None);
        }
        Ok(Some(match self.format.writer {
            Writer::Assignment(line) => line(name, value),
            Writer::CurlHeader => format!("header = {}", quote_double(header)),
            Writer::Text | Writer::Json | Writer::RunnerFile(_) => value.to_owned(),
        }))
    }
}

fn open(cx: &Context, name: &str) -> Result<RunnerFile, Error> {
    let path = cx.environment.os(name).filter(|path| !path.is_empty()).ok_or_else(|| {
        Error::config(format!("{name} is not set")).hint("this format is for a step of GitHub Actions, which sets it")
    })?;
    RunnerFile::open(Path::new(path)).map_err(|error| unwritten(&error).because(format!("{name} names it")))
}

fn unwritten(error: &std::io::Error) -> Error {
    Error::storage("the file of the CI runner can't be written").because(error.to_string())
}

/// Answers with this view, or writes it to the file: 0600 and at once. `-` is stdout.
pub fn answer_or_write(cx: &Context, view: impl Render + 'static, output: Option<&Path>) -> Result<Outcome, Error> {
    let Some(path) = output.filter(|path| *path != "-") else { return Ok(Outcome::view(view)) };
    let content = match (cx.ui.format().is_json(), view.text()) {
        (true, _) => format!("{}\n", pretty(&view.json())),
        (false, Text::Document(text)) => text,
        _ => return Err(Error::internal("an answer for a file is no document")),
    };
    file::write(path, content.as_bytes(), Durability::Synced).map_err(Error::output)?;
    Ok(Outcome::Exit(0))
}

/// The name of a variable, or of an output of GitHub Actions.
pub fn parse_variable(name: &str) -> Result<String, String> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits { Ok(name.to_owned()) } else { Err("expected a name such as ACCESS_TOKEN".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::parse_variable;

    #[test]
    fn a_variable_is_one_word() {
        for bad in ["", "1A", "-a", "a b", "a=b", "a'b", "ä", "$x", "a.b"] {
            assert!(parse_variable(bad).is_err(), "{bad}");
        }
        assert!(parse_variable("API_TOKEN").is_ok() && parse_variable("api-token").is_ok());
        assert!(parse_variable("_x1").is_ok());
    }
}
