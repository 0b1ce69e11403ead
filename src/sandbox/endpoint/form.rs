//! Form parameters, read strictly (RFC 6749 §3.2 and appendix B).

use super::request::Request;
use crate::hex;
use crate::sandbox::model::OAuthError;

const LIMIT: usize = 100;
/// Parameters that may be repeated (RFC 8707 §2, RFC 8693 §2.1).
const LISTS: [&str; 2] = ["resource", "audience"];

/// The parameters of a request; an empty one counts as absent (RFC 6749 §3.2).
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a POST. Parameters in the URL are refused: they would end up in logs.
    pub fn read(request: &Request) -> Result<Self, OAuthError> {
        if !request.query.is_empty() {
            return Err(OAuthError::invalid_request("parameters belong in the body, not in the URL"));
        }
        request.require_content_type("application/x-www-form-urlencoded")?;
        let body = std::str::from_utf8(&request.body);
        Self::parse(body.map_err(|_| OAuthError::invalid_request("the body is not UTF-8"))?)
    }

    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(OAuthError::invalid_request("a parameter is not form-encoded UTF-8"));
            };
            if !LISTS.contains(&name.as_str()) && parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::invalid_request("a parameter is repeated"));
            }
            if parameters.len() == LIMIT {
                return Err(OAuthError::invalid_request("there are too many parameters"));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// Decodes one name or value: `+` and `%XX`, UTF-8 inside. `None` when the encoding is broken.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex::decode_pair(rest.next()?, rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_rfc_6749_appendix_b() {
        assert_eq!(decode("+%25%26%2B%C2%A3%E2%82%AC").as_deref(), Some(" %&+£€"));
    }

    #[test]
    fn broken_encoding_is_refused() {
        for bad in ["%", "%2", "%zz", "%+1", "%ff", "%C2"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
