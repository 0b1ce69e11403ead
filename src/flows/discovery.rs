//! Finds what an authorization server says of itself, and which endpoint a zone uses.
//!
//! Endpoint precedence: explicit > discovered > (only with `--assume-defaults`) standard paths. What was found is kept
//! per issuer for an hour, or less by Cache-Control, so that a mint is one request.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::config::row::Row;
use crate::context::{Context, HttpSession};
use crate::edges::Moment;
use crate::error::{Error, Hint, Kind as ErrorKind, exit};
use crate::oauth;
use crate::oauth::message::{Request, Response};
use crate::oauth::metadata::{self, Kind, Metadata};
use crate::store::Document;

/// One well-known URL that was tried.
#[derive(Debug, Clone)]
pub struct Tried {
    pub url: String,
    pub kind: String,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
}

/// What an issuer says of itself.
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

/// An endpoint, and whether it may be stale.
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

/// Asks the issuer: the `OpenID` Connect form, then the two OAuth forms; documents of the same issuer are merged. Many
/// servers know one form only and answer the others with a page, a redirect or a fault: that is a warning where
/// another form serves, and counts where none does.
///
/// An issuer that serves nothing is an answer too, with empty metadata: what that means is for the caller to say.
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
        let (error, told) = match answer.map(|answer| form(issuer, &answer)) {
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
        let passable = error.exit == exit::UNSAFE && (told || error.kind == ErrorKind::Unsafe);
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

/// A document, and how long it may be believed.
type Believed = (Map<String, Value>, Duration);

/// What one form serves; `None` where the server has none.
fn form(issuer: &str, answer: &Response) -> Result<Option<Believed>, oauth::Fault> {
    match answer.status {
        200 => Ok(Some((metadata::read(issuer, answer)?, metadata::lifetime(answer)))),
        429 | 500.. => Err(oauth::error::read("the metadata request", answer)),
        _ => Ok(None),
    }
}

/// An issuer that serves no metadata, with the URLs that were tried and what to do where the endpoint of this name is
/// needed all the same; `zone` is the one of that issuer.
pub fn unserved(cx: &Context, zone: Option<&Zone>, issuer: &str, tried: &[Tried], name: &str) -> Error {
    let mut error = Error::config(format!("{} serves no metadata", crate::text::sanitize(issuer)));
    for one in tried {
        let status = one.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        error = error.because(format!("{} answered {status}", one.url));
    }
    error = error
        .hint("check the issuer's spelling, the realm and the path before it (Keycloak: with or without /auth)")
        .hint(format!("or name the endpoint: {}", naming(cx, zone, issuer, name)));
    match zone.filter(|zone| is_kept(cx, zone) && !zone.assume_defaults) {
        Some(zone) => error.hint(Hint::edit(&zone.name, "--assume-defaults").purpose("or let it be assumed")),
        None => error,
    }
}

/// The command that names an endpoint.
fn naming(cx: &Context, zone: Option<&Zone>, issuer: &str, name: &str) -> String {
    let flag = flag(name);
    match zone.filter(|zone| is_kept(cx, zone)) {
        Some(zone) => format!("hallpass zone edit {} --{flag} URL", zone.name),
        None => format!("hallpass zone add NAME --issuer {issuer} --{flag} URL"),
    }
}

/// Whether the zone stands in the configuration, so that it can be edited.
fn is_kept(cx: &Context, zone: &Zone) -> bool {
    !zone.ephemeral() && cx.config().is_ok_and(|config| config.zones().contains(&zone.name.as_str()))
}

/// The metadata of a zone's issuer, from the cache while it is fresh.
pub fn metadata(cx: &Context, zone: &Zone, fresh: bool) -> Result<(Metadata, bool), Error> {
    metadata_for(cx, zone, fresh, "token_endpoint")
}

/// As [`fn@metadata`], for the sake of the endpoint of this name.
fn metadata_for(cx: &Context, zone: &Zone, fresh: bool, name: &str) -> Result<(Metadata, bool), Error> {
    if !fresh && let Some(known) = remembered(cx, zone) {
        return Ok((known, true));
    }
    let (found, lifetime) = discover(&cx.http_session(Some(zone)), &zone.issuer, Asking::Enough)?;
    if !found.served() {
        return Err(unserved(cx, Some(zone), &zone.issuer, &found.documents, name));
    }
    for warning in &found.warnings {
        cx.ui.debug(warning);
    }
    remember(cx, zone, &found.metadata, lifetime);
    Ok((found.metadata, false))
}

/// The metadata that is still fresh in the cache; nobody is asked.
pub fn remembered(cx: &Context, zone: &Zone) -> Option<Metadata> {
    let caches = cx.caches(zone.ephemeral()).ok()??;
    let document = caches.documents.get(&zone.issuer).ok()??;
    let now = cx.clock.now();
    if !document.is_fresh(now) {
        return None;
    }
    let members: Map<String, Value> = serde_json::from_str(&document.body).ok()?;
    Some(Metadata::new(members))
}

/// Keeps metadata; a cache that can't be written costs a request next time, not this command.
pub fn remember(cx: &Context, zone: &Zone, found: &Metadata, lifetime: Duration) {
    let Ok(Some(caches)) = cx.caches(zone.ephemeral()) else { return };
    if lifetime.is_zero() {
        return;
    }
    let now: Moment = cx.clock.now();
    let body = Value::Object(found.members().clone()).to_string();
    let document = Document { body, stored_at: now, expires_at: now.plus(lifetime) };
    if let Err(fault) = caches.documents.put(&zone.issuer, &document) {
        cx.ui.debug(&format!("the metadata is not kept: {fault}"));
    }
}

pub fn endpoint(cx: &Context, zone: &Zone, name: &str, fresh: bool) -> Result<Endpoint, Error> {
    if let Some(url) = zone.endpoint(name)? {
        return Ok(Endpoint { url, cached: false, metadata: remembered(cx, zone) });
    }
    let missing = match metadata_for(cx, zone, fresh, name) {
        Ok((found, cached)) => match found.endpoint(name)?.map(str::to_owned) {
            Some(url) => return Ok(Endpoint { url, cached, metadata: Some(found) }),
            None if cached => return endpoint(cx, zone, name, true),
            None => Error::config(format!("the metadata of {} names no {name}", zone.issuer))
                .hint(format!("name it: {}", naming(cx, Some(zone), &zone.issuer, name))),
        },
        Err(error) if zone.assume_defaults && error.exit == exit::CONFIG => error,
        Err(error) => return Err(error),
    };
    match metadata::default_endpoint(&zone.issuer, name).filter(|_| zone.assume_defaults) {
        Some(url) => Ok(Endpoint { url, cached: false, metadata: None }),
        None => Err(missing),
    }
}

fn flag(name: &str) -> String {
    Row::by_endpoint(name).map_or(name, |row| row.key).replace('_', "-")
}
