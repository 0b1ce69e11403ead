//! Which endpoint answers.

use super::endpoint::message::{Call, Refusal, Reply};
use super::endpoint::{authorization, introspection, jwks, logout, metadata, par, registration, revocation, token};
use super::fault::Target;
use super::model::device;
use super::state::{PATH, State};
use crate::oauth::secure_url::is_loopback_host;

/// The endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Greeting,
    OpenId,
    OAuth,
    Jwks,
    Authorization,
    Par,
    Token,
    Introspection,
    Revocation,
    DeviceAuthorization,
    Device,
    Logout,
    Registration,
    Configuration,
}

/// Answers a request; says also at which kind of fault it is a target.
pub fn answer(state: &State, call: &mut Call) -> (Reply, Option<Target>) {
    let endpoint = endpoint(&call.path);
    let reply = dispatch(state, call, endpoint).unwrap_or_else(|refusal| {
        call.note.error = Some(refusal.error);
        Reply::from(refusal)
    });
    (reply, endpoint.and_then(target))
}

fn dispatch(state: &State, call: &mut Call, endpoint: Option<Endpoint>) -> Result<Reply, Refusal> {
    foreign_host(call)?;
    let endpoint = endpoint.ok_or(Refusal::new(404, "not_found", "there is nothing here"))?;
    let reads = matches!(call.method.as_str(), "GET" | "HEAD");
    match endpoint {
        Endpoint::Par
        | Endpoint::Token
        | Endpoint::Introspection
        | Endpoint::Revocation
        | Endpoint::DeviceAuthorization
            if call.method != "POST" =>
        {
            Err(Refusal::method("POST"))
        }
        Endpoint::Registration if call.method != "POST" => Err(Refusal::method("POST")),
        Endpoint::Registration => registration::register(state, call),
        Endpoint::Configuration => registration::manage(state, call),
        Endpoint::Authorization | Endpoint::Device | Endpoint::Logout if !reads && call.method != "POST" => {
            Err(Refusal::method("GET, HEAD, POST"))
        }
        Endpoint::Authorization => authorization::answer(state, call),
        Endpoint::Par => par::answer(state, call),
        Endpoint::DeviceAuthorization => device::authorize(state, call),
        Endpoint::Device => device::verify(state, call),
        Endpoint::Logout => logout::answer(state, call),
        Endpoint::Token => token::answer(state, call),
        Endpoint::Introspection => introspection::answer(state, call),
        Endpoint::Revocation => revocation::answer(state, call),
        _ if !reads => Err(Refusal::method("GET, HEAD")),
        Endpoint::Greeting => Ok(metadata::greeting(state)),
        Endpoint::OpenId => Ok(metadata::openid(state)),
        Endpoint::OAuth => Ok(metadata::oauth(state)),
        Endpoint::Jwks => Ok(jwks::answer(state)),
    }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    if path == "/.well-known/oauth-authorization-server/sandbox" {
        return Some(Endpoint::OAuth);
    }
    Some(match path.strip_prefix(PATH)? {
        "" => Endpoint::Greeting,
        "/.well-known/openid-configuration" => Endpoint::OpenId,
        "/.well-known/oauth-authorization-server" => Endpoint::OAuth,
        "/jwks" => Endpoint::Jwks,
        "/authorize" => Endpoint::Authorization,
        "/par" => Endpoint::Par,
        "/token" => Endpoint::Token,
        "/introspect" => Endpoint::Introspection,
        "/revoke" => Endpoint::Revocation,
        "/device_authorization" => Endpoint::DeviceAuthorization,
        "/device" => Endpoint::Device,
        "/logout" => Endpoint::Logout,
        "/register" => Endpoint::Registration,
        path if path.starts_with("/register/") => Endpoint::Configuration,
        _ => return None,
    })
}

fn target(endpoint: Endpoint) -> Option<Target> {
    match endpoint {
        Endpoint::Token => Some(Target::Token),
        Endpoint::OpenId | Endpoint::OAuth => Some(Target::Metadata),
        Endpoint::Jwks => Some(Target::Jwks),
        Endpoint::Introspection => Some(Target::Introspection),
        Endpoint::Revocation => Some(Target::Revocation),
        Endpoint::Registration | Endpoint::Configuration => Some(Target::Registration),
        Endpoint::Par => Some(Target::Par),
        Endpoint::DeviceAuthorization => Some(Target::Device),
        Endpoint::Authorization => Some(Target::Authorize),
        Endpoint::Greeting | Endpoint::Device | Endpoint::Logout => None,
    }
}

/// A page in a browser can make a name of its own point to loopback; its requests carry that name.
fn foreign_host(call: &Call) -> Result<(), Refusal> {
    let host = call.header("host")?.ok_or(Refusal::request("the Host field is missing"))?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    if is_loopback_host(name) {
        Ok(())
    } else {
        Err(Refusal::new(421, "invalid_request", "the Host field does not name loopback"))
    }
}
