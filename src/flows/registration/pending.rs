//! A registration that was sent and of which nobody knows whether it made a client: it is not followed by a second one
//! unseen, and a person is told how to find out and how the client is used if it was made.

use serde_json::Value;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::oauth::grant::Grant;
use crate::store::Pending;
use crate::text::quote_for_shell;

use super::register::Wish;

/// What is written down before a registration is sent to this endpoint.
pub fn of(cx: &Context, wish: &Wish, endpoint: &str) -> Pending {
    let text = |name: &str| wish.metadata.get(name).and_then(Value::as_str);
    let grants = wish.metadata.get("grant_types").and_then(Value::as_array).into_iter().flatten();
    let asked: Vec<&str> = grants.filter_map(Value::as_str).collect();
    Pending {
        issuer: wish.zone.issuer.clone(),
        endpoint: endpoint.to_owned(),
        at_ms: cx.clock.now().millis(),
        auth: text("token_endpoint_auth_method").map(str::to_owned),
        grant: Grant::ALL
            .into_iter()
            .find(|grant| asked.contains(&grant.registered_name()))
            .map(|grant| grant.to_string()),
        key: wish.key.as_ref().map(|key| (key.kid.clone(), key.algorithm.clone())),
    }
}

/// Refuses a registration while an earlier one into the same zone is in doubt, unless it is to be replaced.
///
/// # Errors
/// 8 with the ways out, 7 when the journal can't be read.
pub fn refuse(cx: &Context, wish: &Wish) -> Result<(), Error> {
    let name = &wish.zone.name;
    let pending = match cx.registrations()?.pending(name) {
        Ok(None) => return Ok(()),
        Ok(Some(pending)) => pending,
        Err(_) if wish.replace => return Ok(()),
        Err(fault) => return Err(fault.into()),
    };
    let at = Moment::from_millis(pending.at_ms).rfc3339();
    if wish.replace {
        cx.ui.warn(&format!("the registration of {at} at {} stays in doubt", pending.issuer));
        return Ok(());
    }
    let error = Error::refused(format!("an earlier registration into zone {name} is in doubt"))
        .because(format!("it was sent to {} at {at}, and no answer to it could be used", pending.endpoint));
    Err(doubtful(cx, error, &wish.zone, &pending))
}

/// That nobody knows whether a client was made, and the ways out.
pub fn doubtful(cx: &Context, error: Error, zone: &Zone, pending: &Pending) -> Error {
    used(cx, error.doubtful(), zone, pending)
        .hint("to register all the same, which may make a second client: say --replace")
}

/// That the server failed, which may be after it made the client.
pub fn outage(cx: &Context, error: Error, zone: &Zone, pending: &Pending) -> Error {
    used(cx, error, zone, pending).hint("if it was not made, try again: a second try makes a second client otherwise")
}

fn used(cx: &Context, error: Error, zone: &Zone, pending: &Pending) -> Error {
    error
        .hint("look at the server whether the client was made: it is the one of that time and name")
        .hint(format!("if it was made, use it: {}", command(cx, zone, pending)))
}

/// The command that makes a zone of a client whose id a person has found out.
fn command(cx: &Context, zone: &Zone, pending: &Pending) -> String {
    let name = &zone.name;
    let there = cx.config().is_ok_and(|config| config.zones().contains(&name.as_str()));
    let mut words = vec![if there {
        format!("hallpass zone edit {name} --client-id ID")
    } else {
        format!("hallpass zone add {name} --issuer {} --client-id ID", quote_for_shell(&zone.issuer))
    }];
    let auth = pending.auth.as_deref();
    match (&pending.key, auth) {
        (Some((kid, algorithm)), _) => {
            if let Ok(registrations) = cx.registrations() {
                let source = format!("file:{}", registrations.key_path(name, kid).display());
                let source = quote_for_shell(&source);
                words.push(format!("--private-key-from {source} --key-id={kid} --algorithm {algorithm}"));
            }
        }
        (None, Some("private_key_jwt")) => words.push("--private-key-from SOURCE".to_owned()),
        (None, Some("tls_client_auth" | "self_signed_tls_client_auth")) => {
            words.push("--cert FILE --cert-key-from SOURCE".to_owned());
        }
        (None, Some("none")) => {}
        (None, _) => words.push("--client-secret-from -".to_owned()),
    }
    words.extend(auth.map(|auth| format!("--auth {}", quote_for_shell(auth))));
    let grant = pending.grant.as_deref().filter(|grant| *grant != "client_credentials");
    words.extend(grant.map(|grant| format!("--grant {grant}")));
    words.join(" ")
}
