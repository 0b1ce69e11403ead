//! Docker's credential helper protocol (docker-credential-helpers), which podman and helm use as well.

use serde_json::{Map, Value, json};

use crate::commands::Outcome;
use crate::commands::named_value::{NamedValue, named_value};
use crate::context::Context;
use crate::error::{Error, exit};

use super::{HelperFlags, answer, answer_json, read_request};

/// What Docker takes for "no credentials", word for word.
const NOT_FOUND: &str = "credentials not found in native keychain\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Get,
    Store,
    Erase,
    List,
    Version,
}

const OPERATIONS: &[NamedValue<Operation>] = &[
    ("get", "Print the credentials for the server on stdin", Operation::Get),
    ("store", "Accept credentials, and keep nothing", Operation::Store),
    ("erase", "Delete the cached token for the server on stdin", Operation::Erase),
    ("list", "Print the servers of all zones", Operation::List),
    ("version", "Print the version", Operation::Version),
];

/// Give docker a token for the registries of the zones
///
/// Docker calls a program docker-credential-NAME; hallpass helper install docker makes that link.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What docker gets for the registry on stdin
  $ printf registry.example | \
      hallpass helper docker --allow-host registry.example get

  # The registries of all zones
  $ hallpass helper docker list"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// The user name that goes with the token
    #[arg(long, value_name = "NAME", default_value = "oauth2accesstoken")]
    username: String,
    /// What docker wants
    #[arg(value_name = "OPERATION", value_parser = named_value(OPERATIONS))]
    operation: Operation,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match args.operation {
        Operation::Version => answer(cx, concat!("docker-credential-hallpass ", env!("CARGO_PKG_VERSION"), "\n")),
        Operation::List => answer_json(cx, &list_servers(cx, &args.username)?),
        Operation::Store => read_request(cx).map(|_| Outcome::Exit(0)),
        Operation::Get | Operation::Erase => {
            let request = read_request(cx)?;
            let server = request.trim_end_matches(['\r', '\n']);
            let url = if server.contains("://") { server.to_owned() } else { format!("https://{server}/") };
            if args.operation == Operation::Erase {
                return args.flags.forget(cx, &url);
            }
            match args.flags.find_credential(cx, &url)? {
                Some(credential) => answer_json(
                    cx,
                    &json!({"ServerURL": server, "Username": args.username, "Secret": credential.token()}),
                ),
                None => answer(cx, NOT_FOUND).map(|_| Outcome::Exit(exit::NO)),
            }
        }
    }
}

fn list_servers(cx: &Context, user: &str) -> Result<Value, Error> {
    let config = cx.config()?;
    let mut servers = Map::new();
    for name in config.zones() {
        let hosts = config.zone(name)?.map(|zone| zone.hosts).unwrap_or_default();
        let hosts = hosts.iter().map(ToString::to_string).filter(|host| !host.starts_with('*'));
        servers.extend(hosts.map(|host| (format!("https://{host}"), user.into())));
    }
    Ok(servers.into())
}
