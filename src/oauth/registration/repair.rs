//! Odd members of a registration response: the client exists, so they are repaired or count as absent.

use serde_json::Value;
use url::Url;

use crate::oauth::claim;
use crate::oauth::members::Members;

pub(super) const EXPIRY: &str = "client_secret_expires_at";
const URI: &str = "registration_client_uri";

/// Repairs the members and returns a warning for each; a relative URL is resolved against `manages`. Some servers send an
/// empty string for what they do not give.
pub(super) fn repair_members(members: &mut Members, manages: &str) -> Vec<String> {
    let given = ["client_secret", "registration_access_token", URI];
    members.map.retain(|name, value| value != "" || !given.contains(&name.as_str()));
    [EXPIRY, URI, "scope"].into_iter().filter_map(|name| repair_member(members, name, manages)).collect()
}

fn repair_member(members: &mut Members, name: &str, manages: &str) -> Option<String> {
    let problem = match (name, members.map.get(name)?) {
        (EXPIRY, _) if claim::date(&members.map, EXPIRY).is_some_and(|date| date < 0) => {
            members.map.shift_remove(name);
            "is negative and counts as absent"
        }
        (URI, Value::String(uri)) if Url::parse(uri) == Err(url::ParseError::RelativeUrlWithoutBase) => {
            let url = Url::parse(manages).and_then(|base| base.join(uri)).ok()?;
            members.map.insert(name.to_owned(), url.as_str().into());
            "is relative and was resolved"
        }
        ("scope", Value::Array(items)) => {
            let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let scope = words?.join(" ");
            members.map.insert(name.to_owned(), scope.into());
            "is a list and was joined"
        }
        _ => return None,
    };
    Some(format!("{}: {name} {problem}", members.what))
}
