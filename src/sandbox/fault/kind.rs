//! The list of faults.

use super::Target;
use super::spoil::{self, Delivery};
use crate::sandbox::endpoint::message::Reply;
use crate::sandbox::state::State;

/// Where a kind makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// At every endpoint.
    Any,
    /// At one endpoint.
    Only(Target),
}

/// A kind of fault.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// Where it makes sense.
    pub reach: Reach,
    pub(super) act: fn(&State, Reply) -> Delivery,
}

const fn any(name: &'static str, what: &'static str, act: fn(&State, Reply) -> Delivery) -> Kind {
    Kind { name, what, reach: Reach::Any, act }
}

const fn token(name: &'static str, what: &'static str, act: fn(&State, Reply) -> Delivery) -> Kind {
    Kind { name, what, reach: Reach::Only(Target::Token), act }
}

const fn metadata(name: &'static str, what: &'static str, act: fn(&State, Reply) -> Delivery) -> Kind {
    Kind { name, what, reach: Reach::Only(Target::Metadata), act }
}

const fn jwks(name: &'static str, what: &'static str, act: fn(&State, Reply) -> Delivery) -> Kind {
    Kind { name, what, reach: Reach::Only(Target::Jwks), act }
}

const fn introspection(name: &'static str, what: &'static str, act: fn(&State, Reply) -> Delivery) -> Kind {
    Kind { name, what, reach: Reach::Only(Target::Introspection), act }
}

/// All kinds. Each lets the request happen first, so a token is made even when its answer is lost.
pub const KINDS: &[Kind] = &[
    any("404", "404 with an OAuth error", |_, _| spoil::status(404)),
    any("500", "500 with an OAuth error", |_, _| spoil::status(500)),
    any("502", "502 with a page in HTML", |_, _| spoil::bad_gateway()),
    any("503", "503 without Retry-After", |_, _| spoil::status(503)),
    any("503-hour", "503 with Retry-After: 3600", |_, _| spoil::later(503, 3600)),
    any("429", "429 with Retry-After: 1", |_, _| spoil::later(429, 1)),
    any("slow", "the body comes a byte each 100 ms", |_, reply| spoil::slow(reply)),
    any("stall", "half the body, then silence", |_, reply| spoil::stall(reply)),
    any("silence", "no answer at all, the connection stays open", |_, reply| spoil::silence(reply)),
    any("reset", "no answer, the connection is reset", |_, reply| spoil::reset(reply)),
    any("truncate", "half the body, then the connection ends", |_, reply| spoil::truncate(reply)),
    any("not-http", "a line that is not HTTP", |_, reply| spoil::not_http(reply)),
    any("huge-header", "a header of 128 KiB", |_, reply| spoil::huge_header(reply)),
    any("huge", "the JSON, then 8 MiB of blanks, without a length", |_, reply| spoil::huge(reply)),
    any("gzip", "gzip that nobody asked for, of 16 MiB", |_, reply| spoil::gzip(reply)),
    any("deep", "JSON with a member nested 10000 deep", |_, reply| spoil::deep(reply)),
    any("duplicate", "JSON with a member twice", |_, reply| spoil::duplicate(reply)),
    any("array", "the JSON inside an array", |_, reply| spoil::array(reply)),
    any("not-json", "a form instead of JSON", |_, reply| spoil::not_json(reply)),
    any("not-utf8", "JSON with a byte that is not UTF-8", |_, reply| spoil::not_utf8(reply)),
    any("html", "200 with a page in HTML", |_, reply| spoil::html(reply)),
    any("empty", "200 with nothing", |_, reply| spoil::empty(reply)),
    any("redirect", "307 to another path of the same server", |state, _| spoil::redirect(state)),
    any("hostile-error", "400 with terminal controls and runner commands in it", |_, _| spoil::hostile_error()),
    token("invalid-client", "401 invalid_client", |_, _| spoil::invalid_client()),
    token("error-200", "an OAuth error with status 200", |_, _| spoil::error_200()),
    token("bad-type", "token_type is mac", |_, reply| spoil::set(reply, "token_type", "mac".into())),
    token("lower-type", "token_type is bearer, which is allowed", |_, reply| {
        spoil::set(reply, "token_type", "bearer".into())
    }),
    token("no-type", "token_type is missing", |_, reply| spoil::remove(reply, "token_type")),
    token("no-expiry", "expires_in is missing, which is allowed", |_, reply| spoil::remove(reply, "expires_in")),
    token("string-expiry", "expires_in is the string 300", |_, reply| spoil::set(reply, "expires_in", "300".into())),
    token("negative-expiry", "expires_in is -300", |_, reply| spoil::set(reply, "expires_in", (-300).into())),
    token("huge-expiry", "expires_in is 1e30", |_, reply| spoil::set(reply, "expires_in", 1e30.into())),
    token("token-missing", "access_token is missing", |_, reply| spoil::remove(reply, "access_token")),
    token("token-empty", "access_token is empty", |_, reply| spoil::set(reply, "access_token", "".into())),
    token("token-number", "access_token is a number", |_, reply| spoil::set(reply, "access_token", 12345.into())),
    token("token-crlf", "access_token holds a line break and a header", |_, reply| {
        spoil::set(reply, "access_token", "abc\r\nX-Injected: yes".into())
    }),
    token("token-long", "access_token has 20 KiB", |_, reply| {
        spoil::set(reply, "access_token", "a".repeat(20 * 1024).into())
    }),
    metadata("wrong-issuer", "the document is another issuer's", |state, reply| {
        spoil::set(reply, "issuer", format!("{}/other", state.origin).into())
    }),
    metadata("no-token-endpoint", "token_endpoint is missing", |_, reply| spoil::remove(reply, "token_endpoint")),
    jwks("wrong-key", "another key under the same kid", spoil::wrong_key),
    jwks("no-keys", "an empty key set", |_, reply| spoil::set(reply, "keys", serde_json::json!([]))),
    introspection("no-active", "active is missing", |_, reply| spoil::remove(reply, "active")),
    introspection("string-active", "active is the string true", |_, reply| spoil::set(reply, "active", "true".into())),
];
