//! The credentials helper protocol of Terraform and OpenTofu.

use serde_json::json;

use crate::commands::Outcome;
use crate::commands::named_value::{NamedValue, named_value};
use crate::context::Context;
use crate::error::{Error, helper};

use super::{HelperFlags, answer_json, origin_url};

#[derive(Debug, Clone, Copy)]
enum Operation {
    Get,
    Store,
    Forget,
}

const OPERATIONS: &[NamedValue<Operation>] = &[
    ("get", "Print the token for the host", Operation::Get),
    ("store", "Refused: a token comes from its zone", Operation::Store),
    ("forget", "Delete the cached token for the host", Operation::Forget),
];

/// Give Terraform a token for the hosts of the zones
///
/// Terraform calls a program terraform-credentials-NAME; hallpass helper install terraform makes that link.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What Terraform gets for a host
  $ hallpass helper terraform --allow-host tf.example get tf.example"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// What Terraform wants
    #[arg(value_name = "OPERATION", value_parser = named_value(OPERATIONS))]
    operation: Operation,
    /// The host
    #[arg(value_name = "HOST")]
    host: String,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let url = origin_url("https", &args.host);
    match args.operation {
        Operation::Get => {
            let credential = args.flags.find_credential(cx, &url)?;
            answer_json(cx, &credential.map_or_else(|| json!({}), |credential| json!({"token": credential.token()})))
        }
        Operation::Store => Err(helper::stores_nothing()),
        Operation::Forget => args.flags.forget(cx, &url),
    }
}
