//! Finds the metadata of an authorization server, and the endpoint that a zone uses.
//!
//! Endpoint precedence: explicit > discovered > (only with `--assume-defaults`) standard paths. Metadata is cached per
//! issuer for an hour, or less by Cache-Control, so that a token takes one request.

use std::borrow::{Borrow, Cow};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::Zone;
use crate::config::row::Row;
use crate::context::{Context, HttpSession};
use crate::error::metadata::Naming;
use crate::error::{self, Error, Kind as ErrorKind, exit};
use crate::oauth;
use crate::oauth::fault::bare_url;
use crate::oauth::message::{Request, Response};
use crate::oauth::metadata::{self, Metadata};
use crate::store::Document;

use super::well_known::{self, Asking, Reply};

/// One well-known URL that was tried.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Document")]
pub struct Tried {
    /// The URL.
    pub url: String,
    /// `oidc`, `oauth-inserted`, `oauth-appended`, `resource`.
    pub kind: String,
    /// The status of the answer, or null.
    pub status: Option<u16>,
    /// Why the server has none here, in its own words.
    #[serde(skip)]
    pub reason: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Discovered {
    /// The URLs that were tried, in order; empty when it came from the cache.
    pub documents: Vec<Tried>,
    pub metadata: Metadata,
    pub warnings: Vec<String>,
    /// What is usual where a server knows one form only.
    pub notes: Vec<String>,
}

impl Discovered {
    /// Whether any of the URLs served metadata, which names its issuer at least.
    pub fn served(&self) -> bool {
        !self.metadata.members().is_empty()
    }
}

#[derive(Debug, Clone)]
pub struct Endpoint {
    pub url: String,
    /// Whether it came out of the cache and so may be stale.
    pub cached: bool,
    /// The issuer's metadata, as far as it is known; the cache may not keep it.
    pub metadata: Option<Metadata>,
}

/// Asks at the `OpenID` Connect URL and at the two OAuth URLs, and merges the documents. Once one has the `wanted` endpoint
/// the others are not waited for long. A URL that serves something else is a warning if another one serves metadata; if
/// none does, the metadata is empty.
pub fn discover(
    session: &HttpSession<'_>,
    (issuer, template): (&str, Option<&str>),
    asking: Asking,
    wanted: &str,
) -> Result<(Discovered, Duration), Error> {
    oauth::issuer::check(issuer)?;
    let judge = |answer: &Response| {
        let (document, _) = read_document(issuer, template, answer).ok()??;
        Some(Metadata::new(document).endpoint(wanted).is_ok_and(|url| url.is_some()))
    };
    let mut documents = Vec::new();
    let mut tried: Vec<Tried> = Vec::new();
    let mut faults: Vec<(Severity, String, Error)> = Vec::new();
    let mut lifetime = metadata::LONGEST;
    for Reply { kind, url, result } in well_known::request_documents(session, issuer, asking, &judge)? {
        let status = result.as_ref().and_then(|result| result.as_ref().ok()).map(|answer| answer.status);
        let mut reason = None;
        let mut read = |answer: Response| {
            reason = error_words(&answer).filter(|_| !session.foreign);
            let read = read_document(issuer, template, &answer);
            read.map_err(|fault| if session.foreign { fault.without_text() } else { fault })
        };
        let fault = match result.map(|result| result.map(&mut read)) {
            Some(Ok(Ok(Some((found, believed))))) => {
                lifetime = lifetime.min(believed);
                documents.push((kind, found));
                None
            }
            Some(Ok(Ok(None))) => None,
            Some(Ok(Err(fault @ oauth::Fault::IssuerMismatch { .. }))) => Some((Severity::Foreign, fault.into())),
            Some(Ok(Err(fault))) => Some(judge_severity(fault.into(), true)),
            Some(Err(fault)) => Some(judge_severity(fault.into(), false)),
            None => Some((Severity::Outage, error::metadata::too_slow(&url))),
        };
        let fault = fault.map(|(severity, error)| {
            let message = if error.message.contains(&url) {
                error.message.clone()
            } else {
                format!("{}: {}", bare_url(&url), error.message)
            };
            (severity, message, error)
        });
        tried.push(Tried { url, kind: kind.to_string(), status, reason });
        faults.extend(fault);
    }
    if documents.is_empty() && !faults.is_empty() {
        // An outage may hide the document that matters; a page or a redirect only says that this form has none.
        faults.sort_by_key(|(severity, ..)| *severity);
        let (.., error) = faults.swap_remove(0);
        let answered = tried.iter().any(|tried| tried.status.is_some());
        return Err(if answered { error.after_trying(list_tried(&tried)) } else { error });
    }
    let (merged, mut warnings) = metadata::merge(documents);
    let (notes, grave): (Vec<_>, Vec<_>) = faults.into_iter().partition(|(severity, ..)| *severity == Severity::Page);
    warnings.extend(grave.into_iter().map(|(_, message, _)| message));
    let notes = notes.into_iter().map(|(.., error)| error.message).collect();
    Ok((Discovered { documents: tried, metadata: Metadata::new(merged), warnings, notes }, lifetime))
}

/// What a URL without a document says about the issuer, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// It may have one.
    Outage,
    /// It has that of another issuer.
    Foreign,
    /// It has a page, a redirect or broken JSON.
    Page,
}

fn judge_severity(error: Error, readable: bool) -> (Severity, Error) {
    let is_page = error.exit == exit::UNSAFE && (readable || error.kind == ErrorKind::Unsafe);
    (if is_page { Severity::Page } else { Severity::Outage }, error)
}

pub type Believed = (Map<String, Value>, Duration);

/// What one form serves; `None` where the server has none.
pub fn read_document(
    issuer: &str,
    template: Option<&str>,
    answer: &Response,
) -> Result<Option<Believed>, oauth::Fault> {
    match answer.status {
        200 => Ok(Some((metadata::read(issuer, template, answer)?, metadata::lifetime(answer)))),
        status if oauth::fault::is_outage(status) => Err(oauth::error::read("the metadata request", answer)),
        _ => Ok(None),
    }
}

/// What a server without the document says in JSON, such as that there is no such realm.
pub fn error_words(answer: &Response) -> Option<String> {
    match oauth::error::read("the metadata request", answer) {
        _ if answer.status == 200 || !answer.body.starts_with(b"{") => None,
        oauth::Fault::Refused(response) => response.description.or(Some(response.error)),
        oauth::Fault::Status { excerpt, .. } => excerpt,
        _ => None,
    }
}

/// The error for an issuer without metadata; `name` is the endpoint that is needed, and `zone` the zone of that issuer.
pub fn explain_no_metadata(
    cx: &Context,
    session: &HttpSession<'_>,
    zone: Option<&Zone>,
    issuer: &str,
    tried: &[Tried],
    name: &str,
) -> Error {
    let mut naming = naming(cx, zone, issuer, name);
    if !session.foreign && !tried.iter().any(|tried| tried.reason.as_deref() == Some(error::metadata::NO_REALM)) {
        naming.answers = oauth::issuer::other_base(issuer).and_then(|other| {
            let url = metadata::well_known(&other).swap_remove(0).1;
            issuer_at(&other, &session.send_once(&Request::metadata(&url))?)
        });
    }
    error::metadata::none_found(&naming, list_tried(tried))
}

/// The issuer whose metadata this answer is, to the request for that of another one.
pub fn issuer_at(issuer: &str, answer: &Response) -> Option<String> {
    match read_document(issuer, None, answer) {
        Ok(Some(_)) => Some(issuer.to_owned()),
        // The server knows it by another name, but there it is.
        Err(oauth::Fault::IssuerMismatch { found, .. }) => {
            Some(found).filter(|found| oauth::issuer::check(found).is_ok())
        }
        _ => None,
    }
}

pub fn list_tried(tried: &[Tried]) -> impl Iterator<Item = error::metadata::TriedUrl<'_>> + Clone {
    tried.iter().map(|tried| (tried.url.as_str(), tried.status, tried.reason.as_deref()))
}

fn naming<'a>(cx: &Context, zone: Option<&'a Zone>, issuer: &'a str, name: &str) -> Naming<'a> {
    let ephemeral = zone.is_some_and(Zone::ephemeral);
    let assumable = zone.is_some_and(|zone| !zone.assume_defaults);
    let zone = zone.filter(|zone| is_configured(cx, zone)).map(|zone| zone.name.as_str());
    let flag = Row::by_endpoint(name).map_or(name, |row| row.key).replace('_', "-");
    Naming { zone, ephemeral, issuer, flag, assumable, answers: None }
}

/// Whether the zone is in the configuration, so that it can be edited.
pub fn is_configured(cx: &Context, zone: &Zone) -> bool {
    !zone.ephemeral() && cx.config().is_ok_and(|config| config.zones().contains(&zone.name.as_str()))
}

pub fn find_metadata(cx: &Context, zone: &Zone) -> Result<Metadata, Error> {
    Ok(metadata_for(cx, zone, false, "token_endpoint")?.0)
}

/// The metadata that should name this endpoint, and whether it came from the cache.
fn metadata_for(cx: &Context, zone: &Zone, fresh: bool, name: &str) -> Result<(Metadata, bool), Error> {
    if !fresh && let Some(known) = cached_metadata(cx, zone) {
        return Ok((known, true));
    }
    let session = cx.http_session(Some(zone));
    let found = discover(&session, (&zone.issuer, zone.issuer_template.as_deref()), Asking::Enough, name);
    if cx.has_shown_request() {
        cx.ui.info(
            "the metadata is not known yet, so this request comes first; then: hallpass discover, and --dry-run again",
        );
    }
    let (found, lifetime) = found.map_err(|error| error.at_zone(&zone.name))?;
    if !found.served() {
        let error = explain_no_metadata(cx, &session, Some(zone), &zone.issuer, &found.documents, name);
        return Err(error.at_zone(&zone.name));
    }
    cx.ui.warn_each(&found.warnings);
    for note in &found.notes {
        cx.ui.debug(note);
    }
    cache_metadata(cx, zone, &found.metadata, lifetime);
    Ok((found.metadata, false))
}

/// The name of cached metadata. Where a template was accepted it is not that of the issuer alone.
fn cache_name(zone: &Zone) -> Cow<'_, str> {
    match &zone.issuer_template {
        Some(template) => format!("{} {template}", zone.issuer).into(),
        None => zone.issuer.as_str().into(),
    }
}

pub fn cached_metadata(cx: &Context, zone: &Zone) -> Option<Metadata> {
    let document = cx.caches(zone.ephemeral()).ok()??.documents.get(&cache_name(zone)).ok()??;
    let document = Some(document).filter(|document| document.is_fresh(cx.clock.now()))?;
    Some(Metadata::new(serde_json::from_str(&document.body).ok()?))
}

pub fn cache_metadata(cx: &Context, zone: &Zone, found: &Metadata, lifetime: Duration) {
    cache_document(cx, zone, &cache_name(zone), Value::Object(found.members().clone()).to_string(), lifetime);
}

/// Caches a document under this name; if that fails, the next command sends one more request.
pub fn cache_document(cx: &Context, zone: &Zone, name: &str, body: String, lifetime: Duration) {
    let Ok(Some(caches)) = cx.caches(zone.ephemeral()) else { return };
    if lifetime.is_zero() {
        return;
    }
    let stored_at = cx.clock.now();
    let document = Document { body, stored_at, expires_at: stored_at.plus(lifetime) };
    if let Err(fault) = caches.documents.put(name, &document) {
        cx.ui.debug(&format!("the server's document is not cached: {fault}"));
    }
}

/// Finds the endpoint of this name; `fresh` asks the server even if the metadata is cached.
pub fn find_endpoint(cx: &Context, zone: &Zone, name: &str, fresh: bool) -> Result<Endpoint, Error> {
    if let Some(url) = zone.endpoint(name)? {
        return Ok(Endpoint { url, cached: false, metadata: cached_metadata(cx, zone) });
    }
    let missing = match metadata_for(cx, zone, fresh, name) {
        Ok((found, cached)) => match found.endpoint(name).map(|url| url.map(str::to_owned)) {
            Ok(Some(url)) => return Ok(Endpoint { url, cached, metadata: Some(found) }),
            _ if cached => return find_endpoint(cx, zone, name, true),
            Ok(None) => error::metadata::no_endpoint(&naming(cx, Some(zone), &zone.issuer, name), name),
            Err(fault) => fault.into(),
        },
        Err(error) if zone.assume_defaults && error.exit == exit::CONFIG => error,
        Err(error) => return Err(error),
    };
    match metadata::default_endpoint(&zone.issuer, name).filter(|_| zone.assume_defaults) {
        Some(url) => Ok(Endpoint { url, cached: false, metadata: None }),
        None => Err(missing),
    }
}

/// Sends a request to an endpoint, and again if a cached endpoint is gone (404) and the metadata names another one now.
pub fn with_endpoint_retry<T: Borrow<Response>>(
    cx: &Context,
    name: &str,
    find: &dyn Fn(bool) -> Result<Endpoint, Error>,
    send: &mut dyn FnMut(&Endpoint) -> Result<T, Error>,
) -> Result<T, Error> {
    let endpoint = find(false)?;
    let first = send(&endpoint)?;
    if first.borrow().status != 404 || !endpoint.cached {
        return Ok(first);
    }
    cx.ui.debug(&format!("the cached {name} is gone: fetching the metadata again"));
    let found = find(true)?;
    if found.url == endpoint.url { Ok(first) } else { send(&found) }
}
