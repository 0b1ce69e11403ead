//! The credential helper protocol of Bazel and of remote execution (EngFlow credential-helper-spec).

use serde_json::json;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;

use super::{HelperFlags, answer_json, answer_nothing, read_member};

/// Give Bazel the headers for the hosts of the zones
///
/// Reads {"uri":"URL"} and prints the headers with the token, as Bazel's --credential_helper does and uv's preview helper.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What Bazel gets for the URL in a request
  $ hallpass helper bazel --allow-host cache.example get <request.json"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// What Bazel wants
    #[arg(value_name = "OPERATION", value_parser = ["get"])]
    operation: String,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let uri = read_member(cx, "uri")?;
    let Some(credential) = args.flags.find_credential(cx, &uri)? else { return Ok(answer_nothing(cx, &uri)) };
    let mut answer = json!({"headers": {"Authorization": [credential.value.expose()]}});
    if let Some(at) = credential.expires_at() {
        answer["expires"] = at.rfc3339().into();
    }
    answer_json(cx, &answer)
}
