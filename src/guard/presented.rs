//! The credentials that are presented.

use serde_json::{Map, Value};

use crate::oauth::bearer;
use crate::secret::Secret;

#[derive(Debug, Default)]
pub struct Presented {
    /// The value of an `Authorization` field, for shared secrets.
    pub value: Option<Secret>,
    pub token: Option<Secret>,
    pub claims: Option<Map<String, Value>>,
    pub fields: Vec<(String, String)>,
    /// Method and path of the request.
    pub request: Option<(String, String)>,
    pub warnings: Vec<String>,
}

impl Presented {
    pub fn from_token(token: Secret) -> Self {
        Self { token: Some(token), ..Self::default() }
    }

    /// The bearer token in it is read too (RFC 9110 §11.4, RFC 6750 §2.1).
    pub fn from_field(value: Secret) -> Self {
        let mut offered = Self::default();
        match bearer::read_header(value.expose(), false) {
            Ok(token) => offered.token = token,
            Err(_) => offered.warnings.push("expected a field value, not a whole header line".to_owned()),
        }
        Self { value: Some(value), ..offered }
    }

    pub fn from_claims(claims: Map<String, Value>) -> Self {
        Self { claims: Some(claims), ..Self::default() }
    }

    pub fn from_headers(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }
}

/// The reason of every method that needs a bearer token.
pub const NO_TOKEN: &str = "there is no bearer token in it";

#[cfg(test)]
mod tests {
    use super::Presented;
    use crate::secret::Secret;

    #[test]
    fn only_bearer_token_is_taken_out_of_field() {
        let token =
            |value: &str| Presented::from_field(Secret::new(value)).token.map(|token| token.expose().to_owned());
        for value in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(token(value).as_deref(), Some("abc"), "{value}");
        }
        for value in
            ["Bearer", "Bearer ", "Bearer  ", "Basic YTpi", "abc", "Bearer Bearer abc", "Bearer a b", "Bearer\tabc"]
        {
            assert_eq!(token(value), None, "{value}");
        }
        let line = Presented::from_field(Secret::new("Authorization: Bearer abc"));
        assert!(line.token.is_none() && line.warnings.len() == 1);
    }
}
