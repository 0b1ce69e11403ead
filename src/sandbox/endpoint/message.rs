//! A request and its answer as the endpoints see them, without the HTTP library.

use serde_json::{Value, json};

use crate::http::Presented;

/// One request, whole.
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    /// Names in lower case; a name may repeat.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What its client showed in TLS.
    pub certificate: Option<Presented>,
    /// What the log may tell of it.
    pub note: Note,
}

/// What an endpoint found out that the log may tell.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// The client, once authenticated.
    pub client_id: Option<String>,
    /// The grant, when it is one that OAuth knows.
    pub grant: Option<&'static str>,
    /// The OAuth error of the answer.
    pub error: Option<&'static str>,
}

impl Call {
    /// The value of a header that may stand once and must be text.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                std::str::from_utf8(value).map(Some).map_err(|_| Refusal::request("a header is not text"))
            }
            _ => Err(Refusal::request("a header is repeated")),
        }
    }
}

/// An answer before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON document that nobody may keep (RFC 6749 §5.1).
    pub fn json(status: u16, document: &Value) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("cache-control", "no-store".to_owned()),
                ("pragma", "no-cache".to_owned()),
            ],
            body: document.to_string().into_bytes(),
        }
    }

    /// A JSON document that may be kept for five minutes: metadata and keys.
    pub fn public(document: &Value) -> Self {
        Self {
            status: 200,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("cache-control", "public, max-age=300".to_owned()),
            ],
            body: document.to_string().into_bytes(),
        }
    }

    /// Sends a browser elsewhere, and makes it forget that it posted anything (RFC 9700 §4.12).
    pub fn redirect(location: String) -> Self {
        Self {
            status: 303,
            headers: vec![
                ("location", location),
                ("cache-control", "no-store".to_owned()),
                ("referrer-policy", "no-referrer".to_owned()),
            ],
            body: Vec::new(),
        }
    }

    /// 200 and nothing else (RFC 7009 §2.2).
    pub fn empty() -> Self {
        Self { status: 200, headers: vec![("cache-control", "no-store".to_owned())], body: Vec::new() }
    }
}

/// An answer that says no (RFC 6749 §5.2). The description never repeats what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub error: &'static str,
    pub description: &'static str,
    /// The methods that would be allowed, for a 405.
    pub allow: Option<&'static str>,
}

impl Refusal {
    /// An OAuth error with that status.
    pub fn new(status: u16, error: &'static str, description: &'static str) -> Self {
        Self { status, error, description, allow: None }
    }

    /// 400 `invalid_request`.
    pub fn request(description: &'static str) -> Self {
        Self::new(400, "invalid_request", description)
    }

    /// 401 `invalid_client`.
    pub fn client(description: &'static str) -> Self {
        Self::new(401, "invalid_client", description)
    }

    /// 405 with the methods that are allowed.
    pub fn method(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(405, "invalid_request", "this endpoint does not know this method") }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let document = json!({"error": refusal.error, "error_description": refusal.description});
        let mut reply = Self::json(refusal.status, &document);
        if refusal.status == 401 {
            // RFC 9110 §15.5.2 wants a challenge with every 401.
            let challenge = match refusal.error {
                "invalid_token" => "Bearer realm=\"sandbox\", error=\"invalid_token\"",
                _ => "Basic realm=\"sandbox\", charset=\"UTF-8\"",
            };
            reply.headers.push(("www-authenticate", challenge.to_owned()));
        }
        if let Some(allow) = refusal.allow {
            reply.headers.push(("allow", allow.to_owned()));
        }
        reply
    }
}
