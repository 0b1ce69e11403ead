//! A request, read completely.

use hyper::HeaderMap;

use crate::http::Presented;
use crate::sandbox::log::Note;
use crate::sandbox::model::OAuthError;

pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub secure: bool,
    pub certificate: Option<Presented>,
    pub note: Note,
}

impl Request {
    pub fn header(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let mut values = self.headers.get_all(name).iter().map(|value| std::str::from_utf8(value.as_bytes()));
        match (values.next().transpose(), values.next()) {
            (Ok(value), None) => Ok(value),
            (Ok(_), Some(_)) => Err(OAuthError::invalid_request("a header is repeated")),
            (Err(_), _) => Err(OAuthError::invalid_request("a header is not UTF-8")),
        }
    }

    pub fn require_content_type(&self, expected: &str) -> Result<(), OAuthError> {
        let found = self.header("content-type")?.unwrap_or_default();
        let found = found.split(';').next().unwrap_or_default().trim();
        let is_right = found.eq_ignore_ascii_case(expected);
        is_right
            .then_some(())
            .ok_or_else(|| OAuthError::invalid_request(format!("the content type must be {expected}")))
    }

    pub fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }
}
