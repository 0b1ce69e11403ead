//! From a protected resource to its authorization servers (RFC 9728).

use serde_json::{Map, Value};

use crate::context::{Context, HttpSession};
use crate::error::{self, Error, exit};
use crate::oauth::fault::is_outage;
use crate::oauth::message::{Request, Response};
use crate::oauth::protected_resource::{self, Location, TokenChallenge};
use crate::oauth::secure_url::leads_inward;
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
    let mut search = Search::new(cx, url);
    if let Some(place) = metadata_url {
        return search.read_first([Location::named(place, url)])?.ok_or_else(|| search.explain_nothing());
    }
    if let Some(found) = search.read_first(protected_resource::locations(url))? {
        return Ok(found);
    }
    if !protected_resource::is_metadata_url(url)
        && let Some(challenge) = search.request_challenge()?
        && let Some(found) = search.read_first(search.challenged(&challenge)?)?
    {
        return Ok(found);
    }
    Err(search.explain_nothing())
}

/// Reads the metadata of a resource where its challenge points, which is `given` or that of one request without a token,
/// else at its well-known URLs.
pub fn describe_challenged(
    cx: &Context,
    url: &str,
    given: Option<TokenChallenge>,
) -> Result<(TokenChallenge, Described), Error> {
    let mut search = Search::new(cx, url);
    let mut outage = None;
    let challenge = match given.map_or_else(|| search.request_challenge(), |given| Ok(Some(given))) {
        Ok(challenge) => challenge.unwrap_or_default(),
        Err(error) if error.silent => return Err(error),
        // An API may answer a bare GET with a stream that does not end, and have metadata.
        Err(error) => {
            outage = Some(error);
            TokenChallenge::default()
        }
    };
    let locations = search.challenged(&challenge)?.into_iter().chain(protected_resource::locations(url));
    match search.read_first(locations)? {
        Some(found) => Ok((challenge, found)),
        None => Err(outage.unwrap_or_else(|| search.explain_nothing())),
    }
}

/// Asks the authorization servers of a resource: the one that is picked, else each until one answers. Also returns why
/// those before it did not.
pub fn ask_servers<T>(
    resource: &str,
    found: &Described,
    picked: Option<&str>,
    ask: &dyn Fn(&str) -> Result<T, Error>,
) -> Result<(T, Vec<Error>), Error> {
    if let Some(issuer) = picked {
        if !found.issuers.iter().any(|named| named == issuer) {
            return Err(error::metadata::other_authorization_servers(issuer, &found.issuers));
        }
        return Ok((ask(issuer)?, Vec::new()));
    }
    let mut failures: Vec<Error> = Vec::new();
    for issuer in &found.issuers {
        let may_ask = check_named(resource, issuer).map_err(|error| error.or_name_server(issuer));
        match may_ask.and_then(|()| ask(issuer)) {
            Ok(answer) => return Ok((answer, failures)),
            Err(error) if error.silent => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    // The gravest is an outage: another one may answer later.
    let at = failures.iter().position(Error::retriable).unwrap_or_default();
    let gravest = failures.remove(at);
    Err(failures.iter().fold(gravest, |error, other| error.because(other.chain())))
}

/// Refuses a place that a resource may not send anybody to.
pub fn check_named(resource: &str, place: &str) -> Result<(), Error> {
    if leads_inward(resource, place) { Err(error::metadata::leads_inward(resource, place)) } else { Ok(()) }
}

struct Search<'a> {
    session: HttpSession<'a>,
    resource: &'a str,
    documents: Vec<Tried>,
    /// The first location that serves something else, which a later one may make up for.
    unreadable: Option<Error>,
}

impl<'a> Search<'a> {
    fn new(cx: &'a Context, resource: &'a str) -> Self {
        let session = cx.http_session(None).with_headers_to(resource).for_foreign_places();
        Self { session, resource, documents: Vec::new(), unreadable: None }
    }

    /// Reads the locations, but those that were read already, until one has the metadata.
    fn read_first(&mut self, locations: impl IntoIterator<Item = Location>) -> Result<Option<Described>, Error> {
        for location in locations {
            if self.documents.iter().all(|tried| tried.url != location.url)
                && let Some(found) = self.read(&location)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

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

    /// The challenge of the resource itself, asked without a token.
    fn request_challenge(&self) -> Result<Option<TokenChallenge>, Error> {
        let answer: Response = match self.session.send(&mut || Request::metadata(self.resource)) {
            Ok(answer) => answer,
            // An API may answer with anything; only an outage hides whether it has a challenge.
            Err(error) if error.exit == exit::UNSAFE => return Ok(None),
            Err(error) => return Err(error),
        };
        if is_outage(answer.status) {
            return Err(oauth::error::read("the resource", &answer).without_text().into());
        }
        Ok(TokenChallenge::of_answer(&answer))
    }

    /// Where a challenge points.
    fn challenged(&self, challenge: &TokenChallenge) -> Result<Option<Location>, Error> {
        let Some(url) = &challenge.metadata_url else { return Ok(None) };
        check_named(self.resource, url)?;
        Ok(Some(Location::named(url, self.resource)))
    }

    fn explain_nothing(self) -> Error {
        match self.unreadable {
            Some(error) => error.after_trying(list_tried(&self.documents)),
            None => error::metadata::none_found_for_resource(list_tried(&self.documents)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{Described, ask_servers};
    use crate::error::{Error, exit};

    #[test]
    fn server_that_leads_inward_is_asked_only_if_it_is_picked() {
        let issuers = ["http://127.0.0.1:1", "https://10.0.0.1", "https://as.example"].map(str::to_owned).to_vec();
        let found = Described { documents: Vec::new(), metadata: serde_json::Map::new(), issuers };
        let asked = RefCell::new(Vec::new());
        let ask = |issuer: &str| {
            asked.borrow_mut().push(issuer.to_owned());
            Ok(issuer.to_owned())
        };
        let answers = |resource: &str, picked| ask_servers(resource, &found, picked, &ask);
        let (issuer, failures) = answers("https://api.example/mcp", None).unwrap();
        assert_eq!((issuer.as_str(), failures.len()), ("https://as.example", 2));
        assert!(failures.iter().all(|error| error.exit == exit::UNSAFE));
        assert_eq!(answers("https://api.example/mcp", Some("https://10.0.0.1")).unwrap().0, "https://10.0.0.1");
        assert_eq!(answers("http://localhost/mcp", None).unwrap().0, "http://127.0.0.1:1");
        assert_eq!(*asked.borrow(), ["https://as.example", "https://10.0.0.1", "http://127.0.0.1:1"]);
        assert_eq!(answers("https://api.example/mcp", Some("https://other.example")).unwrap_err().exit, exit::CONFIG);
    }

    #[test]
    fn outage_outranks_other_failures() {
        let issuers = ["https://a.example", "https://b.example"].map(str::to_owned).to_vec();
        let found = Described { documents: Vec::new(), metadata: serde_json::Map::new(), issuers };
        let ask = |issuer: &str| -> Result<(), Error> {
            if issuer == "https://b.example" {
                Err(crate::error::metadata::too_slow(issuer))
            } else {
                Err(Error::refused("x"))
            }
        };
        assert!(ask_servers("https://api.example", &found, None, &ask).unwrap_err().retriable());
    }
}
