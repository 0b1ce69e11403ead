//! Clients that register themselves (RFC 7591) and manage their registration (RFC 7592).

mod repair;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::bearer::{Grammar, is_printable};
use super::fault::Fault;
use super::members::Members;
use super::message::{Body, Method, Replay, Request, Response};
use super::{claim, error, secure_url};
use crate::secret::Secret;

const WHAT: &str = "the registration answer";

/// What an update must not carry (RFC 7592 §2.2).
pub const SERVER_MANAGED: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
/// What a client may have registered (RFC 7591 §2).
pub const MEMBERS: [&str; 16] = [
    "client_name",
    "client_uri",
    "contacts",
    "grant_types",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "redirect_uris",
    "response_types",
    "scope",
    "software_id",
    "software_statement",
    "software_version",
    "token_endpoint_auth_method",
    "tos_uri",
];
/// Members that are lists of strings (RFC 7591 §2).
pub const LISTS: [&str; 4] = ["redirect_uris", "grant_types", "response_types", "contacts"];

/// What the server says of a client (RFC 7591 §3.2.1, RFC 7592 §3).
#[derive(Debug, Clone)]
pub struct Registration {
    pub client_id: String,
    /// Its secret, where the answer has one; later answers need not repeat it.
    pub client_secret: Option<Secret>,
    /// When the secret expires, in seconds since the epoch; `None` when it does not, or nobody said.
    pub secret_expires_at: Option<i64>,
    pub access_token: Option<Secret>,
    pub client_uri: Option<String>,
    /// The whole answer but the two secrets.
    pub members: Map<String, Value>,
    /// What was repaired.
    pub warnings: Vec<String>,
}

/// Builds a registration (RFC 7591 §3.1) of just this metadata.
pub fn register(endpoint: &str, metadata: &Map<String, Value>, initial: Option<&Secret>) -> Request {
    let body = Body::Json(Value::Object(metadata.clone()).to_string().into());
    request(Method::Post, endpoint, initial, body, Replay::Transaction)
}

/// Builds a question for the registration (RFC 7592 §2.1). Some servers change the token when it is used.
pub fn show(client_uri: &str, token: &Secret) -> Request {
    request(Method::Get, client_uri, Some(token), Body::Empty, Replay::Transaction)
}

/// Builds an update (RFC 7592 §2.2) by this metadata, which must be whole: [`client_metadata`].
pub fn update(client_uri: &str, token: &Secret, metadata: &Map<String, Value>, secret: Option<&Secret>) -> Request {
    let mut metadata = metadata.clone();
    let hidden = secret.is_some();
    if let Some(secret) = secret {
        metadata.insert("client_secret".to_owned(), secret.expose().into());
    }
    let text = Value::Object(metadata).to_string();
    let body = Body::Json(if hidden { Secret::new(text).into() } else { text.into() });
    request(Method::Put, client_uri, Some(token), body, Replay::Transaction)
}

/// Builds the end of a registration (RFC 7592 §2.3).
pub fn remove(client_uri: &str, token: &Secret) -> Request {
    request(Method::Delete, client_uri, Some(token), Body::Empty, Replay::Safe)
}

fn request(method: Method, url: &str, token: Option<&Secret>, body: Body, replay: Replay) -> Request {
    let mut request = Request { method, body, ..Request::form("client registration", url, Vec::new(), replay) };
    let header = token.map(|token| Secret::new(format!("Bearer {}", token.expose())).into());
    request.headers.extend(header.map(|value| ("Authorization".to_owned(), value)));
    request
}

/// Whether a server did what was asked: only then its answer holds something to keep.
pub fn is_success(answer: &Response) -> bool {
    (200..300).contains(&answer.status)
}

/// Reads an answer with a client in it. 201 is right for a new one and 200 for a known one; some servers mix them up.
/// `manages` is where the client's configuration endpoint must be: on the origin of that URL.
pub fn read(answer: &Response, manages: &str) -> Result<Registration, Fault> {
    let mut members = Members::read_private(WHAT, answer, Some("client_id"))?;
    members.map.retain(|_, value| !value.is_null());
    let missing = |member| Fault::MissingMember { what: WHAT, member };
    let client_id = members.string("client_id")?.ok_or(missing("client_id"))?.to_owned();
    if !(1..=1024).contains(&client_id.len()) || !is_printable(&client_id) {
        return Err(members.malformed("client_id", "is not 1 to 1024 visible characters (RFC 6749 appendix A.1)"));
    }
    let warnings = repair::repair_members(&mut members, manages);
    let client_secret = members.take_secret("client_secret", Grammar::NoControl)?;
    let access_token = members.take_secret("registration_access_token", Grammar::B64Token)?;
    let client_uri = members.string("registration_client_uri")?.map(str::to_owned);
    if let Some(uri) = &client_uri
        && !secure_url::same_origin(uri, manages)
    {
        let reason = "registration_client_uri is not on the origin of the registration endpoint";
        return Err(Fault::NotTrusted { what: WHAT, reason: reason.to_owned() });
    }
    let secret_expires_at = claim::date(&members.map, repair::EXPIRY);
    if members.get(repair::EXPIRY).is_some() && secret_expires_at.is_none() {
        return Err(members.malformed(repair::EXPIRY, "is not a time"));
    }
    LISTS.iter().try_for_each(|name| members.list(name).map(drop))?;
    members.string("scope")?;
    let method = members.string("token_endpoint_auth_method")?.unwrap_or_default();
    if answer.status == 201 && method.starts_with("client_secret_") && client_secret.is_none() {
        return Err(missing("client_secret"));
    }
    let secret_expires_at = secret_expires_at.filter(|date| *date > 0);
    let members = members.map;
    Ok(Registration { client_id, client_secret, secret_expires_at, access_token, client_uri, members, warnings })
}

/// Reads the answer to [`remove`]: 204, or any other success. Who is not there is gone (404).
pub fn read_removal(answer: &Response) -> Result<(), Fault> {
    if is_success(answer) || answer.status == 404 {
        Ok(())
    } else {
        Err(error::read("the end of the registration", answer))
    }
}

/// The metadata of a client as an update sends it back: whole, without what only the server says (RFC 7592 §2.2).
pub fn client_metadata(registration: &Registration) -> Map<String, Value> {
    let mut metadata = registration.members.clone();
    metadata.retain(|name, _| !SERVER_MANAGED.contains(&name.as_str()));
    metadata
}

/// A member that the server registered otherwise than it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The member.
    pub name: String,
    /// What was asked for; null when it was not.
    pub asked: Value,
    /// What the server registered; null when it says nothing of it.
    pub got: Value,
}

/// What the server changed of what was asked for. Redirect URIs that nobody asked for count as well: codes may go there.
pub fn list_changes(asked: &Map<String, Value>, got: &Map<String, Value>) -> Vec<Change> {
    let own = asked.keys().map(String::as_str).filter(|name| !matches!(*name, "client_id" | "client_secret"));
    let unasked = (!asked.contains_key("redirect_uris")).then_some("redirect_uris");
    let member = |members: &Map<String, Value>, name| members.get(name).cloned().unwrap_or_default();
    own.chain(unasked)
        .map(|name| Change { name: name.to_owned(), asked: member(asked, name), got: member(got, name) })
        .filter(|change| !means_same(change))
        .collect()
}

/// Whether two values of a member mean the same: the order of lists and of scopes does not count, and servers leave out
/// what is empty.
fn means_same(Change { name, asked, got }: &Change) -> bool {
    let words = |value: &Value| -> Option<BTreeSet<String>> {
        match value {
            Value::Null => Some(BTreeSet::new()),
            Value::Array(all) => Some(all.iter().map(Value::to_string).collect()),
            Value::String(text) if name == "scope" || text.is_empty() => {
                Some(text.split_whitespace().map(str::to_owned).collect())
            }
            _ => None,
        }
    };
    asked == got || words(asked).is_some_and(|asked| Some(asked) == words(got))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Fault, client_metadata, list_changes, read, register, update};
    use crate::oauth::message::{Body, Replay, Response};
    use crate::secret::Secret;

    const ENDPOINT: &str = "https://server.example.com/register";

    fn answer(status: u16, body: &Value) -> Response {
        Response { status, headers: Vec::new(), body: body.to_string().into_bytes(), url: String::new() }
    }

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
    }

    /// RFC 7592 §3.
    fn example() -> Value {
        json!({
            "registration_access_token": "reg-23410913-abewfq.123483",
            "registration_client_uri": "https://server.example.com/register/s6BhdRkqt3",
            "client_id": "s6BhdRkqt3",
            "client_secret": "cf136dc3c1fc93f31185e5885805d",
            "client_id_issued_at": 2_893_256_800_u64,
            "client_secret_expires_at": 2_893_276_800_u64,
            "client_name": "My Example Client",
            "redirect_uris": ["https://client.example.org/callback", "https://client.example.org/callback2"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "logo_uri": "https://client.example.org/logo.png",
            "jwks_uri": "https://client.example.org/my_public_keys.jwks"
        })
    }

    #[test]
    fn rfc_7592_example_is_read_and_sent_back() {
        let got = read(&answer(200, &example()), ENDPOINT).unwrap();
        assert_eq!((got.client_id.as_str(), got.secret_expires_at), ("s6BhdRkqt3", Some(2_893_276_800)));
        assert_eq!(got.client_secret.as_ref().unwrap().expose(), "cf136dc3c1fc93f31185e5885805d");
        assert_eq!(got.access_token.as_ref().unwrap().expose(), "reg-23410913-abewfq.123483");
        assert!(!Value::Object(got.members.clone()).to_string().contains("cf136dc3"));
        let mut names: Vec<String> = client_metadata(&got).keys().cloned().collect();
        names.sort();
        assert_eq!(
            names.join(" "),
            "client_id client_name grant_types jwks_uri logo_uri redirect_uris token_endpoint_auth_method"
        );
        let token = Secret::new("t");
        let request = update("https://s/c", &token, &client_metadata(&got), got.client_secret.as_ref());
        assert!(matches!(request.body, Body::Json(crate::oauth::message::Value::Hidden(_))));
        assert_eq!((request.replay, request.credential), (Replay::Transaction, true));
    }

    #[test]
    fn only_what_was_given_is_sent() {
        let request = register(ENDPOINT, &map(json!({"client_name": "x"})), None);
        let Body::Json(body) = &request.body else { panic!() };
        assert_eq!((body.wire(), request.headers.len()), (r#"{"client_name":"x"}"#, 1));
        let request = register(ENDPOINT, &Map::new(), Some(&Secret::new("iat")));
        assert_eq!(request.headers[1].1.wire(), "Bearer iat");
    }

    #[test]
    fn answer_that_breaks_protocol_is_refused_and_not_quoted() {
        for (name, value) in [
            ("client_id", json!(7)),
            ("client_id", json!("")),
            ("client_id", json!("a\u{1b}b")),
            ("client_id", json!("x".repeat(2000))),
            ("client_secret", json!(["hunter2"])),
            ("client_secret", json!("")),
            ("client_secret", json!("hunter2\n")),
            ("client_secret_expires_at", json!("soon")),
            ("client_secret_expires_at", json!(true)),
            ("registration_access_token", json!("hunter2 x")),
            ("registration_access_token", json!({})),
            ("registration_access_token", json!("a".repeat(20_000))),
            ("registration_client_uri", json!(1)),
            ("registration_client_uri", json!("//evil.example/register/x")),
            ("registration_client_uri", json!("/\\evil.example/register/x")),
            ("registration_client_uri", json!("http://server.example.com/register/x")),
            ("registration_client_uri", json!("https://server.example.com:444/register/x")),
            ("registration_client_uri", json!("https://evil.example/register/x")),
            ("registration_client_uri", json!("https://server.example.com@evil.example/x")),
            ("registration_client_uri", json!("https://server.example.com\\@evil.example/x")),
            ("redirect_uris", json!("https://client.example.org")),
            ("grant_types", json!([1])),
            ("contacts", json!({})),
            ("token_endpoint_auth_method", json!(["none"])),
            ("scope", json!(["a", 1])),
        ] {
            let mut bad = example();
            bad[name] = value.clone();
            let fault = read(&answer(201, &bad), ENDPOINT).unwrap_err();
            assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{name} {value}");
        }
        for missing in ["client_id", "client_secret"] {
            let mut bad = map(example());
            bad.remove(missing);
            let fault = read(&answer(201, &Value::Object(bad)), ENDPOINT).unwrap_err();
            assert!(matches!(fault, Fault::MissingMember { member, .. } if member == missing), "{fault:?}");
        }
        for status in [202, 204, 302, 400, 500] {
            assert!(read(&answer(status, &example()), ENDPOINT).is_err(), "{status}");
        }
    }

    #[test]
    fn odd_members_are_repaired_with_warning() {
        let url = json!("https://server.example.com/register/x");
        for (name, value, repaired) in [
            ("client_secret_expires_at", json!(-1), None),
            ("registration_client_uri", json!("/register/x"), Some(url.clone())),
            ("registration_client_uri", json!("register/x"), Some(url)),
            ("scope", json!(["a", "b"]), Some(json!("a b"))),
        ] {
            let mut odd = example();
            odd[name] = value.clone();
            let got = read(&answer(201, &odd), ENDPOINT).unwrap();
            assert_eq!((got.members.get(name), got.warnings.len()), (repaired.as_ref(), 1), "{name} {value}");
            assert!(got.client_secret.is_some() && got.secret_expires_at.is_none_or(|at| at > 0));
        }
        let empty = json!({"client_id": "c", "client_secret": "", "registration_access_token": "", "scope": "",
            "registration_client_uri": "", "token_endpoint_auth_method": "none"});
        let got = read(&answer(201, &empty), ENDPOINT).unwrap();
        assert!(got.client_secret.is_none() && got.access_token.is_none() && got.client_uri.is_none());
        assert!(got.warnings.is_empty(), "{:?}", got.warnings);
    }

    #[test]
    fn what_may_be_absent_or_null_is() {
        let got = read(&answer(201, &json!({"client_id": "c", "client_secret": null})), ENDPOINT).unwrap();
        assert!(got.client_secret.is_none() && got.access_token.is_none() && got.client_uri.is_none());
        let never = json!({"client_id": "c", "client_secret": "s", "client_secret_expires_at": 0});
        assert_eq!(read(&answer(200, &never), ENDPOINT).unwrap().secret_expires_at, None);
    }

    #[test]
    fn what_server_changed_is_listed() {
        let asked = map(json!({"grant_types": ["client_credentials"], "scope": "b a", "client_name": "x",
            "contacts": [], "response_types": ["code", "token"]}));
        let got =
            map(json!({"grant_types": ["authorization_code"], "scope": "a b", "response_types": ["token", "code"],
            "redirect_uris": ["https://evil.example"], "client_id": "c"}));
        let found = list_changes(&asked, &got);
        let names: Vec<&str> = found.iter().map(|change| change.name.as_str()).collect();
        assert_eq!(names, ["grant_types", "client_name", "redirect_uris"]);
        assert_eq!((&found[1].got, &found[2].asked), (&Value::Null, &Value::Null));
    }
}
