//! Executable-sourced credentials of Google's workload identity federation.

use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::commands::request::verified_id_token;
use crate::context::Context;
use crate::error::Error;
use crate::oauth::expiry;
use crate::secret::Secret;

use super::{HelperFlags, answer_json};

/// What Google's libraries name an ID token.
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// Give Google's libraries a subject token of the zone
///
/// For credential_source.executable.command of an external_account file: the ID token where the libraries ask for one
/// (GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE) and the zone has one, else the access token, which must be a JWT.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # What Google's libraries get
  $ hallpass helper gcp -z prod")]
pub struct Args {
    #[command(flatten)]
    flags: HelperFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    match obtain_subject(cx, args) {
        Ok(answer) => answer_json(cx, &answer),
        Err(error) => {
            // The libraries log it, and a server may have repeated a secret in it.
            let message = error.clone().redact(&cx.ui.secrets()).message;
            let answer = json!({"version": 1, "success": false, "code": error.exit.to_string(), "message": message});
            answer_json(cx, &answer)?;
            Err(error)
        }
    }
}

fn obtain_subject(cx: &Context, args: &Args) -> Result<Value, Error> {
    let credential = args.flags.obtain_own_credential(cx)?;
    let kind = cx.environment.text("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE").unwrap_or(ID_TOKEN);
    let (kind, token) = if kind == ID_TOKEN && credential.obtained.token.id_token.is_some() {
        (ID_TOKEN, verified_id_token(cx, &credential.obtained)?)
    } else {
        (if kind == ID_TOKEN { ID_TOKEN } else { JWT }, Secret::new(credential.token()))
    };
    let mut answer = json!({"version": 1, "success": true, "token_type": kind, "id_token": token.expose()});
    let expires_at = expiry::jwt_exp(&token).or(credential.expires_at().map(crate::edges::Moment::epoch));
    if let Some(at) = expires_at {
        answer["expiration_time"] = at.into();
    }
    Ok(answer)
}
