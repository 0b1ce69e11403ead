//! A person or a service: the rules in their order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::claim::find_text;
use super::role;

/// Whether a person or a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person.
    User,
    /// A service.
    Service,
    /// The claims do not say.
    Unknown,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

/// How claims are read.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The realm roles that make a service; `service` and `service-account` when none is named.
    pub service_roles: Vec<String>,
    /// Further places of roles: names of members joined by dots.
    pub role_claims: Vec<String>,
}

/// Claims that only a person has.
const PERSONAL: [&str; 6] = ["username", "preferred_username", "email", "name", "given_name", "family_name"];
/// The realm roles that make a service when none is named.
const SERVICE_ROLES: [&str; 2] = ["service", "service-account"];
/// How Keycloak calls the user behind a client.
const SERVICE_ACCOUNT: &str = "service-account-";

pub fn classify(claims: &Map<String, Value>, reading: &Rules, typ: Option<&str>) -> (Kind, String) {
    let named = reading.service_roles.iter().map(String::as_str);
    let services: Vec<&str> = if reading.service_roles.is_empty() { SERVICE_ROLES.to_vec() } else { named.collect() };
    let roles = role::list_realm_roles(claims, &reading.role_claims);
    if let Some(role) = roles.into_iter().find(|role| services.contains(role)) {
        return (Kind::Service, format!("it has the realm role {role}"));
    }
    for name in ["typ", "token_type"] {
        if find_text(claims, name).is_some_and(|kind| kind.eq_ignore_ascii_case("service")) {
            return (Kind::Service, format!("{name} is service"));
        }
    }
    if ["preferred_username", "username"]
        .iter()
        .any(|name| find_text(claims, name).is_some_and(|name| name.starts_with(SERVICE_ACCOUNT)))
    {
        return (Kind::Service, format!("the username begins with {SERVICE_ACCOUNT}"));
    }
    let personal = PERSONAL.iter().find(|name| find_text(claims, name).is_some());
    let client_id = find_text(claims, "client_id");
    // RFC 9068 §2.2: in such a token `sub` is the client's own id where no person takes part.
    let for_another = typ.is_some_and(is_access_token) && client_id != find_text(claims, "sub");
    if client_id.is_some() && personal.is_none() && !for_another {
        return (Kind::Service, "it has a client_id and no claim of a person".to_owned());
    }
    if let Some(name) = personal {
        return (Kind::User, format!("it has the claim {name}"));
    }
    if let Some(name) = ["sid", "session_state"].iter().find(|name| find_text(claims, name).is_some()) {
        return (Kind::User, format!("it belongs to a session ({name})"));
    }
    if claims.get("active") == Some(&Value::Bool(false)) {
        return (Kind::Unknown, "it is inactive".to_owned());
    }
    if client_id.is_some() {
        return (Kind::Unknown, "its sub is not its client_id, and it has no claim of a person".to_owned());
    }
    (Kind::Unknown, "it has neither a claim of a person, nor a session, nor a client_id".to_owned())
}

fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == "at+jwt"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Kind, Rules, classify};

    fn kind(claims: Value, service_roles: &[&str]) -> (Kind, String) {
        let Value::Object(claims) = claims else { panic!("{claims}") };
        let service_roles = service_roles.iter().map(|role| (*role).to_owned()).collect();
        classify(&claims, &Rules { service_roles, role_claims: vec!["groups".to_owned()] }, None)
    }

    #[test]
    fn each_rule_by_itself_and_before_next() {
        for (claims, expected, reason) in [
            (json!({"realm_access": {"roles": ["service"]}, "email": "a@b"}), Kind::Service, "realm role service"),
            (json!({"realm_access": {"roles": ["x", "service-account"]}}), Kind::Service, "realm role service-account"),
            (json!({"groups": ["service"], "email": "a@b"}), Kind::Service, "realm role service"),
            (json!({"resource_access": {"a": {"roles": ["service"]}}, "email": "a@b"}), Kind::User, "claim email"),
            (json!({"typ": "Service", "email": "a@b"}), Kind::Service, "typ is service"),
            (json!({"typ": "Bearer", "token_type": "service", "sid": "s"}), Kind::Service, "token_type is service"),
            (json!({"preferred_username": "service-account-x", "email": "a@b"}), Kind::Service, "service-account-"),
            (json!({"client_id": "c"}), Kind::Service, "a client_id"),
            (json!({"client_id": "c", "username": "", "email": null}), Kind::Service, "a client_id"),
            (json!({"client_id": "c", "given_name": "A"}), Kind::User, "claim given_name"),
            (json!({"azp": "c", "sid": "s"}), Kind::User, "a session (sid)"),
            (json!({"azp": "c", "session_state": "s"}), Kind::User, "a session (session_state)"),
            (json!({"azp": "c", "sub": "u"}), Kind::Unknown, "neither"),
            (json!({"active": false}), Kind::Unknown, "inactive"),
            (json!({}), Kind::Unknown, "neither"),
        ] {
            let (kind, why) = kind(claims.clone(), &[]);
            assert_eq!(kind, expected, "{claims}");
            assert!(why.contains(reason), "{claims}: {why}");
        }
    }

    #[test]
    fn sub_of_access_token_tells_client_from_person() {
        let judged = |claims: Value, typ| classify(claims.as_object().unwrap(), &Rules::default(), Some(typ)).0;
        for typ in ["at+jwt", "application/AT+JWT"] {
            assert_eq!(judged(json!({"client_id": "c", "sub": "c"}), typ), Kind::Service);
            assert_eq!(judged(json!({"client_id": "c", "sub": "u"}), typ), Kind::Unknown);
            assert_eq!(judged(json!({"client_id": "c"}), typ), Kind::Unknown);
            assert_eq!(judged(json!({"client_id": "c", "sub": "u", "sid": "s"}), typ), Kind::User);
        }
        assert_eq!(judged(json!({"client_id": "c", "sub": "u"}), "JWT"), Kind::Service);
    }

    #[test]
    fn named_service_roles_stand_in_for_usual_ones() {
        let machine = json!({"realm_access": {"roles": ["machine"]}, "email": "a@b"});
        assert_eq!(kind(machine.clone(), &["machine"]).0, Kind::Service);
        assert_eq!(kind(machine, &[]).0, Kind::User);
        assert_eq!(kind(json!({"realm_access": {"roles": ["service"]}, "email": "a@b"}), &["machine"]).0, Kind::User);
    }
}
