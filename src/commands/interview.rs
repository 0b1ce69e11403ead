//! What `zone add` and `login` ask a person for when they were called without it. Nothing is written before the last
//! answer, and each question names the flag that answers it.

use crate::config::derive_zone_name;
use crate::context::{Context, check_new_name};
use crate::error::{Error, prompt};
use crate::oauth::client_auth::Method;

use super::zone::{Flags, parse_issuer};

/// How a client authenticates, as a person says it.
enum Proof {
    Secret(Option<Method>),
    Key,
    None,
}

pub fn ask_issuer(cx: &Context, flag: &str) -> Result<String, Error> {
    ask(cx, &format!("Issuer URL ({flag})"), None, parse_issuer)
}

/// The name of a new zone, by default one from the issuer; `is_free` says whether it may be taken.
pub fn ask_name(cx: &Context, issuer: &str, flag: &str, is_free: impl Fn(&str) -> bool) -> Result<String, Error> {
    let default = derive_zone_name(issuer).filter(|name| is_free(name));
    ask(cx, &format!("Zone name ({flag})"), default.as_deref(), |name| match check_new_name(name) {
        Err(error) => Err(error.message),
        Ok(()) if is_free(name) => Ok(name.to_owned()),
        Ok(()) => Err(format!("zone {name} exists")),
    })
}

/// The client; `None` when the answer is empty.
pub fn ask_client_id(cx: &Context) -> Result<Option<String>, Error> {
    ask(cx, "Client ID, empty for none (--client-id)", Some(""), |id| Ok((!id.is_empty()).then(|| id.to_owned())))
}

/// Adds the flags for how the client authenticates, as far as they are missing. Where the vault is to get a secret or key,
/// it is asked for like that of its flag.
pub fn complete_proof(cx: &Context, flags: &mut Flags, default: &str) -> Result<(), Error> {
    let proof = match flags.method_alone() {
        Some(method) if method.uses_secret() => Proof::Secret(None),
        Some(Method::PrivateKeyJwt) => Proof::Key,
        None if !flags.has_proof() => ask_proof(cx, default)?,
        _ => Proof::None,
    };
    match proof {
        Proof::Secret(method) => {
            method.inspect(|method| flags.set("auth", method.name()));
            flags.set("client_secret", "-");
        }
        Proof::Key => flags.set("private_key", "-"),
        Proof::None => {}
    }
    Ok(())
}

fn ask_proof(cx: &Context, default: &str) -> Result<Proof, Error> {
    ask(cx, "Authenticate by secret, key or none (--auth)", Some(default), |word| match (word, word.parse()) {
        ("secret", _) => Ok(Proof::Secret(None)),
        ("none", _) => Ok(Proof::None),
        ("key", _) | (_, Ok(Method::PrivateKeyJwt)) => Ok(Proof::Key),
        (_, Ok(method)) if Method::uses_secret(method) => Ok(Proof::Secret(Some(method))),
        _ => Err("answer secret, key, none or a method such as client_secret_post".to_owned()),
    })
}

/// Asks until `read` takes the answer; an empty one is the default, without which it is no answer.
fn ask<T>(
    cx: &Context,
    question: &str,
    default: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Error> {
    let shown = match default {
        Some(default) if !default.is_empty() => format!("{question} [{default}]"),
        _ => question.to_owned(),
    };
    loop {
        let typed = cx.ask_line(&shown)?;
        let answer = match (typed.as_str(), default) {
            ("", None) => return Err(prompt::empty(question)),
            ("", Some(default)) => default,
            (typed, _) => typed,
        };
        match read(answer) {
            Ok(value) => return Ok(value),
            Err(reason) => cx.ui.info(&reason),
        }
    }
}
