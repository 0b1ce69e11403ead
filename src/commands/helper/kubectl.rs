//! The exec plugin protocol of kubectl and client-go (client.authentication.k8s.io).

use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::commands::request::verified_id_token;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, helper};
use crate::oauth::expiry;

use super::{Credential, HelperFlags, answer_json, answer_nothing};

const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// Give kubectl a token
///
/// For users[].user.exec of a kubeconfig, with interactiveMode: Never. The ID token where the zone has one, as API servers
/// expect, else the access token. With provideClusterInfo: true the zone must name the host of the server.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # What kubectl gets
  $ hallpass helper kubectl -z prod")]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
    /// The access token even where the zone has an ID token
    #[arg(long)]
    access_token: bool,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (version, server) = read_question(cx)?;
    let find = |flags: &HelperFlags| match &server {
        Some(url) => flags.find_credential(cx, url),
        None => flags.obtain_own_credential(cx).map(Some),
    };
    let mut credential = find(&args.flags)?;
    if !args.access_token && credential.as_ref().is_some_and(|credential| has_expired_id_token(cx, credential)) {
        credential = find(&args.flags.fresh())?;
    }
    let Some(credential) = credential else { return Ok(answer_nothing(cx, server.as_deref().unwrap_or_default())) };
    let status = write_status(cx, args, &credential)?;
    answer_json(cx, &json!({"apiVersion": version, "kind": "ExecCredential", "status": status}))
}

/// Whether the ID token has expired before the access token that it came with.
fn has_expired_id_token(cx: &Context, credential: &Credential) -> bool {
    let exp = credential.obtained.token.id_token.as_ref().and_then(expiry::jwt_exp);
    exp.is_some_and(|exp| exp <= cx.clock.now().epoch())
}

/// The version that kubectl speaks, and the URL of the server where the kubeconfig lets it say so.
fn read_question(cx: &Context) -> Result<(String, Option<String>), Error> {
    let Some(text) = cx.environment.text("KUBERNETES_EXEC_INFO").filter(|text| !text.is_empty()) else {
        return Ok((VERSIONS[0].to_owned(), None));
    };
    let question: Value =
        serde_json::from_str(text).map_err(|_| helper::unreadable_variable("KUBERNETES_EXEC_INFO"))?;
    let version = question.get("apiVersion").and_then(Value::as_str).unwrap_or(VERSIONS[0]);
    if !VERSIONS.contains(&version) {
        return Err(helper::unknown_api_version(version));
    }
    let server = question.pointer("/spec/cluster/server").and_then(Value::as_str);
    Ok((version.to_owned(), server.map(str::to_owned)))
}

fn write_status(cx: &Context, args: &Args, credential: &Credential) -> Result<Value, Error> {
    let id_token = credential.obtained.token.id_token.is_some() && !args.access_token;
    let id_token = if id_token { Some(verified_id_token(cx, &credential.obtained)?) } else { None };
    let (token, expires_at) = match &id_token {
        Some(token) => (token.expose(), expiry::jwt_exp(token).map(Moment::from_epoch)),
        None => (credential.token(), credential.expires_at()),
    };
    let mut status = json!({"token": token});
    if let Some(at) = expires_at {
        status["expirationTimestamp"] = at.rfc3339().into();
    }
    Ok(status)
}
