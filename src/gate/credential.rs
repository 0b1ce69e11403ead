//! The credential of the original request, as its fields have it.

use super::original_request::OriginalRequest;
use crate::guard;
use crate::http::wire::Head;
use crate::identity::kong;
use crate::secret::Secret;

/// What counts as a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    Bearer,
    /// Shared secrets are compared with the whole value of the field, whatever its scheme.
    AnyField,
    /// The header fields of a gateway.
    Gateway,
}

#[derive(Debug)]
pub enum Credential {
    None,
    /// It is refused before anything is asked. Whether it is a bad one of the right kind.
    Unusable {
        reason: &'static str,
        is_bad: bool,
    },
    Presented(Box<guard::Presented>),
}

impl Credential {
    pub fn read(head: &Head, accepted: Accepted, original: &OriginalRequest) -> Self {
        if accepted == Accepted::Gateway {
            return Self::read_gateway(head, original);
        }
        let mut values = head.all("authorization");
        let value = match (values.next(), values.next()) {
            (None, _) => return Self::None,
            (Some(value), None) => value.text(),
            (Some(_), Some(_)) => {
                return Self::Unusable { reason: "there are two Authorization fields", is_bad: false };
            }
        };
        let Some(value) = value else {
            return Self::Unusable { reason: "the Authorization field is not ASCII", is_bad: false };
        };
        let offered = guard::Presented::from_field(Secret::new(value));
        if offered.token.is_some() || accepted == Accepted::AnyField {
            return Self::Presented(Box::new(offered));
        }
        let scheme = value.split(' ').next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Unusable { reason: "it is not a bearer token", is_bad: true };
        }
        Self::Unusable { reason: "its scheme is not Bearer", is_bad: false }
    }

    fn read_gateway(head: &Head, original: &OriginalRequest) -> Self {
        let fields = head.fields().map(|field| (field.name, field.value));
        let Some(fields) = kong::collect_fields(fields) else {
            return Self::Unusable { reason: "a field of the gateway appears twice, or is not text", is_bad: true };
        };
        if !fields.iter().any(|(_, value)| !value.is_empty()) {
            return Self::None;
        }
        // The query is not signed.
        let request = original
            .known()
            .map(|(method, target)| (method.to_owned(), target.split('?').next().unwrap_or_default().to_owned()));
        Self::Presented(Box::new(guard::Presented { request, ..guard::Presented::from_headers(fields) }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Credential, OriginalRequest};
    use crate::http::wire::Head;

    fn read(fields: &str, accepted: Accepted) -> &'static str {
        let head = Head::parse(format!("GET /auth HTTP/1.1\r\n{fields}\r\n").into_bytes(), 100).unwrap();
        match Credential::read(&head, accepted, &OriginalRequest::read(&head, "GET", "")) {
            Credential::None => "none",
            Credential::Unusable { is_bad: true, .. } => "bad",
            Credential::Unusable { .. } => "unusable",
            Credential::Presented(_) => "offered",
        }
    }

    #[test]
    fn one_field_of_right_scheme_is_offered() {
        for (fields, bearer, any) in [
            ("", "none", "none"),
            ("Authorization: Bearer abc\r\n", "offered", "offered"),
            ("authorization: bearer abc\r\n", "offered", "offered"),
            ("Authorization: Bearer a b\r\n", "bad", "offered"),
            ("Authorization: Bearer\r\n", "bad", "offered"),
            ("Authorization: Basic YTpi\r\n", "unusable", "offered"),
            ("Authorization: Bearer abc\r\nAuthorization: Bearer abc\r\n", "unusable", "unusable"),
            ("Authorization: Bearer \u{e9}\r\n", "unusable", "unusable"),
        ] {
            assert_eq!(read(fields, Accepted::Bearer), bearer, "{fields}");
            assert_eq!(read(fields, Accepted::AnyField), any, "{fields}");
        }
        for (fields, found) in [
            ("Authorization: Bearer abc\r\n", "none"),
            ("X-User-ID:\r\n", "none"),
            ("X-User-ID: u\r\n", "offered"),
            ("X-User-ID: u\r\nx-user-id: v\r\n", "bad"),
            ("X-Username: \u{e9}\r\n", "offered"),
        ] {
            assert_eq!(read(fields, Accepted::Gateway), found, "{fields}");
        }
    }
}
