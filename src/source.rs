//! Where a secret or token is read from. A source is not a secret, so it may be stored and shown.

mod blocking;
mod child;
mod command;
mod descriptor;
mod fault;
mod job;
mod read;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::text::quote_for_shell;

pub use child::child_environment;
pub use fault::Fault;

/// What is wrong with a word that has none of the forms; it is not repeated.
pub const NO_FORM: &str = "not a SOURCE";

/// The forms that a source has most often, for errors; `hallpass help sources` has all.
pub const FORMS: &str = "file:PATH, env:NAME, cmd:COMMAND, vault or - (stdin)";

/// Where Kubernetes puts the token of a pod's service account.
pub const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The KINDs of `vault:KIND`.
pub const KINDS: [&str; 4] = ["client_secret", "refresh_token", "registration_token", "private_key"];

/// A place that a secret, a token or an assertion is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-`: standard input, to its end.
    Stdin,
    /// `file:PATH`: a file, a pipe of the shell's process substitution or a character device. `~` is just a character.
    File(PathBuf),
    Env(String),
    /// `cmd:COMMAND`: what a command of the shell prints.
    Command(String),
    /// `fd:N`: an inherited descriptor; 0 is standard input.
    Descriptor(u32),
    /// `vault[:KIND]`: a secret of the zone, by default its client secret.
    Vault(Option<String>),
    /// `github[:AUDIENCE]`: the ID token of a GitHub Actions job for this audience.
    GitHub(Option<String>),
    /// `gitlab:VARIABLE`: the variable with the ID token of a GitLab job.
    GitLab(String),
    /// `k8s[:PATH]`: the token of the pod's service account.
    Kubernetes(PathBuf),
    /// `azure`: the file that `AZURE_FEDERATED_TOKEN_FILE` names.
    Azure,
    /// `spiffe:FILE`: a file with a JWT-SVID.
    Spiffe(PathBuf),
}

/// The variable that holds the token by which a GitHub Actions job asks for its identity.
pub const JOB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

impl Source {
    /// The variable that it reads a secret from.
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Env(name) | Self::GitLab(name) => Some(name),
            Self::GitHub(_) => Some(JOB_TOKEN),
            _ => None,
        }
    }
}

impl FromStr for Source {
    /// A message that does not repeat the argument, which may be the secret itself.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let (form, rest) = text.split_once(':').map_or((text, None), |(form, rest)| (form, Some(rest)));
        match (form, rest) {
            ("vault", None) => Ok(Self::Vault(None)),
            ("vault", Some(kind)) if KINDS.contains(&kind) => Ok(Self::Vault(Some(kind.to_owned()))),
            ("vault", Some(_)) => Err(format!("vault: expected one of {}", KINDS.join(", "))),
            ("github", None) => Ok(Self::GitHub(None)),
            ("k8s", None) => Ok(Self::Kubernetes(PathBuf::from(POD_TOKEN))),
            ("azure", None) => Ok(Self::Azure),
            ("azure", Some(_)) => Err("azure takes no argument: AZURE_FEDERATED_TOKEN_FILE names the file".to_owned()),
            (form @ ("file" | "env" | "cmd" | "fd" | "gitlab" | "spiffe"), None | Some(""))
            | (form @ ("github" | "k8s"), Some("")) => Err(format!("{form}: the argument is missing")),
            ("file" | "cmd" | "github" | "k8s" | "spiffe", Some(rest)) if rest.contains('\0') => {
                Err(format!("{form}: contains a NUL character"))
            }
            ("file", Some(path)) => Ok(Self::File(PathBuf::from(path))),
            ("cmd", Some(command)) => Ok(Self::Command(command.to_owned())),
            ("env" | "gitlab", Some(name)) if name.contains(['=', '\0']) => {
                Err(format!("{form}: expected the name of a variable"))
            }
            ("env", Some(name)) => Ok(Self::Env(name.to_owned())),
            ("gitlab", Some(name)) => Ok(Self::GitLab(name.to_owned())),
            ("github", Some(audience)) => Ok(Self::GitHub(Some(audience.to_owned()))),
            ("k8s", Some(path)) => Ok(Self::Kubernetes(PathBuf::from(path))),
            ("spiffe", Some(path)) => Ok(Self::Spiffe(PathBuf::from(path))),
            ("fd", Some(number)) => parse_descriptor(number),
            _ if is_path(text) => {
                Err(format!("not a SOURCE; for a file: {}", quote_for_shell(&format!("file:{text}"))))
            }
            _ => Err(format!("{NO_FORM}, such as {FORMS}")),
        }
    }
}

/// Whether a word that is no source names a file: only such a word is repeated, any other may be a secret.
fn is_path(text: &str) -> bool {
    ["./", "../", "~/"].iter().any(|start| text.starts_with(start)) || Path::new(text).is_file()
}

fn parse_descriptor(number: &str) -> Result<Source, String> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse().ok().filter(|_| digits) {
        None => Err("fd: expected the number of an open descriptor".to_owned()),
        Some(1 | 2) => Err("fd: 1 and 2 are written to, not read".to_owned()),
        Some(number) => Ok(Source::Descriptor(number)),
    }
}

impl fmt::Display for Source {
    /// The canonical form, which parses as the same source.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Command(command) => write!(f, "cmd:{command}"),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
            Self::Vault(None) => f.write_str("vault"),
            Self::Vault(Some(kind)) => write!(f, "vault:{kind}"),
            Self::GitHub(None) => f.write_str("github"),
            Self::GitHub(Some(audience)) => write!(f, "github:{audience}"),
            Self::GitLab(name) => write!(f, "gitlab:{name}"),
            Self::Kubernetes(path) if path.as_os_str() == POD_TOKEN => f.write_str("k8s"),
            Self::Kubernetes(path) => write!(f, "k8s:{}", path.display()),
            Self::Azure => f.write_str("azure"),
            Self::Spiffe(path) => write!(f, "spiffe:{}", path.display()),
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
            "github",
            "github:https://as.example:8443/r",
            "gitlab:ID_TOKEN",
            "k8s",
            "k8s:/var/run/secrets/tokens/as",
            "azure",
            "spiffe:/run/svid.jwt",
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
            assert_eq!(source.to_string().parse::<Source>().unwrap(), source);
            let form = text.split(':').next().unwrap();
            assert!(
                include_str!("commands/help/sources.txt").contains(&format!("\n  {form}")),
                "help does not name {form}"
            );
        }
    }

    #[test]
    fn what_is_not_source_is_never_repeated() {
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
            "github:",
            "gitlab",
            "gitlab:hunter2=",
            "k8s:",
            "azure:hunter2",
            "spiffe",
            "spiffe:",
            " -",
        ] {
            let error = text.parse::<Source>().unwrap_err();
            assert!(!error.contains("hunter2") && !error.is_empty(), "{text}: {error}");
        }
        assert!("hunter2".parse::<Source>().unwrap_err().contains("cmd:COMMAND"));
    }

    #[test]
    fn path_without_form_is_named_as_file() {
        let refused = |text: &str| text.parse::<Source>().unwrap_err();
        assert_eq!(refused("./x y.jwt"), "not a SOURCE; for a file: 'file:./x y.jwt'");
        assert_eq!(refused("Cargo.toml"), "not a SOURCE; for a file: file:Cargo.toml");
        assert!(!refused("/hunter2/no/such/file").contains("hunter2"));
    }
}
