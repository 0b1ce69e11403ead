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
            "client" => all.client_id = Some(agree(all.client_id.take(), value)?),
            "subject" => all.subject = Some(agree(all.subject.take(), value)?),
            "kind" => {
                let kind = [Kind::User, Kind::Service].into_iter().find(|kind| kind.name() == value)?;
                all.kind = Some(agree_kind(all.kind, kind)?);
            }
            _ => return None,
        }
    }
    Some(all)
}

/// What both want: two different values can't be met, so that nobody is let in.
fn agree(own: Option<String>, added: &str) -> Option<String> {
    match own {
        Some(own) if own != added => None,
        _ => Some(added.to_owned()),
    }
}

fn agree_kind(own: Option<Kind>, added: Kind) -> Option<Kind> {
    if own.is_none_or(|own| own == added) { Some(added) } else { None }
}

#[cfg(test)]
mod tests {
    use super::add_requirements;
    use crate::guard::Requirements;

    #[test]
    fn query_only_adds() {
        let own = Requirements {
            scopes: vec!["read".to_owned()],
            client_id: Some("a".to_owned()),
            ..Requirements::default()
        };
        let all =
            add_requirements(&own, "scope=write+x&role=admin&any_role=a,b&audience=api&kind=service&client=a").unwrap();
        assert_eq!(all.scopes, ["read", "write", "x"]);
        assert_eq!((all.roles, all.any_roles), (vec!["admin".to_owned()], vec![vec!["a".to_owned(), "b".to_owned()]]));
        assert_eq!(all.kind.map(crate::identity::Kind::name), Some("service"));
        assert_eq!(add_requirements(&own, "").unwrap().scopes, ["read"]);
        for bad in ["scopes=write", "role=", "kind=robot", "client=b", "x", "role=a&&role="] {
            assert!(add_requirements(&own, bad).is_none(), "{bad}");
        }
    }
}
