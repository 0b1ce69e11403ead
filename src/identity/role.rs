//! Roles, where Keycloak writes them and where others do.

use serde_json::{Map, Value};

use super::claim::{list_texts, remove_repeated};

/// Roles that no client owns: `realm_access.roles`, and those of the further places.
pub fn list_realm_roles<'a>(claims: &'a Map<String, Value>, places: &[String]) -> Vec<&'a str> {
    let usual = list_texts(claims.get("realm_access").and_then(|access| access.get("roles")));
    let further = places.iter().flat_map(|place| list_texts(find_member(claims, place)));
    usual.into_iter().chain(further).filter(|role| !role.is_empty()).collect()
}

/// All roles, each once: those of the realm as they are, a client's as `client:role`.
pub fn collect_roles(claims: &Map<String, Value>, places: &[String]) -> Vec<String> {
    let realm = list_realm_roles(claims, places).into_iter().map(str::to_owned);
    let clients = claims.get("resource_access").and_then(Value::as_object).into_iter().flatten();
    let clients = clients.flat_map(|(client, access)| {
        let roles = list_texts(access.get("roles")).into_iter().filter(|role| !role.is_empty());
        roles.map(move |role| format!("{client}:{role}"))
    });
    remove_repeated(realm.chain(clients))
}

/// The member at a path of names joined by dots. A name may hold dots itself (`https://a.example/roles`), so the whole
/// path is tried as one name first, and so is each longer beginning.
fn find_member<'a>(members: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = members.get(path) {
        return Some(value);
    }
    path.rmatch_indices('.').find_map(|(dot, _)| find_member(members.get(&path[..dot])?.as_object()?, &path[dot + 1..]))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::collect_roles;

    #[test]
    fn path_leads_through_members_whose_names_hold_dots() {
        let claims = json!({
            "https://a.example/roles": ["one"], "urn.x": {"y": {"z.w": "two"}}, "a": {"b": ["three", 4, ""]}, "a.b": 5
        });
        let Value::Object(claims) = claims else { panic!() };
        let roles = |path: &str| collect_roles(&claims, &[path.to_owned()]);
        assert_eq!(roles("https://a.example/roles"), ["one"]);
        assert_eq!(roles("urn.x.y.z.w"), ["two"]);
        assert!(roles("a.b").is_empty(), "the whole name comes first");
        for nowhere in ["", ".", "a.", "a.b.c", "a.c", "x"] {
            assert!(roles(nowhere).is_empty(), "{nowhere}");
        }
        assert_eq!(
            collect_roles(&claims, &["a.b".to_owned(), "urn.x.y.z.w".to_owned(), "urn.x.y.z.w".to_owned()]),
            ["two"]
        );
    }
}
