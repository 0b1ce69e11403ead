//! The credential of the original request, as its fields have it.

use super::original_request::OriginalRequest;
use crate::guard;
use crate::http::wire::Head;
use crate::identity::kong;
use crate::oauth::bearer;
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
    /// It is refused before anything is asked. The error code where it is a bad one of the right kind.
    Unusable {
        reason: &'static str,
        error: Option<&'static str>,
    },
    Presented(Box<PresentedToken>),
}

/// A credential, and how it is presented.
#[derive(Debug)]
pub struct PresentedToken {
    pub credential: guard::Presented,
    /// Whether its scheme is DPoP and not Bearer.
    pub is_dpop: bool,
    /// The proof of possession.
    pub proof: Option<String>,
}

pub const INVALID_TOKEN: &str = "invalid_token";
pub const INVALID_PROOF: &str = "invalid_dpop_proof";

impl Credential {
    pub fn read(head: &Head, accepted: Accepted, original: &OriginalRequest) -> Self {
        if accepted == Accepted::Gateway {
            return Self::read_gateway(head, original);
        }
        let unusable = |reason, error| Self::Unusable { reason, error };
        let Ok(value) = single(head, "authorization") else {
            return unusable("there are two Authorization fields, or it is not ASCII", None);
        };
        let Some(value) = value else { return Self::None };
        let Ok(proof) = single(head, "dpop") else {
            return unusable("there are two DPoP fields, or it is not ASCII", Some(INVALID_PROOF));
        };
        let mut credential = guard::Presented::from_field(Secret::new(value));
        let of_dpop = bearer::read_scheme(value, "DPoP").filter(|_| credential.token.is_none());
        let is_dpop = of_dpop.is_some();
        credential.token = credential.token.or(of_dpop);
        if credential.token.is_some() || accepted == Accepted::AnyField {
            return Self::Presented(Box::new(PresentedToken { credential, is_dpop, proof: proof.map(str::to_owned) }));
        }
        let scheme = value.split(' ').next().unwrap_or_default();
        if ["bearer", "dpop"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return unusable("it is not a bearer token", Some(INVALID_TOKEN));
        }
        unusable("its scheme is not Bearer", None)
    }

    fn read_gateway(head: &Head, original: &OriginalRequest) -> Self {
        let fields = head.fields().map(|field| (field.name, field.value));
        let Some(fields) = kong::collect_fields(fields) else {
            let reason = "a field of the gateway appears twice, or is not text";
            return Self::Unusable { reason, error: Some(INVALID_TOKEN) };
        };
        if !fields.iter().any(|(_, value)| !value.is_empty()) {
            return Self::None;
        }
        // The query is not signed.
        let request = original
            .known()
            .map(|(method, target)| (method.to_owned(), target.split('?').next().unwrap_or_default().to_owned()));
        let credential = guard::Presented { request, ..guard::Presented::from_headers(fields) };
        Self::Presented(Box::new(PresentedToken { credential, is_dpop: false, proof: None }))
    }
}

/// The value of a field that may come once, and is ASCII.
fn single<'a>(head: &'a Head, name: &'a str) -> Result<Option<&'a str>, ()> {
    let mut values = head.all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.text().map(Some).ok_or(()),
        (Some(_), Some(_)) => Err(()),
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
            Credential::Unusable { error: Some(_), .. } => "bad",
            Credential::Unusable { .. } => "unusable",
            Credential::Presented(offered) if offered.is_dpop => "bound",
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
            ("Authorization: DPoP abc\r\n", "bound", "bound"),
            ("Authorization: dpop abc\r\nDPoP: p\r\n", "bound", "bound"),
            ("Authorization: DPoP abc\r\nDPoP: p\r\nDPoP: p\r\n", "bad", "bad"),
            ("Authorization: DPoP abc\r\nDPoP: \u{e9}\r\n", "bad", "bad"),
            ("Authorization: DPoP a b\r\n", "bad", "offered"),
            ("DPoP: p\r\n", "none", "none"),
            ("DPoP: p\r\nDPoP: p\r\n", "none", "none"),
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
