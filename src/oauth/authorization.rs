//! The authorization request and its response (RFC 6749 §4.1, `OpenID` Connect Core §3.1.2, RFC 9207).

use url::form_urlencoded;

use super::bearer::Grammar;
use super::error::show;
use super::fault::Fault;
use super::issuer;
use super::parameters::TokenParameters;
use super::pkce;
use crate::secret::Secret;
use crate::text::sanitize;

const WHAT: &str = "the authorization response";

/// The parameters that the request itself sets or that would change how its response comes: refused among `params`.
pub const RESERVED: [&str; 16] = [
    "response_type",
    "response_mode",
    "redirect_uri",
    "state",
    "nonce",
    "code",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "acr_values",
    "max_age",
    "request",
    "request_uri",
    "resource",
];

#[derive(Debug, Clone, Copy)]
pub struct AuthorizationParameters<'a> {
    pub client_id: &'a str,
    pub redirect_uri: &'a str,
    /// What binds the response to this request.
    pub state: &'a str,
    /// What binds the ID token to this request, where one is asked for.
    pub nonce: Option<&'a str>,
    pub challenge: &'a str,
    pub prompt: Option<&'a str>,
    pub login_hint: Option<&'a str>,
    pub acr: Option<&'a str>,
    /// Sign in again if the last sign-in is older than this, in seconds.
    pub max_age: Option<u64>,
    pub token: TokenParameters<'a>,
}

pub fn parameters(asked: &AuthorizationParameters<'_>) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut form = vec![
        pair("response_type", "code"),
        pair("client_id", asked.client_id),
        pair("redirect_uri", asked.redirect_uri),
    ];
    TokenParameters { scope: asked.token.scope, ..TokenParameters::default() }.append_to(&mut form);
    form.push(pair("state", asked.state));
    form.extend(asked.nonce.map(|nonce| pair("nonce", nonce)));
    form.extend([pair("code_challenge", asked.challenge), pair("code_challenge_method", pkce::METHOD)]);
    TokenParameters { scope: &[], extra: &[], ..asked.token }.append_to(&mut form);
    let max_age = asked.max_age.map(|seconds| seconds.to_string());
    let optional = [
        ("prompt", asked.prompt),
        ("login_hint", asked.login_hint),
        ("acr_values", asked.acr),
        ("max_age", max_age.as_deref()),
    ];
    form.extend(optional.into_iter().filter_map(|(name, value)| Some(pair(name, value?))));
    TokenParameters { extra: asked.token.extra, ..TokenParameters::default() }.append_to(&mut form);
    form
}

/// The URL of the request. The query that the endpoint has already is kept (RFC 6749 §3.1).
pub fn url(endpoint: &str, parameters: &[(String, String)]) -> Result<String, Fault> {
    let malformed = |reason| Fault::malformed("the authorization endpoint", reason);
    if endpoint.contains('#') {
        return Err(malformed("it has a fragment (RFC 6749 §3.1)"));
    }
    let query = endpoint.split_once('?').map(|(_, query)| query);
    let own = |name: &str| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(known, _)| known == name);
    if parameters.iter().any(|(name, _)| own(name)) {
        return Err(malformed("its own query sets a parameter of the request"));
    }
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(parameters);
    let join = match query {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    Ok([endpoint, join, &encoded.finish()].concat())
}

/// The URL of a pushed request (RFC 9126 §4).
pub fn pushed_url(endpoint: &str, client_id: &str, request_uri: &str) -> Result<String, Fault> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    url(endpoint, &[pair("client_id", client_id), pair("request_uri", request_uri)])
}

/// What the response must say to be ours.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub state: &'a str,
    pub issuer: &'a str,
    /// Whether the metadata says `authorization_response_iss_parameter_supported` (RFC 9207 §3).
    pub iss_required: bool,
}

#[derive(Debug)]
pub enum Response {
    Code(Secret),
    /// Not ours: whoever sent it does not know our `state`. The right one may still come.
    Ignored,
    /// Ours, and the end of the attempt: refused, or not to be trusted.
    Failed(Fault),
}

/// Reads the query of a response: `state` first, then `iss`, which refusals have as well (RFC 9207 §2.4).
pub fn read(query: &str, expected: &Expected<'_>) -> Response {
    let pairs = Pairs(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    match pairs.all("state")[..] {
        [state] if Secret::new(state).matches(&Secret::new(expected.state)) => {}
        _ => return Response::Ignored,
    }
    match read_trusted(&pairs, expected) {
        Ok(code) => Response::Code(code),
        Err(fault) => Response::Failed(fault),
    }
}

/// Reads what a person pasted: a URL or its query. A code alone is not enough: only `state` binds it to our request.
pub fn read_pasted(text: &str, expected: &Expected<'_>) -> Response {
    let text = text.trim().split('#').next().unwrap_or_default();
    read(text.split_once('?').map_or(text, |(_, query)| query), expected)
}

struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of what may be there once; an empty one counts as absent (RFC 6749 §3.1).
    fn one(&self, name: &'static str) -> Result<Option<&str>, Fault> {
        match self.all(name)[..] {
            [] | [""] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(Fault::malformed(WHAT, format!("it has {name} twice"))),
        }
    }
}

fn read_trusted(pairs: &Pairs, expected: &Expected<'_>) -> Result<Secret, Fault> {
    match pairs.one("iss")? {
        Some(iss) if !issuer::fits(expected.issuer, iss, None) => {
            let reason =
                format!("it names the issuer {}, not {} (RFC 9207 §2.4)", sanitize(iss), sanitize(expected.issuer));
            return Err(Fault::malformed(WHAT, reason));
        }
        None if expected.iss_required => {
            return Err(Fault::malformed(WHAT, "it has no iss, which the metadata promises (RFC 9207 §2.4)"));
        }
        _ => {}
    }
    let (code, error) = (pairs.one("code")?, pairs.one("error")?);
    match (code, error) {
        (Some(_), Some(_)) => Err(Fault::malformed(WHAT, "it has a code and an error")),
        (None, Some(error)) => Err(Fault::NotAuthorized {
            error: sanitize(error),
            description: pairs.one("error_description")?.map(show),
            uri: pairs.one("error_uri")?.map(sanitize).filter(|uri| uri.starts_with("https://")),
        }),
        (Some(code), None) => Grammar::Printable.read("code", code.to_owned()),
        (None, None) => Err(Fault::MissingMember { what: WHAT, member: "code" }),
    }
}

#[cfg(test)]
mod tests;
