//! Where a secret or token is read from.
//!
//! No flag takes a secret's value: it takes the name of a place. A place is not a secret, so it may be stored and shown.

mod bytes;
mod child;
mod command;
mod fault;
mod read;
mod wait;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

pub use child::child_environment;
pub use fault::Fault;

/// The forms that a source can have, for help and errors.
pub const FORMS: &str = "- (stdin), file:PATH, env:NAME, cmd:COMMAND, fd:N, vault[:KIND]";

/// What a vault keeps for a zone: the KINDs of `vault:KIND`.
pub const KINDS: [&str; 4] = ["client_secret", "refresh_token", "registration_token", "private_key"];

/// A place that a secret, a token or an assertion is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-`: standard input, to its end.
    Stdin,
    /// `file:PATH`: a file, a pipe of the shell's process substitution or a character device. `~` is just a character.
    File(PathBuf),
    /// `env:NAME`: a variable.
    Env(String),
    /// `cmd:COMMAND`: what a command of the shell prints.
    Command(String),
    /// `fd:N`: an inherited descriptor; 0 is standard input.
    Descriptor(u32),
    /// `vault[:KIND]`: what the vault keeps for the zone, its client secret when no kind is named.
    Vault(Option<String>),
}

impl FromStr for Source {
    /// A sentence that does not repeat the text: somebody may have put the secret itself there.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let (form, rest) = text.split_once(':').map_or((text, None), |(form, rest)| (form, Some(rest)));
        match (form, rest) {
            ("vault", None) => Ok(Self::Vault(None)),
            ("vault", Some(kind)) if KINDS.contains(&kind) => Ok(Self::Vault(Some(kind.to_owned()))),
            ("vault", Some(_)) => Err(format!("vault: wants one of {}", KINDS.join(", "))),
            (form @ ("file" | "env" | "cmd" | "fd"), None | Some("")) => Err(format!("{form}: names nothing")),
            ("file" | "cmd", Some(rest)) if rest.contains('\0') => Err(format!("{form}: holds a NUL character")),
            ("file", Some(path)) => Ok(Self::File(PathBuf::from(path))),
            ("cmd", Some(command)) => Ok(Self::Command(command.to_owned())),
            ("env", Some(name)) if name.contains(['=', '\0']) => Err("env: wants the name of a variable".to_owned()),
            ("env", Some(name)) => Ok(Self::Env(name.to_owned())),
            ("fd", Some(number)) => descriptor(number),
            _ => Err(format!("this is not a source; the forms are {FORMS}")),
        }
    }
}

fn descriptor(number: &str) -> Result<Source, String> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse().ok().filter(|_| digits) {
        None => Err("fd: wants the number of an open descriptor".to_owned()),
        Some(1 | 2) => Err("fd: 1 and 2 are written to, not read".to_owned()),
        Some(number) => Ok(Source::Descriptor(number)),
    }
}

impl fmt::Display for Source {
    /// The canonical form, which reads back as the same source. The text of `cmd:` is shown as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Command(command) => write!(f, "cmd:{command}"),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
            Self::Vault(None) => f.write_str("vault"),
            Self::Vault(Some(kind)) => write!(f, "vault:{kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn every_form_reads_what_it_shows() {
        for text in [
            "-",
            "file:/run/secrets/x",
            "file:~/a b",
            "env:CI_SECRET",
            "cmd:op read 'op://a:b/c' | head -1",
            "fd:0",
            "fd:63",
            "vault",
            "vault:client_secret",
            "vault:refresh_token",
            "vault:registration_token",
            "vault:private_key",
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
            assert_eq!(source.to_string().parse::<Source>().unwrap(), source);
        }
    }

    #[test]
    fn what_is_not_a_source_is_never_repeated() {
        for text in [
            "",
            "hunter2",
            "hunter2:x",
            "file:",
            "file",
            "env:",
            "env:hunter2=",
            "cmd:",
            "fd:",
            "fd:hunter2",
            "fd:-1",
            "fd:+3",
            "fd:1",
            "fd:2",
            "fd:99999999999",
            "vault:",
            "vault:hunter2",
            "FILE:/hunter2",
            " -",
        ] {
            let error = text.parse::<Source>().unwrap_err();
            assert!(!error.contains("hunter2") && !error.is_empty(), "{text}: {error}");
        }
        assert!("hunter2".parse::<Source>().unwrap_err().contains("cmd:COMMAND"));
    }
}
