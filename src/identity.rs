//! Who stands behind claims: a person or a service, with which roles and scopes. Pure, and tolerant: what is null or of
//! a wrong type counts as absent.

mod claim;
mod kind;
pub mod kong;
mod role;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

pub use kind::{Kind, Rules};
pub use role::collect_roles;

use claim::{find_text, list_texts, remove_repeated};

/// Where the claims come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A JSON Web Token.
    Jwt,
    /// An introspection answer.
    Introspection,
    /// Header fields of a gateway.
    Kong,
    /// A token of a token file.
    TokenFile,
    /// A shared secret, or one of several tokens in a variable.
    StaticSecret,
}

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Identity {
    /// `user`, `service`, `unknown`.
    pub kind: Kind,
    /// What in the claims says so.
    pub reason: String,
    /// `sub`.
    pub subject: Option<String>,
    /// The user's name, the service's client, or the label of a token in a token file.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `client_id`, else `azp`.
    pub client_id: Option<String>,
    /// `sid`, else `session_state`.
    pub session_id: Option<String>,
    /// Realm roles as they are, client roles as `client:role`.
    pub roles: Vec<String>,
    /// The scopes, each once.
    pub scopes: Vec<String>,
    /// `jwt`, `introspection`, `kong`, `token_file`, `static_secret`.
    pub source: Source,
}

impl Identity {
    /// Who is known by a token or a secret alone: whether that is a person or a service nobody says, and it has neither
    /// roles nor scopes. `name` is the token's label.
    pub fn from_secret(source: Source, name: Option<String>, reason: String) -> Self {
        Self {
            kind: Kind::Unknown,
            reason,
            subject: None,
            name,
            email: None,
            client_id: None,
            session_id: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            source,
        }
    }
}

/// `typ` is that of a token's JOSE header.
pub fn from_claims(claims: &Map<String, Value>, typ: Option<&str>, rules: &Rules, source: Source) -> Identity {
    let (kind, reason) = kind::classify(claims, rules, typ);
    let first = |names: &[&str]| names.iter().find_map(|name| find_text(claims, name)).map(str::to_owned);
    let client_id = first(&["client_id", "azp"]);
    // RFC 7662 §2.2 defines `username`; in a token the claim of OpenID Connect comes first.
    let logins = match source {
        Source::Introspection => ["username", "preferred_username"],
        _ => ["preferred_username", "username"],
    };
    let name = match kind {
        Kind::Service => client_id.clone().or_else(|| first(&logins)).or_else(|| first(&["name"])),
        _ => first(&logins).or_else(|| first(&["name", "given_name", "family_name"])),
    };
    Identity {
        kind,
        reason,
        subject: first(&["sub"]),
        name,
        email: first(&["email"]),
        client_id,
        session_id: first(&["sid", "session_state"]),
        roles: role::collect_roles(claims, &rules.role_claims),
        scopes: collect_scopes(claims),
        source,
    }
}

/// `scope` is one string (RFC 9068 §2.2.3), or a list where a server prefers that; `scp` is what some call it.
fn collect_scopes(claims: &Map<String, Value>) -> Vec<String> {
    let texts = ["scope", "scp"].iter().flat_map(|name| list_texts(claims.get(*name)));
    remove_repeated(texts.flat_map(str::split_whitespace)).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{Identity, Kind, Rules, Source, from_claims};

    fn identity(claims: Value) -> Identity {
        let Value::Object(claims) = claims else { panic!("{claims}") };
        from_claims(&claims, None, &Rules::default(), Source::Jwt)
    }

    #[test]
    fn person_of_keycloak() {
        let who = identity(json!({"sub": "u-1", "sid": "s-1", "azp": "web", "preferred_username": "alice",
            "email": "alice@a.example", "scope": "openid  email openid", "realm_access": {"roles": ["admin", "admin", "x"]},
            "resource_access": {"api": {"roles": ["write"]}, "web": {"roles": ["x"]}}}));
        assert_eq!(
            (who.kind, who.name.as_deref(), who.session_id.as_deref()),
            (Kind::User, Some("alice"), Some("s-1"))
        );
        assert_eq!(who.roles, ["admin", "x", "api:write", "web:x"]);
        assert_eq!(
            (who.scopes, who.client_id),
            (vec!["openid".to_owned(), "email".to_owned()], Some("web".to_owned()))
        );
    }

    #[test]
    fn introspection_puts_username_first() {
        let claims = json!({"username": "ada", "preferred_username": "ada@corp", "sub": "u"});
        let name = |source| from_claims(claims.as_object().unwrap(), None, &Rules::default(), source).name.unwrap();
        assert_eq!((name(Source::Introspection).as_str(), name(Source::Jwt).as_str()), ("ada", "ada@corp"));
    }

    #[test]
    fn largest_claims_are_read_in_linear_time() {
        let names: Vec<String> = (0..230_000).map(|number| format!("r{number}")).collect();
        let claims = json!({"scope": names.join(" "), "realm_access": {"roles": names}});
        let who = identity(claims);
        assert_eq!((who.scopes.len(), who.roles.len()), (230_000, 230_000));
    }

    #[test]
    fn service_account_of_keycloak() {
        let who = identity(json!({"sub": "x", "azp": "front", "client_id": "front", "scope": "profile email",
            "preferred_username": "service-account-front", "username": "service-account-front"}));
        assert_eq!((who.kind, who.name.as_deref()), (Kind::Service, Some("front")));
        assert_eq!(who.reason, "the username begins with service-account-");
        assert_eq!(who.scopes, ["profile", "email"], "a service has scopes, too");
    }

    #[test]
    fn wrong_types_count_as_absent() {
        for wrong in [json!(null), json!(1), json!([]), json!([null, {}]), json!({}), json!(""), json!({"roles": null})]
        {
            let mut claims = json!({});
            for name in [
                "sub",
                "sid",
                "azp",
                "client_id",
                "preferred_username",
                "username",
                "email",
                "name",
                "scope",
                "scp",
                "typ",
                "token_type",
                "realm_access",
                "resource_access",
                "given_name",
            ] {
                claims[name] = wrong.clone();
            }
            let who = identity(claims);
            assert_eq!((who.kind, who.roles.len(), who.scopes.len()), (Kind::Unknown, 0, 0), "{wrong}");
            assert_eq!(who.subject.or(who.name).or(who.client_id).or(who.session_id), None, "{wrong}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z :.]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("roles|api|a", inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_claims_are_too_strange(members in prop::collection::btree_map(
            "sub|sid|azp|client_id|username|scope|typ|realm_access|resource_access|a", any_json(), 0..8)) {
            let rules = Rules { service_roles: Vec::new(), role_claims: vec!["a.roles".to_owned(), "a".to_owned()] };
            let who = from_claims(&members.into_iter().collect(), None, &rules, Source::Introspection);
            prop_assert!(!who.reason.is_empty());
            let mut distinct = who.roles.clone();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), who.roles.len());
            prop_assert!(who.scopes.iter().all(|scope| !scope.is_empty() && !scope.contains(' ')));
        }
    }
}
