//! From a protected resource to its authorization server (RFC 9728).

use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::{self, Error};
use crate::oauth::message::Request;
use crate::oauth::protected_resource;

use super::discovery::{Tried, list_tried};

#[derive(Debug, Clone)]
pub struct Described {
    /// The well-known URLs that were tried.
    pub documents: Vec<Tried>,
    pub metadata: Map<String, Value>,
    /// The first of its authorization servers.
    pub issuer: String,
    pub warnings: Vec<String>,
}

/// Reads the metadata of a resource; the URL may be the resource or, from a challenge, its `resource_metadata`.
pub fn describe_resource(cx: &Context, url: &str) -> Result<Described, Error> {
    let net = cx.http_session(None).with_headers_to(url);
    let mut documents = Vec::new();
    for candidate in protected_resource::well_known(url) {
        let answer = net.send(&mut || Request::metadata(&candidate))?;
        documents.push(Tried { url: candidate.clone(), kind: "resource".to_owned(), status: Some(answer.status) });
        if answer.status != 200 {
            continue;
        }
        let found = protected_resource::read(url, protected_resource::is_metadata_url(url), &answer)?;
        let mut servers = found.authorization_servers.into_iter();
        let issuer = servers.next().ok_or_else(|| error::metadata::no_authorization_server(&candidate))?;
        let others: Vec<String> = servers.collect();
        let further = (!others.is_empty()).then(|| others.join(", "));
        let warnings = further.map(|others| format!("the resource names further authorization servers: {others}"));
        let warnings = warnings.into_iter().collect();
        return Ok(Described { documents, metadata: found.metadata, issuer, warnings });
    }
    Err(error::metadata::none_found_for_resource(list_tried(&documents)))
}
