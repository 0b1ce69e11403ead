//! The signature of a gateway: `X-Authz-Signature` is HMAC-SHA256 at the time `X-Authz-Ts`, under a shared key.
//!
//! v1 is base64 over `user-or-service|session|ts|METHOD|path`, without roles, scopes and query. v2 is `v2:` and
//! hexadecimal digits over thirteen header fields, without method and path. auth-gate 0.2.0 reads v1, 0.8.5 reads v2.

mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::edges::Moment;
use crate::hex;
use crate::identity::kong;
use crate::identity::{Identity, Kind};
use crate::jose::MacKey;

pub use verify::{Matched, Verifier};

/// The field with the time of signing, in epoch seconds.
pub const TIME: &str = "X-Authz-Ts";
pub const SIGNATURE: &str = "X-Authz-Signature";

/// The fields that v2 signs, in its order.
pub const FIELDS: [&str; 13] = [
    "X-Auth-Source",
    "X-Token-Verified",
    "X-User-ID",
    "X-User-Roles",
    "X-User-Scopes",
    "X-Session-ID",
    "X-Organization-ID",
    "X-Subscription-Tier",
    "X-Subscription-Status",
    "X-Service-Name",
    "X-Service-Authenticated",
    "X-Service-Roles",
    "X-Org-Roles",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

impl Version {
    pub const NAMED: &'static [(&'static str, &'static str, Self)] = &[
        ("v1", "User or service, session, time, method and path; nothing else is proven", Self::V1),
        ("v2", "The header fields of the gateway; not the method and the path", Self::V2),
    ];
}

const V2: &str = "v2:";

/// Contains nothing of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the key of the signature is empty")]
    EmptyKey,
    /// Two readings would be possible.
    #[error("{0} contains a |, which separates the parts of v1")]
    Ambiguous(&'static str),
    /// RFC 9110 §5.5 forbids them, and v2 separates its parts by a line feed.
    #[error("{0} contains a control character")]
    Control(&'static str),
    #[error("invalid request method")]
    Method,
    #[error("invalid path: it must begin with / and have no query or fragment, which are not signed")]
    Path,
    #[error("the fields name neither a user nor a service")]
    Nobody,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("X-Authz-Ts is not a time in epoch seconds")]
    Time,
    #[error("X-Authz-Ts is {apart} seconds away from now, at most {skew} are allowed")]
    Stale { apart: u64, skew: u64 },
    #[error("X-Authz-Signature is not a {0} signature")]
    Form(&'static str),
    #[error("the signature does not match")]
    Mismatch,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    who: String,
    session: String,
    method: String,
    path: String,
}

impl Request {
    /// Method (`get` is not GET) and path are signed as they are given.
    pub fn new(who: &str, session: &str, method: &str, path: &str) -> Result<Self, Fault> {
        for (name, part) in [("who it is", who), ("the session", session), ("the path", path)] {
            if part.contains('|') {
                return Err(Fault::Ambiguous(name));
            }
            if part.chars().any(char::is_control) {
                return Err(Fault::Control(name));
            }
        }
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`~".contains(c);
        if method.is_empty() || !method.chars().all(token) {
            return Err(Fault::Method);
        }
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err(Fault::Path);
        }
        Ok(Self { who: who.to_owned(), session: session.to_owned(), method: method.to_owned(), path: path.to_owned() })
    }

    pub fn from_identity(identity: &Identity, method: &str, path: &str) -> Result<Self, Fault> {
        let who = if identity.kind == Kind::Service { &identity.name } else { &identity.subject };
        let who = who.as_deref().filter(|who| !who.is_empty()).ok_or(Fault::Nobody)?;
        Self::new(who, identity.session_id.as_deref().unwrap_or_default(), method, path)
    }
}

/// What a signature covers, besides its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    Request(Request),
    /// v2: the values of [`FIELDS`], empty where a field is absent.
    Fields(Vec<String>),
}

impl Signed {
    pub fn from_fields(fields: &[(String, String)]) -> Result<Self, Fault> {
        let value = |name: &&'static str| {
            let value = kong::find_field(fields, name).unwrap_or_default();
            if value.chars().any(char::is_control) { Err(Fault::Control(name)) } else { Ok(value.to_owned()) }
        };
        FIELDS.iter().map(value).collect::<Result<_, _>>().map(Self::Fields)
    }

    pub fn version(&self) -> &'static str {
        match self {
            Self::Request(_) => "v1",
            Self::Fields(_) => "v2",
        }
    }

    fn message(&self, time: &str) -> String {
        match self {
            Self::Request(Request { who, session, method, path }) => [who, session, time, method, path].join("|"),
            Self::Fields(values) => format!("v2\n{}\n{time}", values.join("\n")),
        }
    }
}

/// The values of [`TIME`] and [`SIGNATURE`] for what is signed at this moment.
pub fn sign(key: &MacKey, signed: &Signed, at: Moment) -> (String, String) {
    let time = at.epoch().to_string();
    let tag = key.tag(signed.message(&time).as_bytes());
    let signature = match signed {
        Signed::Request(_) => STANDARD.encode(tag),
        Signed::Fields(_) => V2.to_owned() + &hex::encode(&tag),
    };
    (time, signature)
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, Fault, Request, Signed, sign};
    use crate::edges::Moment;
    use crate::identity::kong;
    use crate::jose::MacKey;
    use crate::secret::Secret;

    const AT: i64 = 1_795_341_600;

    fn key(text: &str) -> MacKey {
        MacKey::new(&Secret::new(text)).unwrap()
    }

    fn v1(who: &str, session: &str, method: &str, path: &str) -> Result<Signed, Fault> {
        Request::new(who, session, method, path).map(Signed::Request)
    }

    #[test]
    fn v1_is_base64_over_five_parts() {
        // Computed with the hmac module of Python, as auth-gate 0.2.0 does.
        let key = key("a-key-that-both-sides-know");
        let at = Moment::from_epoch(AT);
        let (time, signature) = sign(&key, &v1("u-1", "s-1", "GET", "/orders").unwrap(), at);
        assert_eq!((time.as_str(), signature.as_str()), ("1795341600", "2MFDRWJQf7tSWT0t+mZmrzHMx0T0hRjtQWFW1ku7tp8="));
        assert_ne!(sign(&key, &v1("u-1", "s-1", "get", "/orders").unwrap(), at).1, signature);
        let (_, signature) = sign(&key, &v1("jobs", "", "GET", "/orders").unwrap(), at);
        assert_eq!(signature, "VHHQoz/sVfdeQyOlvT32WZMvvr/0gDfmc5Vz4KYCQF4=");
    }

    #[test]
    fn v2_matches_vector_of_auth_gate() {
        let fields = kong::parse_lines(
            "X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: 11111111-1111-1111-1111-111111111111\n\
             X-User-Roles: buyer,supplier\nX-Session-ID: sess-1\nX-Username: not signed",
        )
        .unwrap();
        let signed = Signed::from_fields(&fields).unwrap();
        let (_, signature) = sign(&key("testkey123"), &signed, Moment::from_epoch(1_720_094_400));
        assert_eq!(signature, "v2:5da72b95253184443e2be4cc023f8bc95fa030eb4d591560e8c590d7020d113a");
    }

    #[test]
    fn v2_signs_every_field_at_its_place() {
        let all = FIELDS.map(|name| format!("{name}: {}", name.to_lowercase())).join("\n");
        let at = Moment::from_epoch(AT);
        let of = |text: &str| {
            sign(
                &key("a-key-that-both-sides-know"),
                &Signed::from_fields(&kong::parse_lines(text).unwrap()).unwrap(),
                at,
            )
            .1
        };
        // Computed with the hmac module of Python.
        let whole = "v2:7edff1704179641db1a5e5c3d60cf763480e6e6b5536bb67b28f7a08d0423357";
        assert_eq!(of(&all), whole);
        for name in FIELDS {
            assert_ne!(of(&all.replacen(&name.to_lowercase(), "other", 1)), whole, "{name} is not signed");
        }
    }

    #[test]
    fn ambiguous_request_is_not_signed() {
        for (who, session, path) in [("u|s", "", "/"), ("u", "s|1", "/"), ("u", "s", "/a|b")] {
            assert!(matches!(v1(who, session, "GET", path), Err(Fault::Ambiguous(_))), "{who} {session} {path}");
        }
        for (who, session, path) in [("u\n", "", "/"), ("u", "s\r", "/"), ("u", "s", "/\u{85}"), ("u", "s", "/\0")] {
            assert!(matches!(v1(who, session, "GET", path), Err(Fault::Control(_))), "{who:?} {session:?} {path:?}");
        }
        for method in ["", "GET|", "GET /", "GÉT", "GET\n"] {
            assert_eq!(v1("u", "", method, "/"), Err(Fault::Method), "{method:?}");
        }
        for path in ["", "orders", "/orders?a=1", "/orders#top", "https://a.example/"] {
            assert_eq!(v1("u", "", "GET", path), Err(Fault::Path), "{path}");
        }
        let forged = [("X-User-ID".to_owned(), "u\nadmin".to_owned())];
        assert_eq!(Signed::from_fields(&forged), Err(Fault::Control("X-User-ID")));
    }
}
