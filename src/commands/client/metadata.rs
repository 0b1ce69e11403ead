//! `hallpass client metadata`: the document that describes a client at its own URL (OAuth Client ID Metadata Document).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{Error, usage};
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::native_client;
use crate::oauth::token::check_resource;
use crate::output::{Render, Text, pretty};

use super::parse_document_url;

/// Print a client ID metadata document, to host at its URL
///
/// Where a server supports such documents, the URL is the client_id: nobody registers, and `hallpass login --resource` uses
/// it with --client-metadata-url. The client is public and signs in with PKCE.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Host the output at this URL
  $ hallpass client metadata --name 'Acme tools' \
      --url https://acme.example/oauth/client.json")]
pub struct Args {
    /// Where the document will be: https, with a path
    #[arg(long, value_name = "URL", value_parser = parse_document_url)]
    url: String,
    /// Display name (client_name)
    #[arg(long, value_name = "NAME", default_value = "hallpass")]
    name: String,
    /// Redirect URI; repeatable
    #[arg(long, value_name = "URI", default_value = "http://127.0.0.1/callback")]
    redirect_uri: Vec<String>,
}

/// The document.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Map<String, Value>);

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", pretty(&Value::Object(self.0.clone()))))
    }
}

pub fn run(_cx: &Context, args: &Args) -> Result<Outcome, Error> {
    if args.redirect_uri.iter().any(|uri| check_resource(uri).is_err()) {
        return Err(usage::invalid_value("--redirect-uri", "expected an absolute URI without a fragment"));
    }
    let grants = [Grant::AuthorizationCode.registered_name(), "refresh_token"];
    let mut document = Map::from_iter([("client_id".to_owned(), args.url.clone().into())]);
    document.extend(native_client::metadata(&args.name, &args.redirect_uri, &grants, Method::None.name()));
    Ok(Outcome::view(Answer(document)))
}
