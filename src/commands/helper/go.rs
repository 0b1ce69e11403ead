//! The GOAUTH protocol of the go command (`go help goauth`).

use crate::commands::Outcome;
use crate::commands::checked_url::CheckedUrl;
use crate::context::Context;
use crate::error::Error;

use super::{HelperFlags, answer};

/// Give the go command a token for the hosts of the zones
///
/// go calls it without a URL first, and gets nothing; where a server refuses, go calls it with the URL.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What go gets for a module's host
  $ hallpass helper go --allow-host go.example https://go.example/mod"#)]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// The URL that a server refused
    #[arg(value_name = "URL")]
    url: Option<String>,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let Some(url) = &args.url else { return Ok(Outcome::Exit(0)) };
    let Some(credential) = args.flags.find_credential(cx, url)? else { return Ok(Outcome::Exit(0)) };
    let origin = CheckedUrl::read(url).map(|url| format!("https://{}", url.origin_host())).unwrap_or_default();
    answer(cx, &format!("{origin}\n\nAuthorization: {}\n\n", credential.value.expose()))
}
