//! Whether the keys that tokens are verified with can be had.

use serde_json::Value;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;
use crate::oauth::jwks;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let Some(url) = case.endpoint("jwks_uri") else {
        let whose = if case.metadata.is_some() { "the metadata names" } else { "there are" };
        return Some(Verdict::ok(format!("{whose} no keys: tokens can't be verified here, only introspected")));
    };
    let request = jwks::request(&url);
    let reply = case.ask(&request);
    let read = reply.map_err(Error::from).and_then(|answer| Ok(jwks::read(&answer)?));
    let keys = match read {
        Ok(keys) => keys,
        Err(error) => {
            let verdict = Verdict::of_error(&error).because_of(format!("GET {url}"));
            return Some(verdict.or_fixed_by("see why the server does not serve its keys there (a key set, RFC 7517)"));
        }
    };
    let signs = |key: &&Value| key["use"].as_str().is_none_or(|usage| usage == "sig");
    let ids: Vec<String> = keys["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(signs)
        .map(|key| {
            format!("{} ({})", key["kid"].as_str().unwrap_or("no kid"), key["alg"].as_str().unwrap_or("any alg"))
        })
        .map(|text| crate::text::sanitize(&text))
        .collect();
    if ids.is_empty() {
        return Some(
            Verdict::fail("the key set has no key that signs")
                .because_of(format!("GET {url}"))
                .fixed_by("look at the server's keys"),
        );
    }
    case.keys = Some(keys);
    let count = if ids.len() == 1 { "1 signing key".to_owned() } else { format!("{} signing keys", ids.len()) };
    Some(Verdict::ok(count).because_of(ids.into_iter().take(5).collect::<Vec<_>>().join(", ")))
}
