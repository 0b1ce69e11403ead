//! The formats of an answer: the one table.

use crate::text::shell_quote::{quote_double, quote_fish, quote_posix, quote_powershell};

#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    pub help: &'static str,
    pub writer: Writer,
    /// Variables that its reader does not let others set, separated by spaces.
    reserved: &'static str,
    /// Characters that no way of quoting protects, and what happens to them.
    pub refuses: (&'static [char], &'static str),
}

#[derive(Debug, Clone, Copy)]
pub enum Writer {
    Text,
    Json,
    /// A line that sets a variable, by its name and the value.
    Assignment(fn(&str, &str) -> String),
    CurlHeader,
    /// A line in the file that a variable of the CI runner names.
    RunnerFile(&'static str),
}

/// The formats, in the order of the help. All but the first two are for tokens.
pub static FORMATS: &[Format] = &[
    plain("text", "For a person, or one bare value", Writer::Text),
    plain("json", "One JSON value", Writer::Json),
    shell("env", "A line that a POSIX shell evaluates", POSIX, |name, value| {
        format!("export {name}={}", quote_posix(value))
    }),
    shell("env-no-export", "The same without export", POSIX, |name, value| format!("{name}={}", quote_posix(value))),
    Format {
        // Docker reads the line as it is; other readers of such files interpret these.
        refuses: (&['\n', '\r', '\'', '"', '`', '$', '#', '\\'], "a reader of .env files may interpret"),
        ..shell("dotenv", "A line of a file for docker run --env-file", "", |name, value| format!("{name}={value}"))
    },
    shell("fish", "A line that fish evaluates", FISH, |name, value| format!("set -gx {name} {}", quote_fish(value))),
    shell("powershell", "A line that PowerShell evaluates", "", |name, value| {
        format!("$env:{name} = {}", quote_powershell(value))
    }),
    Format {
        // Between the quotes of `set` only these mean something, and no way to write them holds at the prompt and in a
        // batch file alike.
        refuses: (&['"', '%', '!'], "cmd.exe would interpret"),
        ..shell("windows-cmd", "A line that cmd.exe evaluates", "", |name, value| format!("set \"{name}={value}\""))
    },
    shell("nu", "A line that Nushell evaluates", "CURRENT_FILE FILE_PWD PWD", |name, value| {
        format!("$env.{name} = {}", quote_double(value))
    }),
    plain("curl", "A line of curl configuration", Writer::CurlHeader),
    Format {
        reserved: "NODE_OPTIONS GITHUB_* RUNNER_*",
        ..plain(
            "github-env",
            "A masked variable for the later steps of a job of GitHub Actions",
            Writer::RunnerFile("GITHUB_ENV"),
        )
    },
    plain("github-output", "A masked output of a step of GitHub Actions", Writer::RunnerFile(OUTPUT)),
];

/// The file of outputs: their names may have a `-`.
const OUTPUT: &str = "GITHUB_OUTPUT";
const POSIX: &str = "_ BASHOPTS BASH_VERSINFO EUID PPID SHELLOPTS UID";
const FISH: &str = "_ FISH_VERSION PWD SHLVL fish_pid history hostname pipestatus status status_generation version";

const fn plain(name: &'static str, help: &'static str, writer: Writer) -> Format {
    Format { name, help, writer, reserved: "", refuses: (&[], "") }
}

const fn shell(
    name: &'static str,
    help: &'static str,
    reserved: &'static str,
    line: fn(&str, &str) -> String,
) -> Format {
    Format { reserved, ..plain(name, help, Writer::Assignment(line)) }
}

impl Format {
    pub const TEXT: &'static Self = &FORMATS[0];
    pub const JSON: &'static Self = &FORMATS[1];

    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(name))
    }

    pub fn is_json(&self) -> bool {
        matches!(self.writer, Writer::Json)
    }

    /// Whether it hands a token to a program, instead of showing a view.
    pub fn is_for_tokens(&self) -> bool {
        !matches!(self.writer, Writer::Text | Writer::Json)
    }

    /// Refuses a variable that its reader can't have.
    pub fn check_variable(&self, name: &str) -> Result<(), String> {
        if name.contains('-') && !matches!(self.writer, Writer::RunnerFile(OUTPUT)) {
            return Err("only an output of GitHub Actions may have a - in its name".to_owned());
        }
        let is_reserved = |reserved: &str| match reserved.strip_suffix('*') {
            Some(prefix) => name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            None => reserved == name,
        };
        if self.reserved.split(' ').any(is_reserved) {
            return Err(format!("{name} is reserved in the format {}", self.name));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Writer};

    const NASTY: &str = "it's \"50%\" $HOME `id` \\ !x \u{2019}";

    fn line(format: &str) -> String {
        match Format::find(format).unwrap().writer {
            Writer::Assignment(line) => line("N", NASTY),
            _ => String::new(),
        }
    }

    #[test]
    fn each_shell_has_its_own_quotes() {
        assert_eq!(line("env"), "export N='it'\\''s \"50%\" $HOME `id` \\ !x \u{2019}'");
        assert_eq!(line("env-no-export"), "N='it'\\''s \"50%\" $HOME `id` \\ !x \u{2019}'");
        assert_eq!(line("fish"), "set -gx N 'it\\'s \"50%\" $HOME `id` \\\\ !x \u{2019}'");
        assert_eq!(line("powershell"), "$env:N = 'it''s \"50%\" $HOME `id` \\ !x \u{2019}\u{2019}'");
        assert_eq!(line("nu"), "$env.N = \"it's \\\"50%\\\" $HOME `id` \\\\ !x \u{2019}\"");
    }

    #[test]
    fn reserved_variable_is_refused() {
        let fits = |format: &str, name: &str| Format::find(format).unwrap().check_variable(name).is_ok();
        for format in ["env", "env-no-export", "dotenv", "fish", "powershell", "windows-cmd", "nu", "github-env"] {
            assert!(!fits(format, "api-token") && fits(format, "API_TOKEN"), "{format}");
        }
        assert!(fits("github-output", "api-token"));
        for (format, name) in [
            ("env", "PPID"),
            ("fish", "status"),
            ("nu", "PWD"),
            ("github-env", "GITHUB_TOKEN"),
            ("github-env", "runner_temp"),
            ("github-env", "NODE_OPTIONS"),
        ] {
            assert!(!fits(format, name), "{format} {name}");
        }
    }
}
