//! git's credential helper protocol (git-credential(1), gitcredentials(7)).

use std::fmt::Write as _;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::forget::forget_token;
use crate::secret::Secret;

use super::{Credential, HelperFlags, answer, origin_url, read_request};

/// The user name for a git that takes no header: servers that know bearer tokens ignore it.
const USER: &str = "oauth2";

/// Give git a token for the hosts of the zones
///
/// git runs this command where credential.helper of its configuration is "!hallpass helper git", as hallpass helper install
/// git writes it. Where git can, the token goes as a bearer token, else as a password.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What git gets for a host: protocol=https and host=git.example
  $ hallpass helper git --allow-host git.example get <request.txt"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// What git wants: get, store or erase
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,
}

/// What git says of the credential that it wants or rejects.
#[derive(Default)]
struct Description<'a> {
    protocol: &'a str,
    host: &'a str,
    user: Option<&'a str>,
    secret: Option<&'a str>,
    /// Whether git knows other schemes than Basic.
    takes_scheme: bool,
}

impl<'a> Description<'a> {
    fn read(text: &'a str) -> Self {
        let mut found = Self::default();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            match line.split_once('=') {
                Some(("protocol", value)) => found.protocol = value,
                Some(("host", value)) => found.host = value,
                Some(("username", value)) => found.user = Some(value),
                Some(("password" | "credential", value)) => found.secret = Some(value),
                Some(("capability[]", "authtype")) => found.takes_scheme = true,
                _ => {}
            }
        }
        found
    }

    fn answer(&self, credential: &Credential) -> String {
        let token = credential.token();
        let mut text = if self.takes_scheme {
            format!("capability[]=authtype\nauthtype=Bearer\ncredential={token}\nephemeral=1\n")
        } else {
            format!("username={}\npassword={token}\n", self.user.unwrap_or(USER))
        };
        if let Some(at) = credential.expires_at() {
            let _ = writeln!(text, "password_expiry_utc={}", at.epoch());
        }
        text
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let text = match args.operation.as_deref() {
        Some("get" | "erase") => read_request(cx)?,
        // A token comes from its zone, so there is nothing to store; what git invents next is not ours to answer.
        _ => return Ok(Outcome::Exit(0)),
    };
    let wanted = Description::read(&text);
    if args.operation.as_deref() == Some("erase") {
        if let Some(token) = wanted.secret {
            forget_token(cx, &Secret::new(token), None)?;
        }
        return Ok(Outcome::Exit(0));
    }
    match args.flags.find_credential(cx, &origin_url(wanted.protocol, wanted.host)) {
        Ok(Some(credential)) => answer(cx, &wanted.answer(&credential)),
        Ok(None) => Ok(Outcome::Exit(0)),
        // The host is ours: git must not ask for a password instead.
        Err(error) => {
            answer(cx, "quit=1\n")?;
            Err(error)
        }
    }
}
