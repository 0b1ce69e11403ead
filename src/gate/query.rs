//! Requirements that a proxy adds to those of the command line, in the query of `/auth`. None is ever taken away.

use url::form_urlencoded;

use crate::guard::Requirements;
use crate::identity::Kind;

/// The requirements with those of the query; `None` where one of its parameters is unknown or says nothing.
pub fn add_requirements(own: &Requirements, query: &str) -> Option<Requirements> {
    let mut all = own.clone();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        let words = || value.split_whitespace().map(str::to_owned);
        let choice = || value.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>();
        match &*name {
            "scope" => all.scopes.extend(words()),
            "role" => all.roles.push(value.to_owned()),
            "any_scope" => all.any_scopes.push(choice()),
            "any_role" => all.any_roles.push(choice()),
            "audience" => all.audiences.push(value.to_owned()),
            // Two different ones let nobody in.
            "client" => all.client_ids.push(value.to_owned()),
            "subject" => all.subjects.push(value.to_owned()),
            "kind" => all.kinds.push([Kind::User, Kind::Service].into_iter().find(|kind| kind.name() == value)?),
            _ => return None,
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::add_requirements;
    use crate::guard::Requirements;
    use crate::identity::Kind;

    #[test]
    fn query_only_adds() {
        let own = Requirements {
            scopes: vec!["read".to_owned()],
            client_ids: vec!["a".to_owned()],
            ..Requirements::default()
        };
        let all =
            add_requirements(&own, "scope=write+x&role=admin&any_role=a,b&audience=api&kind=service&client=b").unwrap();
        assert_eq!(all.scopes, ["read", "write", "x"]);
        assert_eq!((all.roles, all.any_roles), (vec!["admin".to_owned()], vec![vec!["a".to_owned(), "b".to_owned()]]));
        assert_eq!((all.kinds, all.client_ids), (vec![Kind::Service], vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(add_requirements(&own, "").unwrap().scopes, ["read"]);
        for bad in ["scopes=write", "role=", "kind=robot", "x", "role=a&&role="] {
            assert!(add_requirements(&own, bad).is_none(), "{bad}");
        }
    }
}
