//! Finds the metadata of an authorization server, and the endpoint that a zone uses.
//!
//! Endpoint precedence: explicit > discovered > (only with `--assume-defaults`) standard paths. Metadata is cached per
//! issuer for an hour, or less by Cache-Control, so that a token takes one request.

use std::borrow::Borrow;
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
use crate::oauth::message::{Request, Response};
use crate::oauth::metadata::{self, Kind, Metadata};
use crate::store::Document;

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
}

#[derive(Debug, Clone)]
pub struct Discovered {
    /// The URLs that were tried, in order; empty when it came from the cache.
    pub documents: Vec<Tried>,
    pub metadata: Metadata,
    pub warnings: Vec<String>,
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

/// How many of the well-known URLs are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// All of them, to show what each says.
    All,
    /// As few as tell everything: the second OAuth form only when the first serves nothing.
    Enough,
}

/// Asks at the `OpenID` Connect URL, then at the two OAuth URLs, and merges the documents. A URL that serves something else
/// is a warning if another one serves metadata; if none does, the metadata is empty.
pub fn discover(net: &HttpSession<'_>, issuer: &str, asking: Asking) -> Result<(Discovered, Duration), Error> {
    oauth::issuer::check(issuer)?;
    let mut documents = Vec::new();
    let mut tried: Vec<Tried> = Vec::new();
    let mut broken: Vec<Error> = Vec::new();
    let mut lifetime = metadata::LONGEST;
    for (kind, url) in metadata::well_known(issuer) {
        if asking == Asking::Enough && documents.iter().any(|(known, _)| *known == Kind::OauthInserted) {
            break;
        }
        let answer = net.send(&mut || Request::metadata(&url));
        let status = answer.as_ref().ok().map(|answer| answer.status);
        tried.push(Tried { url, kind: kind.to_string(), status });
        let (error, readable) = match answer.map(|answer| read_document(issuer, &answer)) {
            Ok(Ok(Some((found, believed)))) => {
                lifetime = lifetime.min(believed);
                documents.push((kind, found));
                continue;
            }
            Ok(Ok(None)) => continue,
            Ok(Err(fault @ oauth::Fault::IssuerMismatch { .. })) => return Err(fault.into()),
            Ok(Err(fault)) => (Error::from(fault), true),
            Err(error) => (error, false),
        };
        // An outage may hide the document that matters; a page or a redirect only says that this form has none.
        let passable = error.exit == exit::UNSAFE && (readable || error.kind == ErrorKind::Unsafe);
        if error.silent || (documents.is_empty() && !passable) {
            return Err(error);
        }
        broken.push(error);
    }
    if documents.is_empty()
        && let Some(error) = broken.pop()
    {
        return Err(error);
    }
    let (merged, mut warnings) = metadata::merge(documents);
    warnings.extend(broken.into_iter().map(|error| error.message));
    Ok((Discovered { documents: tried, metadata: Metadata::new(merged), warnings }, lifetime))
}

type Believed = (Map<String, Value>, Duration);

/// What one form serves; `None` where the server has none.
fn read_document(issuer: &str, answer: &Response) -> Result<Option<Believed>, oauth::Fault> {
    match answer.status {
        200 => Ok(Some((metadata::read(issuer, answer)?, metadata::lifetime(answer)))),
        429 | 500.. => Err(oauth::error::read("the metadata request", answer)),
        _ => Ok(None),
    }
}

/// The error for an issuer without metadata; `name` is the endpoint that is needed, and `zone` the zone of that issuer.
pub fn explain_no_metadata(cx: &Context, zone: Option<&Zone>, issuer: &str, tried: &[Tried], name: &str) -> Error {
    let error = error::metadata::none_found(&naming(cx, zone, issuer, name), list_tried(tried));
    match zone.filter(|zone| is_configured(cx, zone) && !zone.assume_defaults) {
        Some(zone) => error.or_assume_defaults(&zone.name),
        None => error,
    }
}

pub fn list_tried(tried: &[Tried]) -> impl Iterator<Item = (&str, Option<u16>)> {
    tried.iter().map(|tried| (tried.url.as_str(), tried.status))
}

fn naming<'a>(cx: &Context, zone: Option<&'a Zone>, issuer: &'a str, name: &str) -> Naming<'a> {
    let zone = zone.filter(|zone| is_configured(cx, zone)).map(|zone| zone.name.as_str());
    let flag = Row::by_endpoint(name).map_or(name, |row| row.key).replace('_', "-");
    Naming { zone, issuer, flag }
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
    let (found, lifetime) = discover(&cx.http_session(Some(zone)), &zone.issuer, Asking::Enough)?;
    if !found.served() {
        return Err(explain_no_metadata(cx, Some(zone), &zone.issuer, &found.documents, name));
    }
    for warning in &found.warnings {
        cx.ui.debug(warning);
    }
    cache_metadata(cx, zone, &found.metadata, lifetime);
    Ok((found.metadata, false))
}

pub fn cached_metadata(cx: &Context, zone: &Zone) -> Option<Metadata> {
    let document = cx.caches(zone.ephemeral()).ok()??.documents.get(&zone.issuer).ok()??;
    let document = Some(document).filter(|document| document.is_fresh(cx.clock.now()))?;
    Some(Metadata::new(serde_json::from_str(&document.body).ok()?))
}

pub fn cache_metadata(cx: &Context, zone: &Zone, found: &Metadata, lifetime: Duration) {
    cache_document(cx, zone, &zone.issuer, Value::Object(found.members().clone()).to_string(), lifetime);
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
        Ok((found, cached)) => match found.endpoint(name)?.map(str::to_owned) {
            Some(url) => return Ok(Endpoint { url, cached, metadata: Some(found) }),
            None if cached => return find_endpoint(cx, zone, name, true),
            None => error::metadata::no_endpoint(&naming(cx, Some(zone), &zone.issuer, name), name),
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
