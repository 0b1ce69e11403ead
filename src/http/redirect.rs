//! Who may follow a redirect: an anonymous GET, to the same origin, three times.

use super::fault::Fault;
use super::target::Target;
use crate::oauth::message::{Method, Request, Response};

const HOPS: usize = 3;

/// Where the redirect leads.
pub fn follow_redirect(request: &Request, target: &Target, answer: &Response, hops: usize) -> Result<Target, Fault> {
    let location = answer.header("location");
    let points_to = || location.and_then(|location| target.points_to(location));
    let followed = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    let (Some(location), true, false, Method::Get) = (location, followed, request.credential, request.method) else {
        return Err(Fault::Redirect {
            origin: target.origin.clone(),
            status: answer.status,
            target: points_to(),
            error: location.is_some_and(has_error),
        });
    };
    if hops >= HOPS {
        let why = "there were three already";
        return Err(Fault::RedirectRefused { origin: target.origin.clone(), target: points_to(), why });
    }
    target.follow(location)
}

fn has_error(location: &str) -> bool {
    let query = location.split('#').next().unwrap_or_default().split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|parameter| parameter.starts_with("error="))
}
