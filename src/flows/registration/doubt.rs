//! A registration of which nobody knows whether it made a client: it is not sent again unless a person says so, who is
//! told how to find out and how to use the client.

use serde_json::Value;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::oauth::grant::Grant;
use crate::store::registration::Entry;
use crate::text::quote_for_shell;

/// Why no registration is sent while an earlier one is in doubt.
pub fn refuse_second(cx: &Context, zone: &Zone, entry: &Entry) -> Error {
    let at = Moment::from_millis(entry.at_ms).rfc3339();
    let error = Error::refused(format!("an earlier registration into zone {} is in doubt", zone.name))
        .because(format!("it was sent to {} at {at}, and no response to it could be used", entry.url));
    explain_doubt(cx, error, zone, entry)
}

/// Says that nobody knows whether a client was made, and the ways out.
pub fn explain_doubt(cx: &Context, error: Error, zone: &Zone, entry: &Entry) -> Error {
    explain_use(cx, error.doubtful(), zone, entry).hint("to register anyway (may create a second client): --replace")
}

/// Says that the server failed, maybe after it made the client.
pub fn explain_outage(cx: &Context, error: Error, zone: &Zone, entry: &Entry) -> Error {
    explain_use(cx, error, zone, entry)
        .hint("if no client was created, run the command again; otherwise you get a second one")
}

fn explain_use(cx: &Context, error: Error, zone: &Zone, entry: &Entry) -> Error {
    error
        .hint("check at the server for a client with this name, created at that time")
        .hint(format!("if it was made, use it: {}", use_command(cx, zone, entry)))
}

/// The command that makes a zone of a client whose id a person has found out.
fn use_command(cx: &Context, zone: &Zone, entry: &Entry) -> String {
    let name = &zone.name;
    let there = cx.config().is_ok_and(|config| config.zones().contains(&name.as_str()));
    let mut words = vec![if there {
        format!("hallpass zone edit {name} --client-id ID")
    } else {
        format!("hallpass zone add {name} --issuer {} --client-id ID", quote_for_shell(&zone.issuer))
    }];
    let auth = entry.asked.get("token_endpoint_auth_method").and_then(Value::as_str);
    match (&entry.key, auth) {
        (Some(_), _) => words.extend(key_flags(cx, name, entry)),
        (None, Some("private_key_jwt")) => words.push("--private-key-from SOURCE".to_owned()),
        (None, Some("tls_client_auth" | "self_signed_tls_client_auth")) => {
            words.push("--cert FILE --cert-key-from SOURCE".to_owned());
        }
        (None, Some("none")) => {}
        (None, _) => words.push("--client-secret-from -".to_owned()),
    }
    words.extend(auth.map(|auth| format!("--auth {}", quote_for_shell(auth))));
    let asked: Vec<&Value> = entry.asked.get("grant_types").and_then(Value::as_array).into_iter().flatten().collect();
    // Version 0.1.0 noted our name of the grant.
    let is_asked = |grant: &Grant| asked.iter().any(|it| **it == grant.registered_name() || **it == grant.name());
    let grant = Grant::ALL.into_iter().find(is_asked).filter(|grant| *grant != Grant::ClientCredentials);
    words.extend(grant.map(|grant| format!("--grant {grant}")));
    words.join(" ")
}

/// The flags that take the key of an operation out of the journal.
pub fn key_flags(cx: &Context, zone: &str, entry: &Entry) -> Option<String> {
    let (key, path) = (entry.key.as_ref()?, cx.registrations().ok()?.path(zone));
    let source = quote_for_shell(&format!("file:{}", path.display()));
    Some(format!("--private-key-from {source} --key-id={} --algorithm {}", key.kid(), key.algorithm().name()))
}
