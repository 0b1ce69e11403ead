//! The exchanges of a command as a HAR document (HTTP Archive 1.2), as far as they may be shown.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::fault::Fault;
use super::shown_exchange::{ShownRequest, show_response};
use crate::edges::Moment;
use crate::oauth::message::{Response, Visibility};
use crate::redaction::Secrets;
use crate::text::sanitize;

#[derive(Debug, Default)]
pub struct Record(Mutex<Vec<Json>>);

impl Record {
    /// Adds an exchange; one without an answer has status 0.
    pub fn add(
        &self,
        origin: &str,
        request: &ShownRequest,
        result: &Result<Response, Fault>,
        visibility: Visibility,
        (began, took): (Moment, Duration),
        secrets: &Secrets,
    ) {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut entry = json!({
            "startedDateTime": began.rfc3339(),
            "time": milliseconds,
            "request": describe_request(origin, request),
            "response": describe_response(result.as_ref().ok(), visibility, secrets),
            "cache": {},
            "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        });
        if let Err(fault) = result {
            entry["comment"] = sanitize(&secrets.redact(&fault.to_string())).into();
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// The whole document. What was learned to be a secret after its exchange is hidden as well.
    pub fn document(&self, secrets: &Secrets) -> String {
        let mut entries = Json::Array(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone());
        redact_strings(&mut entries, secrets);
        let creator = json!({"name": "hallpass", "version": env!("CARGO_PKG_VERSION")});
        json!({"log": {"version": "1.2", "creator": creator, "entries": entries}}).to_string() + "\n"
    }
}

fn redact_strings(json: &mut Json, secrets: &Secrets) {
    match json {
        Json::String(text) => *text = secrets.redact(text),
        Json::Array(items) => items.iter_mut().for_each(|item| redact_strings(item, secrets)),
        Json::Object(members) => members.values_mut().for_each(|member| redact_strings(member, secrets)),
        _ => {}
    }
}

fn describe_request(origin: &str, request: &ShownRequest) -> Json {
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('&').filter(|pair| !pair.is_empty());
    let query: Vec<Json> = query.map(|pair| pair_of(pair.split_once('=').unwrap_or((pair, "")))).collect();
    let mut shown = json!({
        "method": request.method, "url": format!("{origin}{}", request.path), "httpVersion": "HTTP/1.1",
        "cookies": [], "headers": pairs(&request.headers), "queryString": query, "headersSize": -1, "bodySize": -1,
    });
    if let Some(body) = &request.body {
        shown["postData"] = json!({"mimeType": field(&request.headers, "content-type"), "text": body});
    }
    shown
}

fn describe_response(response: Option<&Response>, visibility: Visibility, secrets: &Secrets) -> Json {
    let shown = response.map(|response| show_response(response, visibility, secrets));
    let (status, headers) = shown.as_ref().map_or((0, &[][..]), |shown| (shown.status, &shown.headers));
    let body = shown.as_ref().map_or("", |shown| &shown.body);
    json!({
        "status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": pairs(headers),
        "content": {
            "size": response.map_or(0, |response| response.body.len()),
            "mimeType": field(headers, "content-type"), "text": body,
        },
        "redirectURL": field(headers, "location"), "headersSize": -1, "bodySize": -1,
    })
}

fn pairs(headers: &[(String, String)]) -> Vec<Json> {
    headers.iter().map(|(name, value)| pair_of((name, value))).collect()
}

fn pair_of((name, value): (&str, &str)) -> Json {
    json!({"name": name, "value": value})
}

fn field<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}
