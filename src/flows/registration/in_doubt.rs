//! The commands for a person whose registration has an unknown outcome.

use serde_json::Value;

use crate::config::Zone;
use crate::context::Context;
use crate::flows::discovery::is_configured;
use crate::oauth::grant::Grant;
use crate::store::registration::Entry;
use crate::text::quote_for_shell;

/// The command that uses the client of a registration, whose id a person has to find out.
pub fn use_command(cx: &Context, zone: &Zone, entry: &Entry) -> String {
    let name = &zone.name;
    let mut words = vec![if is_configured(cx, zone) {
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
    // Version 0.1.0 recorded our name of the grant.
    let is_asked = |grant: &Grant| asked.iter().any(|it| **it == grant.registered_name() || **it == grant.name());
    let grant = Grant::ALL.into_iter().find(is_asked).filter(|grant| *grant != Grant::ClientCredentials);
    words.extend(grant.map(|grant| format!("--grant {grant}")));
    words.join(" ")
}

/// The flags that read the key of an operation from the journal.
pub fn key_flags(cx: &Context, zone: &str, entry: &Entry) -> Option<String> {
    let (key, path) = (entry.key.as_ref()?, cx.registrations().ok()?.path(zone));
    let source = quote_for_shell(&format!("file:{}", path.display()));
    Some(format!("--private-key-from {source} --key-id={} --algorithm {}", key.kid(), key.algorithm().name()))
}
