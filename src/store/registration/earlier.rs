//! The registrations of a zone as hallpass 0.1.0 stored them, in five kinds of files:
//! `ZONE.json`, a registration that was sent; `ZONE.rescue`, a response that is not saved; `ZONE.TIME.answer`, a
//! response that could not be used; `ZONE.KID.key`, a private key whose public half was sent; `ZONE.TIME.former` and
//! `ZONE.KID.former`, a response or key of a client that was replaced.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::jose::SigningKey;
use crate::secret::Secret;
use crate::store::Fault;

use super::entry::{Entry, Response, State, read_text};

#[derive(Deserialize)]
struct Intent {
    issuer: String,
    endpoint: String,
    at_ms: i64,
    auth: Option<String>,
    grant: Option<String>,
    key: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Rescue {
    issuer: String,
    client_id: Option<String>,
    manages: String,
    asked: Map<String, Value>,
    status: u16,
    answer: String,
    key: Option<(String, String, String)>,
}

/// Whether a `ZONE.json` is not a journal.
pub fn is_intent(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text).is_ok_and(|members| !members.contains_key("v"))
}

pub fn read_entries(zone: &str, files: &[PathBuf]) -> Result<Vec<Entry>, Fault> {
    let mut found: Vec<Entry> = Vec::new();
    let mut made = None;
    for (_, text) in read_kind(zone, files, "json")? {
        let Ok(intent) = serde_json::from_str::<Intent>(&text) else {
            found.push(Entry { client_id: None, ..unusable_entry("", &text) });
            continue;
        };
        made.clone_from(&intent.key);
        found.push(intent.into_entry());
    }
    for (kid, text) in read_kind(zone, files, "key")? {
        let made = made.as_ref().filter(|(id, _)| *id == kid);
        let algorithm = made.and_then(|(_, algorithm)| algorithm.parse().ok());
        match SigningKey::from_text(&Secret::new(&**text), Some(&kid), algorithm) {
            Ok(key) if made.is_some() => found[0].key = Some(key),
            Ok(key) => found.push(key_entry(key)),
            Err(_) => found.push(unusable_entry("", &text)),
        }
    }
    for (_, text) in read_kind(zone, files, "rescue")? {
        let Some(mut entry) = read_response(&text) else {
            found.push(Entry { client_id: None, ..unusable_entry("", &text) });
            continue;
        };
        // It is the response to the registration that was sent, and has the key that was made for it.
        let is_answered = |sent: &Entry| entry.client_id.is_none() && sent.is_in_doubt();
        let sent_ms = found.iter().find(|sent| is_answered(sent)).map(|sent| sent.at_ms);
        found.retain(|known| !is_answered(known) && (known.key.is_none() || known.key_id() != entry.key_id()));
        entry.at_ms = sent_ms.unwrap_or(entry.at_ms);
        found.push(entry);
    }
    let mut sent = found.iter_mut().find(|entry| entry.is_in_doubt());
    let mut others = Vec::new();
    for (time, text) in read_kind(zone, files, "answer")?.into_iter().rev() {
        let entry = unusable_entry(&time, &text);
        match sent.take() {
            Some(sent) if entry.at_ms >= sent.at_ms => {
                (sent.state, sent.response) = (State::Unreadable, entry.response);
            }
            _ => others.push(entry),
        }
    }
    found.extend(others);
    for (middle, text) in read_kind(zone, files, "former")? {
        let entry = match SigningKey::from_text(&Secret::new(&**text), Some(&middle), None) {
            Ok(key) => key_entry(key),
            Err(_) => read_response(&text).unwrap_or_else(|| unusable_entry(&middle, &text)),
        };
        found.push(Entry { state: State::Superseded, ..entry });
    }
    Ok(found)
}

/// The files of one kind: what their names have between zone and ending, a time or the id of a key, and their content.
fn read_kind(zone: &str, files: &[PathBuf], ending: &str) -> Result<Vec<(String, Zeroizing<String>)>, Fault> {
    let (mut found, mut left_beside) = (Vec::new(), Vec::new());
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let temporary = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp"));
        let name = temporary.unwrap_or(name);
        let Some(middle) = name.strip_prefix(zone).and_then(|name| name.strip_suffix(ending)) else { continue };
        let Some(text) = read_text(path)? else { continue };
        let middle = middle.trim_matches('.').to_owned();
        // A killed process leaves its temporary file, which is the newest if it is a complete response.
        match temporary {
            None => found.push((middle, text)),
            Some(_) if ending == "rescue" && read_response(&text).is_some() => left_beside.push((middle, text)),
            Some(_) => {}
        }
    }
    found.extend(left_beside);
    Ok(found)
}

fn read_response(text: &str) -> Option<Entry> {
    let rescue: Rescue = serde_json::from_str(text).ok()?;
    let key = match &rescue.key {
        Some((pem, kid, algorithm)) => {
            Some(SigningKey::from_text(&Secret::new(pem), Some(kid), algorithm.parse().ok()).ok()?)
        }
        None => None,
    };
    Some(Entry {
        state: State::Answered,
        asked: rescue.asked,
        response: Some(Response { status: rescue.status, body: rescue.answer }),
        key,
        ..Entry::new(0, &rescue.issuer, &rescue.manages, rescue.client_id.as_deref())
    })
}

fn key_entry(key: SigningKey) -> Entry {
    Entry { key: Some(key), ..Entry::new(0, "", "", Some("")) }
}

/// A file that can't be parsed, whole.
fn unusable_entry(time: &str, text: &str) -> Entry {
    let response = Some(Response { status: 0, body: text.to_owned() });
    Entry { state: State::Unreadable, response, ..Entry::new(time.parse().unwrap_or(0), "", "", Some("")) }
}

impl Intent {
    fn into_entry(self) -> Entry {
        let mut entry = Entry::new(self.at_ms, &self.issuer, &self.endpoint, None);
        entry.asked.extend(self.auth.map(|method| ("token_endpoint_auth_method".to_owned(), json!(method))));
        entry.asked.extend(self.grant.map(|grant| ("grant_types".to_owned(), json!([grant]))));
        entry
    }
}
