//! Form parameters, read strictly (RFC 6749 §3.2 and appendix B).

use crate::sandbox::endpoint::message::{Call, Refusal};

/// The most parameters that one request may have.
const MOST: usize = 100;
/// Parameters that may repeat (RFC 8707 §2, RFC 8693 §2.1).
const LISTS: [&str; 2] = ["resource", "audience"];

/// The parameters of a request; those without a value count as left out (RFC 6749 §3.2).
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a POST; parameters in the URL are refused, they would end in logs.
    ///
    /// # Errors
    /// `invalid_request` when the type, the encoding or a repetition is wrong.
    pub fn read(call: &Call) -> Result<Self, Refusal> {
        if call.query.as_ref().is_some_and(|query| !query.is_empty()) {
            return Err(Refusal::request("parameters belong in the body, not in the URL"));
        }
        let kind = call.header("content-type")?.unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::request("the content type must be application/x-www-form-urlencoded"));
        }
        let body = std::str::from_utf8(&call.body).map_err(|_| Refusal::request("the body is not UTF-8"))?;
        Self::of(body)
    }

    /// Reads parameters wherever they stand.
    ///
    /// # Errors
    /// `invalid_request` when the encoding or a repetition is wrong.
    pub fn of(text: &str) -> Result<Self, Refusal> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Refusal::request("a parameter is not form-encoded UTF-8"));
            };
            if !LISTS.contains(&name.as_str()) && parameters.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::request("a parameter is repeated"));
            }
            if parameters.len() == MOST {
                return Err(Refusal::request("there are too many parameters"));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of a parameter that may repeat.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// Undoes the form encoding of one name or value: `+` and `%XX`, UTF-8 inside. `None` when it is broken.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_example_of_rfc_6749_is_decoded() {
        // RFC 6749 appendix B
        assert_eq!(decode("+%25%26%2B%C2%A3%E2%82%AC").as_deref(), Some(" %&+£€"));
    }

    #[test]
    fn broken_encoding_is_refused() {
        for bad in ["%", "%2", "%zz", "%+1", "%ff", "%C2"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
