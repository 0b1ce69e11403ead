//! From a protected resource to its authorization servers (RFC 9728).

use serde_json::{Map, Value};

use crate::context::{Context, HttpSession};
use crate::error::{self, Error, exit};
use crate::oauth::fault::is_outage;
use crate::oauth::message::Request;
use crate::oauth::protected_resource::{self, Location};
use crate::oauth::{self, Fault};

use super::discovery::{Tried, list_tried};

#[derive(Debug, Clone)]
pub struct Described {
    /// The URLs that were tried.
    pub documents: Vec<Tried>,
    pub metadata: Map<String, Value>,
    /// Its authorization servers, in its order; at least one.
    pub issuers: Vec<String>,
}

/// Reads the metadata of a resource: at `metadata_url`, else at its well-known URLs, else where its challenge points. The
/// URL of a resource may be that of its metadata.
pub fn describe_resource(cx: &Context, url: &str, metadata_url: Option<&str>) -> Result<Described, Error> {
    let session = cx.http_session(None).with_headers_to(url).for_foreign_places();
    let mut search = Search { session, resource: url, documents: Vec::new(), unreadable: None };
    let locations = match metadata_url {
        Some(location) => vec![Location::named(location, url)],
        None => protected_resource::locations(url),
    };
    for location in &locations {
        if let Some(found) = search.read(location)? {
            return Ok(found);
        }
    }
    if metadata_url.is_none()
        && !protected_resource::is_metadata_url(url)
        && let Some(location) = search.find_challenged()?
        && let Some(found) = search.read(&location)?
    {
        return Ok(found);
    }
    let Search { documents, unreadable, .. } = search;
    Err(match unreadable {
        Some(error) => error.after_trying(list_tried(&documents)),
        None => error::metadata::none_found_for_resource(list_tried(&documents)),
    })
}

struct Search<'a> {
    session: HttpSession<'a>,
    resource: &'a str,
    documents: Vec<Tried>,
    /// The first location that serves something else, which a later one may make up for.
    unreadable: Option<Error>,
}

impl Search<'_> {
    fn read(&mut self, location: &Location) -> Result<Option<Described>, Error> {
        let mut tried = Tried { url: location.url.clone(), kind: "resource".to_owned(), status: None, reason: None };
        let answer = match self.session.send(&mut || Request::metadata(&location.url)) {
            Ok(answer) => answer,
            Err(error) if error.exit == exit::UNSAFE => {
                self.documents.push(tried);
                self.unreadable.get_or_insert(error);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        tried.status = Some(answer.status);
        self.documents.push(tried);
        let found = match answer.status {
            200 => protected_resource::read(self.resource, location, &answer),
            status if is_outage(status) => Err(oauth::error::read("the resource's metadata request", &answer)),
            _ => return Ok(None),
        };
        match found.map_err(Fault::without_text) {
            Ok(found) if found.authorization_servers.is_empty() => {
                Err(error::metadata::no_authorization_server(&location.url))
            }
            Ok(found) => Ok(Some(Described {
                documents: std::mem::take(&mut self.documents),
                metadata: found.metadata,
                issuers: found.authorization_servers,
            })),
            Err(
                fault @ (Fault::NotJson { status: 200, .. } | Fault::Malformed { .. } | Fault::MissingMember { .. }),
            ) => {
                self.unreadable.get_or_insert(fault.into());
                Ok(None)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Where the challenge of the resource itself points, asked without a token.
    fn find_challenged(&mut self) -> Result<Option<Location>, Error> {
        let answer = match self.session.send(&mut || Request::metadata(self.resource)) {
            Ok(answer) => answer,
            // An API may answer with anything; only an outage hides whether it has a challenge.
            Err(error) if error.exit == exit::UNSAFE => return Ok(None),
            Err(error) => return Err(error),
        };
        if is_outage(answer.status) {
            return Err(oauth::error::read("the resource", &answer).without_text().into());
        }
        let location = protected_resource::challenged(&answer).map(|url| Location::named(&url, self.resource));
        Ok(location.filter(|location| self.documents.iter().all(|tried| tried.url != location.url)))
    }
}
