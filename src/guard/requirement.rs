//! What a proven user or service must be or have.

use crate::identity::{Identity, Kind};

/// Nothing is required by default but proof of identity.
#[derive(Debug, Clone, Default)]
pub struct Requirements {
    pub kinds: Vec<Kind>,
    pub roles: Vec<String>,
    pub any_roles: Vec<Vec<String>>,
    pub scopes: Vec<String>,
    pub any_scopes: Vec<Vec<String>>,
    pub audiences: Vec<String>,
    pub client_ids: Vec<String>,
    pub subjects: Vec<String>,
    /// Roles that count as every role, but not as scopes.
    pub admin_roles: Vec<String>,
}

impl Requirements {
    /// What is missing, in the order of the help: `kind:service`, `role:admin`, `any-role:a,b`, `scope:write`,
    /// `any-scope:a,b`, `audience:a`, `client-id:c`, `subject:s`.
    pub fn find_missing(&self, who: &Identity, audiences: &[String]) -> Vec<String> {
        let other_kinds = self.kinds.iter().filter(|kind| **kind != who.kind);
        let mut missing: Vec<String> = other_kinds.map(|kind| format!("kind:{}", kind.name())).collect();
        if self.find_admin_role(who).is_none() {
            push_lacking(&mut missing, "role", &self.roles, &who.roles);
            push_lacking_any(&mut missing, "any-role", &self.any_roles, &who.roles);
        }
        push_lacking(&mut missing, "scope", &self.scopes, &who.scopes);
        push_lacking_any(&mut missing, "any-scope", &self.any_scopes, &who.scopes);
        push_lacking(&mut missing, "audience", &self.audiences, audiences);
        push_lacking(&mut missing, "client-id", &self.client_ids, who.client_id.as_slice());
        push_lacking(&mut missing, "subject", &self.subjects, who.subject.as_slice());
        missing
    }

    /// The role of theirs that counts as every role, when roles are required.
    pub fn find_admin_role(&self, who: &Identity) -> Option<&str> {
        let asked = !self.roles.is_empty() || !self.any_roles.is_empty();
        let admin = self.admin_roles.iter().find(|role| who.roles.contains(role));
        admin.map(String::as_str).filter(|_| asked)
    }
}

fn push_lacking(missing: &mut Vec<String>, name: &str, wanted: &[String], found: &[String]) {
    missing.extend(wanted.iter().filter(|one| !found.contains(one)).map(|one| format!("{name}:{one}")));
}

fn push_lacking_any(missing: &mut Vec<String>, name: &str, wanted: &[Vec<String>], found: &[String]) {
    let lacks = |choice: &&Vec<String>| !choice.iter().any(|one| found.contains(one));
    missing.extend(wanted.iter().filter(lacks).map(|choice| format!("{name}:{}", choice.join(","))));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Requirements;
    use crate::identity::{Identity, Kind, Source};

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    fn who() -> Identity {
        Identity {
            kind: Kind::Service,
            client_id: Some("ci".to_owned()),
            subject: Some("s-1".to_owned()),
            roles: texts(&["a", "api:b", "admin"]),
            scopes: texts(&["read"]),
            ..Identity::from_secret(Source::Jwt, None, "x".to_owned())
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let all = Requirements {
            kinds: vec![Kind::User],
            roles: texts(&["a", "c", "b"]),
            any_roles: vec![texts(&["x", "api:b"]), texts(&["y", "z"]), Vec::new()],
            scopes: texts(&["read", "write"]),
            any_scopes: vec![texts(&["write", "read"]), texts(&["v", "w"])],
            audiences: texts(&["api", "other"]),
            client_ids: texts(&["CI"]),
            subjects: texts(&["s"]),
            admin_roles: Vec::new(),
        };
        let rest = ["scope:write", "any-scope:v,w", "audience:other", "client-id:CI", "subject:s"];
        let roles = ["role:c", "role:b", "any-role:y,z", "any-role:"];
        let missing = all.find_missing(&who(), &texts(&["api"]));
        assert_eq!(missing, [&["kind:user"][..], &roles, &rest].concat());
        // The skeleton key opens roles, and nothing else.
        let keyed = Requirements { admin_roles: texts(&["root", "admin"]), ..all };
        assert_eq!(keyed.find_missing(&who(), &texts(&["api"])), [&["kind:user"][..], &rest].concat());
        assert_eq!(keyed.find_admin_role(&who()), Some("admin"));
    }

    #[test]
    fn no_role_is_skeleton_key_by_itself() {
        let mut mighty = who();
        mighty.roles = texts(&["admin", "root", "superuser", "realm-admin"]);
        let wants = Requirements { roles: texts(&["writer"]), ..Requirements::default() };
        assert_eq!(wants.find_missing(&mighty, &[]), ["role:writer"]);
        // Where no role is asked for there is nothing to open.
        let scopes = Requirements { admin_roles: texts(&["admin"]), scopes: texts(&["w"]), ..Requirements::default() };
        assert_eq!((scopes.find_admin_role(&mighty), scopes.find_missing(&mighty, &[])), (None, texts(&["scope:w"])));
    }

    const FEW: &str = "[abc]";

    fn some() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(FEW, 0..3)
    }

    fn person() -> impl Strategy<Value = (Identity, Vec<String>)> {
        let kind = prop_oneof![Just(Kind::User), Just(Kind::Service), Just(Kind::Unknown)];
        let one = || prop::option::of(FEW);
        (kind, some(), some(), some(), one(), one()).prop_map(|(kind, roles, scopes, audiences, client_id, subject)| {
            let known = Identity::from_secret(Source::Jwt, None, "x".to_owned());
            (Identity { kind, subject, client_id, roles, scopes, ..known }, audiences)
        })
    }

    fn wishes() -> impl Strategy<Value = Requirements> {
        let kinds = prop::collection::vec(prop_oneof![Just(Kind::User), Just(Kind::Service)], 0..3);
        let lists = || prop::collection::vec(some(), 0..2);
        (kinds, some(), lists(), some(), lists(), some(), some(), some(), some()).prop_map(
            |(kinds, roles, any_roles, scopes, any_scopes, audiences, client_ids, subjects, admin_roles)| {
                Requirements {
                    kinds,
                    roles,
                    any_roles,
                    scopes,
                    any_scopes,
                    audiences,
                    client_ids,
                    subjects,
                    admin_roles,
                }
            },
        )
    }

    fn joined(one: &Requirements, more: &Requirements) -> Requirements {
        let both = |a: &[String], b: &[String]| [a, b].concat();
        Requirements {
            kinds: [one.kinds.clone(), more.kinds.clone()].concat(),
            roles: both(&one.roles, &more.roles),
            any_roles: [one.any_roles.clone(), more.any_roles.clone()].concat(),
            scopes: both(&one.scopes, &more.scopes),
            any_scopes: [one.any_scopes.clone(), more.any_scopes.clone()].concat(),
            audiences: both(&one.audiences, &more.audiences),
            client_ids: both(&one.client_ids, &more.client_ids),
            subjects: both(&one.subjects, &more.subjects),
            admin_roles: one.admin_roles.clone(),
        }
    }

    proptest! {
        #[test]
        fn further_requirement_never_turns_no_into_yes((who, audiences) in person(), one in wishes(), more in wishes()) {
            let before = one.find_missing(&who, &audiences);
            let after = joined(&one, &more).find_missing(&who, &audiences);
            prop_assert!(before.iter().all(|lack| after.contains(lack)), "{before:?} {after:?}");
        }

        #[test]
        fn admin_role_opens_roles_and_nothing_else((who, audiences) in person(), wishes in wishes(), more in some()) {
            let before = wishes.find_missing(&who, &audiences);
            let mut keyed = wishes.clone();
            keyed.admin_roles.extend(more.clone());
            let after = keyed.find_missing(&who, &audiences);
            let role = |lack: &&String| lack.starts_with("role:") || lack.starts_with("any-role:");
            let others = |all: &[String]| all.iter().filter(|lack| !role(lack)).cloned().collect::<Vec<_>>();
            prop_assert_eq!(others(&before), others(&after));
            if before != after {
                prop_assert!(more.iter().any(|admin| who.roles.contains(admin)));
                prop_assert!(!after.iter().any(|lack| role(&lack)));
            }
        }

        #[test]
        fn nothing_is_missing_only_when_each_wish_is_met((who, audiences) in person(), wishes in wishes()) {
            let wishes = Requirements { admin_roles: Vec::new(), ..wishes };
            let met = wishes.kinds.iter().all(|kind| *kind == who.kind)
                && wishes.roles.iter().all(|role| who.roles.contains(role))
                && wishes.any_roles.iter().all(|list| list.iter().any(|role| who.roles.contains(role)))
                && wishes.scopes.iter().all(|scope| who.scopes.contains(scope))
                && wishes.any_scopes.iter().all(|list| list.iter().any(|scope| who.scopes.contains(scope)))
                && wishes.audiences.iter().all(|audience| audiences.contains(audience))
                && wishes.client_ids.iter().all(|id| who.client_id.as_ref() == Some(id))
                && wishes.subjects.iter().all(|id| who.subject.as_ref() == Some(id));
            prop_assert_eq!(wishes.find_missing(&who, &audiences).is_empty(), met);
        }
    }
}
