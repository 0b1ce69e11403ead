//! npm and yarn have no credential protocol: they read a variable, which `hallpass exec` sets.

use crate::commands::Outcome;
use crate::commands::checked_url::CheckedUrl;
use crate::context::Context;
use crate::error::{Error, curl};

use super::answer;

/// Print the line of an .npmrc that takes the token from a variable
///
/// The line holds no token. npm sends the name of a variable that is not set as the token, so call it by hallpass exec
/// alone, which runs nothing without a token: hallpass exec -- npm install.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # The line for a registry
  $ hallpass helper npm https://npm.example/private/")]
pub struct Args {
    /// The variable that holds the token
    #[arg(long, value_name = "NAME", default_value = "HALLPASS_TOKEN")]
    name: String,
    /// The URL of the registry
    #[arg(value_name = "URL")]
    url: String,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let url = CheckedUrl::read(&args.url).map_err(curl::unreadable_url)?;
    let path = url.text.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let slash = if path.ends_with('/') { "" } else { "/" };
    answer(cx, &format!("//{path}{slash}:_authToken=${{{}}}\n", args.name))
}
