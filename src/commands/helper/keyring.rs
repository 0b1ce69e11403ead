//! The command line of Python's `keyring`, which pip and uv call.

use crate::commands::Outcome;
use crate::commands::named_value::{NamedValue, named_value};
use crate::context::Context;
use crate::error::{Error, helper};

use super::{HelperFlags, answer, answer_nothing};

/// The user name of a caller that has none.
const USER: &str = "oauth2accesstoken";

#[derive(Debug, Clone, Copy)]
enum Operation {
    Get,
    Set,
    Delete,
}

const OPERATIONS: &[NamedValue<Operation>] = &[
    ("get", "Print the token", Operation::Get),
    ("set", "Refused: a token comes from its zone", Operation::Set),
    ("del", "Delete the cached token", Operation::Delete),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Password,
    Credentials,
}

const MODES: &[NamedValue<Mode>] = &[
    ("password", "The token alone", Mode::Password),
    ("creds", "The user name and the token, a line each", Mode::Credentials),
];

/// Give pip and uv a token for the indexes of the zones
///
/// They call a program keyring; hallpass helper install keyring makes that link. pip asks only where the URL of the index
/// has a user name, such as oauth2accesstoken@ before the host. twine calls no program: hallpass exec --env TWINE_PASSWORD.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What pip gets for an index
  $ hallpass helper keyring --allow-host pypi.example get \
      https://pypi.example/simple/ oauth2accesstoken"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// What is printed
    #[arg(long, value_name = "MODE", default_value = "password", value_parser = named_value(MODES))]
    mode: Mode,
    /// What the caller wants
    #[arg(value_name = "OPERATION", value_parser = named_value(OPERATIONS))]
    operation: Operation,
    /// The URL or the host
    #[arg(value_name = "SERVICE")]
    service: String,
    /// The user name of the caller
    #[arg(value_name = "USER")]
    user: Option<String>,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    // pip passes on the user of the URL.
    let service = args.service.split_once("://").map_or(("https", args.service.as_str()), |parts| parts);
    let start = service.1.find(['/', '?', '#']).unwrap_or(service.1.len());
    let host = service.1[..start].rsplit_once('@').map_or(&service.1[..start], |(_, host)| host);
    let url = format!("{}://{host}/", service.0);
    match args.operation {
        Operation::Get => match args.flags.find_credential(cx, &url)? {
            Some(credential) => {
                let user = args.user.as_deref().unwrap_or(USER);
                let user = if args.mode == Mode::Credentials { format!("{user}\n") } else { String::new() };
                answer(cx, &format!("{user}{}\n", credential.token()))
            }
            None => Ok(answer_nothing(cx, &url)),
        },
        Operation::Set => Err(helper::stores_nothing()),
        Operation::Delete => args.flags.forget(cx, &url),
    }
}
