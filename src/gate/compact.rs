//! A finding in few bytes: a hundred thousand of them are remembered. What many tokens have in common is kept once.

use std::collections::HashSet;
use std::sync::Arc;

use super::packed_strings::{pack_strings, unpack_strings};
use crate::guard::{Claims, Finding, Matched};
use crate::identity::{Identity, Kind, Source};

/// Of a token that is proven who it is and what it is bound to, of another one why it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compact {
    /// Subject, name, email, session and the key that it is bound to; or the reason.
    own: Box<[u8]>,
    /// `None` of a token that is refused.
    access: Option<Arc<Access>>,
}

/// What the tokens of many users of one client have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Access {
    kind: Kind,
    client_id: Option<String>,
    roles: Vec<String>,
    scopes: Vec<String>,
    audiences: Vec<String>,
}

/// Each that is in use, once.
#[derive(Debug, Default)]
pub struct Accesses(HashSet<Arc<Access>>);

impl Accesses {
    /// Has a finding refer to the equal one that is known, if there is one.
    pub fn share(&mut self, found: &mut Compact) {
        let Some(access) = &mut found.access else { return };
        match self.0.get(access) {
            Some(known) => *access = Arc::clone(known),
            None => {
                self.0.insert(Arc::clone(access));
            }
        }
    }

    /// Removes those that no finding refers to, once there are more than twice as many as findings.
    pub fn remove_unused(&mut self, findings: usize) {
        if self.0.len() > 2 * findings {
            self.0.retain(|access| Arc::strong_count(access) > 1);
        }
    }
}

impl Compact {
    pub fn pack(finding: &Finding) -> Self {
        let (own, access) = match finding {
            Finding::Proven { claims, .. } => {
                let Identity { kind, subject, name, email, client_id, session_id, roles, scopes, .. } =
                    &claims.identity;
                let access = Access {
                    kind: *kind,
                    client_id: client_id.clone(),
                    roles: roles.clone(),
                    scopes: scopes.clone(),
                    audiences: claims.audiences.clone(),
                };
                (pack_strings([subject, name, email, session_id, &claims.bound_to]), Some(Arc::new(access)))
            }
            Finding::Refused { reasons, .. } => (reasons.join(", ").into_bytes().into(), None),
        };
        Self { own, access }
    }

    pub fn is_proven(&self) -> bool {
        self.access.is_some()
    }

    /// The finding of this method, without what nobody looks at any more: the claims, and the reason of its kind.
    pub fn unpack(&self, matched: Matched) -> Finding {
        let source = if matched == Matched::Introspection { Source::Introspection } else { Source::Jwt };
        let unpacked = self.access.as_ref().and_then(|access| Some((access, unpack_strings(&self.own)?)));
        let Some((access, [subject, name, email, session_id, bound_to])) = unpacked else {
            return Finding::refused(matched.name(), String::from_utf8_lossy(&self.own));
        };
        let identity = Identity {
            kind: access.kind,
            reason: String::new(),
            subject,
            name,
            email,
            client_id: access.client_id.clone(),
            session_id,
            roles: access.roles.clone(),
            scopes: access.scopes.clone(),
            source,
        };
        let audiences = access.audiences.clone();
        let claims = Claims { audiences, bound_to, ..Claims::from_identity(identity) };
        Finding::Proven { matched, claims: Box::new(claims) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Accesses, Compact};
    use crate::guard::{Claims, Finding, Matched};
    use crate::identity::{Identity, Kind, Source};

    #[test]
    fn finding_reads_back() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let identity = Identity {
            kind: Kind::Service,
            subject: Some("s\"1\u{e9}".to_owned()),
            client_id: Some(String::new()),
            roles: texts(&["a,b", "[", "\""]),
            scopes: texts(&["read"]),
            ..Identity::from_secret(Source::Introspection, None, String::new())
        };
        let claims = Claims {
            audiences: texts(&["api"]),
            bound_to: Some("key".to_owned()),
            ..Claims::from_identity(identity.clone())
        };
        let packed = Compact::pack(&Finding::Proven { matched: Matched::Introspection, claims: Box::new(claims) });
        assert!(packed.is_proven());
        let Finding::Proven { claims, .. } = packed.unpack(Matched::Introspection) else { panic!("it is proven") };
        assert_eq!((claims.identity, claims.audiences), (identity, texts(&["api"])));
        assert_eq!(claims.bound_to.as_deref(), Some("key"), "a bound token stays bound");
        for why in ["", "[", "no"] {
            let packed = Compact::pack(&Finding::refused("jwks", why));
            assert!(!packed.is_proven());
            let Finding::Refused { reasons, .. } = packed.unpack(Matched::Jwks) else { panic!("it is refused") };
            assert_eq!(reasons, [why]);
        }
    }

    #[test]
    fn strings_of_token_take_few_bytes() {
        let identity = Identity {
            subject: Some("f3b0c442-98fc-4c14-9afb-f4c8996fb924".to_owned()),
            email: Some("first.last@example.com".to_owned()),
            session_id: Some("27ae41e4-649b-434c-a495-991b7852b855".to_owned()),
            roles: vec!["offline_access".to_owned(), "uma_authorization".to_owned()],
            ..Identity::from_secret(Source::Jwt, Some("first.last".to_owned()), "it has a name".to_owned())
        };
        let claims = Box::new(Claims::from_identity(identity));
        let packed = Compact::pack(&Finding::Proven { matched: Matched::Jwks, claims });
        assert!(packed.own.len() <= 72, "{} bytes", packed.own.len());
    }

    fn proven(client_id: &str, subject: &str) -> Compact {
        let identity = Identity {
            subject: Some(subject.to_owned()),
            client_id: Some(client_id.to_owned()),
            ..Identity::from_secret(Source::Jwt, None, String::new())
        };
        let claims = Box::new(Claims::from_identity(identity));
        Compact::pack(&Finding::Proven { matched: Matched::Jwks, claims })
    }

    #[test]
    fn equal_access_is_kept_once_and_while_in_use() {
        let mut accesses = Accesses::default();
        let mut share = |client_id: &str, subject: &str| {
            let mut found = proven(client_id, subject);
            accesses.share(&mut found);
            found
        };
        let found = [share("a", "s-1"), share("a", "s-2"), share("b", "s-1")];
        let same = |one: usize, other: usize| {
            let [one, other] = [one, other].map(|at| found[at].access.as_ref().unwrap());
            Arc::ptr_eq(one, other)
        };
        assert!(same(0, 1) && !same(0, 2));
        for number in 0..4 {
            share(&format!("unused-{number}"), "s");
        }
        accesses.remove_unused(3);
        assert_eq!(accesses.0.len(), 6, "it is not worth the time yet");
        accesses.remove_unused(2);
        assert_eq!(accesses.0.len(), 2);
        for (number, found) in found.into_iter().enumerate() {
            let Finding::Proven { claims, .. } = found.unpack(Matched::Jwks) else { panic!("it is proven") };
            let expected = [("a", "s-1"), ("a", "s-2"), ("b", "s-1")][number];
            let who = (claims.identity.client_id.unwrap(), claims.identity.subject.unwrap());
            assert_eq!((who.0.as_str(), who.1.as_str()), expected);
        }
    }
}
