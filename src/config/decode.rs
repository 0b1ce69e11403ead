//! From a table of the file to a zone.

use super::reader::Reader;
use super::{ENDPOINTS, Endpoints, Fault, Held, HostPattern, SettingValue, Zone};

/// Reads and checks a zone.
///
/// # Errors
/// [`Fault::Value`] with line, column and key.
pub fn zone(name: &str, reader: &Reader<'_>) -> Result<Zone, Fault> {
    let zone = Zone {
        name: name.to_owned(),
        issuer: reader.owned("issuer")?.ok_or_else(|| reader.wrong("issuer", "is missing"))?,
        client_id: reader.owned("client_id")?,
        client_secret: held(reader, "client_secret", "client_secret_ref")?,
        private_key: held(reader, "private_key", "private_key_ref")?,
        key_id: reader.owned("key_id")?,
        algorithm: reader.value("algorithm")?,
        cert: reader.string("cert")?.map(Into::into),
        cert_key: held(reader, "cert_key", "cert_key_ref")?,
        auth: reader.value("auth")?,
        grant: reader.value("grant")?,
        scope: reader.list("scope")?.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect(),
        audience: reader.list("audience")?,
        resource: reader.list("resource")?,
        endpoints: endpoints(reader)?,
        assume_defaults: reader.flag("assume_defaults")?,
        params: reader.pairs("param")?,
        headers: reader.pairs("header")?,
        cacert: reader.string("cacert")?.map(Into::into),
        hosts: hosts(reader)?,
        vault: reader.value("vault")?,
        dpop: reader.flag("dpop")?,
        assertion_ref: reader.value("assertion_ref")?,
        subject_token_ref: reader.value("subject_token_ref")?,
        client_assertion_ref: reader.value("client_assertion_ref")?,
        assertion_audience: reader.owned("assertion_audience")?,
        redirect_uri: reader.owned("redirect_uri")?,
        registration_client_uri: reader.owned("registration_client_uri")?,
    };
    zone.check().map_err(|fault| match fault {
        Fault::Refused { key, reason } => reader.wrong(key, reason),
        other => other,
    })?;
    Ok(zone)
}

fn held(reader: &Reader<'_>, key: &str, key_ref: &str) -> Result<Held, Fault> {
    match (reader.string(key)?, reader.value(key_ref)?) {
        (None, None) => Ok(Held::None),
        (Some("stored"), None) => Ok(Held::Stored),
        (None, Some(source)) => Ok(Held::Referenced(source)),
        (Some("stored"), Some(_)) => Err(reader.wrong(key_ref, format!("and {key} exclude each other"))),
        (Some(_), _) => {
            let reason = format!("can only be \"stored\"; a secret never stands in this file, {key_ref} refers to one");
            Err(reader.wrong(key, reason))
        }
    }
}

fn hosts(reader: &Reader<'_>) -> Result<Vec<HostPattern>, Fault> {
    let parse = |text: &String| HostPattern::from_text(text).map_err(|reason| reader.wrong("host", reason));
    reader.list("host")?.iter().map(parse).collect()
}

fn endpoints(reader: &Reader<'_>) -> Result<Endpoints, Fault> {
    let mut endpoints = Endpoints::default();
    for (name, key) in ENDPOINTS {
        endpoints.set(name, reader.owned(key)?);
    }
    Ok(endpoints)
}
