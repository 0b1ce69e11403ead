//! Headers for an MCP client that runs a command for them, as a JSON object of strings.

use serde_json::json;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;

use super::{HelperFlags, answer_json, answer_nothing};

/// Give an MCP client the headers for a server
///
/// Prints a JSON object of headers, as clients read it from a command (headersHelper).
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # The headers for a server
  $ hallpass helper mcp --allow-host mcp.example https://mcp.example/mcp"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// The URL of the MCP server
    #[arg(value_name = "URL")]
    url: String,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match args.flags.find_credential(cx, &args.url)? {
        Some(credential) => answer_json(cx, &json!({"Authorization": credential.value.expose()})),
        None => Ok(answer_nothing(cx, &args.url)),
    }
}
