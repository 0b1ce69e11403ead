//! Header fields of a gateway that has looked at a token itself, and its signature under them.

use serde_json::{Map, Value};

use super::evidence::{Evidence, Finding, Matched, Reading, Said};
use super::offered::Offered;
use super::signature::{self, Fault, Request, SIGNATURE, Signed};
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::identity::Kind;
use crate::identity::kong::{self, field};
use crate::text::sanitize;

/// What a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Who it is, the session, the method and the path.
    V1,
    /// The header fields that say who it is and what it may.
    V2,
}

impl Form {
    /// Each by its name, with its help.
    pub const NAMED: &'static [(&'static str, &'static str, Self)] = &[
        ("v1", "User or service, session, time, method and path; nothing else is proven", Self::V1),
        ("v2", "The header fields of the gateway; not the method and the path", Self::V2),
    ];
}

/// The signature that must stand among the fields.
pub struct Seal {
    /// Which one; never guessed from what is offered, or whoever has a weaker one could choose it.
    pub form: Form,
    /// The keys that make it.
    pub keys: signature::Verifier,
    /// Why there is no alternate key, though one was named.
    pub gone: Option<Error>,
}

/// The fields are believed: as they are, or when a signature proves them.
pub struct Kong {
    /// The signature that is asked for.
    pub seal: Option<Seal>,
}

/// Fields about somebody that neither form signs.
const UNSIGNED: [&str; 3] = ["X-Username", "X-User-Email", "X-Client-ID"];
/// Further ones that v1 does not sign.
const UNSIGNED_BY_V1: [&str; 3] = ["X-User-Roles", "X-User-Scopes", "X-Service-Roles"];
/// Why the kind is not known under v1.
const V1_KIND: &str = "v1 does not sign whether it is a user or a service";
/// What v1 leaves open.
const V1_PROVES: &str = "a v1 signature proves the user or service, session, method and path and nothing else";

impl Evidence for Kong {
    fn name(&self) -> &'static str {
        Matched::Kong.name()
    }

    fn weigh(&self, offered: &Offered, now: Moment) -> Result<Finding, Error> {
        let fields = &offered.fields;
        if fields.is_empty() {
            return Ok(Finding::refused("there are no header fields"));
        }
        let Some(seal) = &self.seal else {
            let mut said = gateway(fields, &Reading::default());
            if field(fields, SIGNATURE).is_some() {
                said.warnings.push("the signature was not looked at: name its key with --hmac-key-from".to_owned());
            }
            return Ok(said.judged(Matched::Kong));
        };
        let mut said = read(fields, &Reading::default());
        match seal.check(&said, offered, now) {
            Ok(key) => seal.covered(&mut said, fields, key),
            Err(fault) => {
                match &seal.gone {
                    // The key that can't be had now may be the one that made it.
                    Some(error) if fault == Fault::Mismatch && error.exit != exit::CONFIG => return Err(error.clone()),
                    Some(error) => said.warnings.push(format!("there is no alternate key: {}", error.chain())),
                    None => {}
                }
                said.problems.push(fault.to_string());
            }
        }
        Ok(said.judged(Matched::Kong))
    }
}

impl Seal {
    fn check(&self, said: &Said, offered: &Offered, now: Moment) -> Result<signature::Matched, Fault> {
        let signed = match self.form {
            Form::V1 => {
                let (method, path) = offered.request.as_ref().ok_or(Fault::Method)?;
                Signed::Request(Request::of(&said.identity, method, path)?)
            }
            Form::V2 => Signed::fields(&offered.fields)?,
        };
        self.keys.check(&signed, &offered.fields, now)
    }

    /// Leaves of an identity what a good signature proves, and warns of fields that are not signed.
    fn covered(&self, said: &mut Said, fields: &[(String, String)], key: signature::Matched) {
        if key == signature::Matched::Alternate {
            said.warnings.push("the alternate key made the signature".to_owned());
        }
        let (version, more) = match self.form {
            Form::V1 => ("v1", &UNSIGNED_BY_V1[..]),
            Form::V2 => ("v2", &[][..]),
        };
        let unsigned = UNSIGNED.iter().chain(more).filter(|name| field(fields, name).is_some());
        let unsigned: Vec<&str> = unsigned.copied().collect();
        if !unsigned.is_empty() {
            said.warnings.push(format!("{version} does not sign {}: ignored", unsigned.join(", ")));
        }
        let identity = &mut said.identity;
        identity.email = None;
        // The name of a service is signed.
        identity.name = identity.name.take().filter(|_| identity.kind == Kind::Service);
        match self.form {
            Form::V1 => {
                identity.kind = Kind::Unknown;
                V1_KIND.clone_into(&mut identity.reason);
                identity.client_id = None;
                identity.roles.clear();
                identity.scopes.clear();
                said.unproven = Some(V1_PROVES);
            }
            // It is the client of a service as well.
            Form::V2 => identity.client_id.clone_from(&identity.name),
        }
    }
}

/// What the fields say by their own word.
pub fn gateway(fields: &[(String, String)], reading: &Reading) -> Said {
    let mut said = read(fields, reading);
    said.warnings
        .push("nobody signed these fields: they are true only where the gateway alone can send them".to_owned());
    said
}

/// What the fields say; those without a meaning here may hold credentials and are left out.
fn read(fields: &[(String, String)], reading: &Reading) -> Said {
    let kong::Said { identity, mut problems, warnings } = kong::read(fields);
    for audience in &reading.audiences {
        problems.push(format!("header fields name no audience, so not {}", sanitize(audience)));
    }
    let mut header = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| kong::means_something(name)) {
        header.insert(name.clone(), Value::String(value.clone()));
    }
    Said {
        header: Some(header),
        claims: Map::new(),
        identity,
        audiences: Vec::new(),
        problems,
        warnings,
        unproven: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Error, Evidence as _, Finding, Form, Kong, Offered, Seal};
    use crate::edges::Moment;
    use crate::guard::signature::{Request, SIGNATURE, Signed, TIME, Verifier, sign};
    use crate::guard::{Requirements, decide};
    use crate::identity::Kind;
    use crate::identity::kong;
    use crate::jose::MacKey;
    use crate::secret::Secret;

    const AT: i64 = 1_795_341_600;
    const USER: &str = "X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: u-1\nX-User-Roles: reader\nX-Client-ID: web\nX-Username: a\nX-User-Email: e\n";

    /// Header lines signed by the key `one` as of [`AT`].
    fn offered(form: Form, text: &str) -> Offered {
        let mut fields = kong::lines(text).unwrap();
        let signed = match form {
            Form::V1 => Signed::Request(Request::of(&kong::read(&fields).identity, "GET", "/a").unwrap()),
            Form::V2 => Signed::fields(&fields).unwrap(),
        };
        let (time, made) = sign(&MacKey::new(&Secret::new("one")).unwrap(), &signed, Moment::from_epoch(AT));
        fields.extend([(TIME.to_owned(), time), (SIGNATURE.to_owned(), made)]);
        Offered { request: Some(("GET".to_owned(), "/a".to_owned())), ..Offered::fields(fields) }
    }

    fn evidence(form: Form, key: &str, alternate: Option<&str>, gone: Option<Error>) -> Kong {
        let alternate = alternate.map(Secret::new);
        let keys = Verifier::new(&Secret::new(key), alternate.as_ref(), Duration::from_secs(60)).unwrap();
        Kong { seal: Some(Seal { form, keys, gone }) }
    }

    fn weighed(evidence: &Kong, offered: &Offered) -> Result<bool, Error> {
        Ok(matches!(evidence.weigh(offered, Moment::from_epoch(AT))?, Finding::Proven { .. }))
    }

    #[test]
    fn the_form_is_not_chosen_by_the_offer() {
        for (form, other) in [(Form::V1, Form::V2), (Form::V2, Form::V1)] {
            assert!(weighed(&evidence(form, "one", None, None), &offered(form, USER)).unwrap());
            assert!(weighed(&evidence(form, "two", Some("one"), None), &offered(form, USER)).unwrap());
            assert!(!weighed(&evidence(form, "two", None, None), &offered(form, USER)).unwrap());
            assert!(!weighed(&evidence(other, "one", None, None), &offered(form, USER)).unwrap());
            let unsigned = Offered { request: None, ..Offered::fields(kong::lines(USER).unwrap()) };
            assert!(!weighed(&evidence(form, "one", None, None), &unsigned).unwrap());
        }
        let nowhere = Offered { request: None, ..offered(Form::V1, USER) };
        assert!(!weighed(&evidence(Form::V1, "one", None, None), &nowhere).unwrap());
    }

    #[test]
    fn a_good_signature_under_bad_fields_proves_nothing() {
        for text in
            ["X-User-ID: u-1", "X-Service-Name: jobs\nX-Auth-Source: service", "X-Token-Verified: True\nX-User-ID: u"]
        {
            for form in [Form::V1, Form::V2] {
                assert!(!weighed(&evidence(form, "one", None, None), &offered(form, text)).unwrap(), "{text}");
            }
        }
    }

    #[test]
    fn what_v2_does_not_sign_counts_for_nothing() {
        let proven =
            |form, text| match evidence(form, "one", None, None).weigh(&offered(form, text), Moment::from_epoch(AT)) {
                Ok(Finding::Proven { said, .. }) => said,
                other => panic!("{other:?}"),
            };
        let said = proven(Form::V2, USER);
        assert_eq!((said.identity.client_id, said.identity.name, said.identity.email), (None, None, None));
        assert_eq!(said.warnings, ["v2 does not sign X-Username, X-User-Email, X-Client-ID: ignored"]);
        let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Client-ID: admin";
        assert_eq!(proven(Form::V2, service).identity.client_id.as_deref(), Some("jobs"));
    }

    #[test]
    fn v1_proves_who_it_is_and_nothing_else() {
        let all: Vec<Box<dyn crate::guard::Evidence>> = vec![Box::new(evidence(Form::V1, "one", None, None))];
        let decided = |text: &str, requirements: &Requirements| {
            decide(&all, requirements, &offered(Form::V1, text), Moment::from_epoch(AT)).unwrap()
        };
        let texts = |one: &str| vec![one.to_owned()];
        let user = format!("{USER}X-User-Scopes: read\nX-Session-ID: s");
        let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Service-Roles: reader\nX-Client-ID: web";
        let free = Requirements::default();
        let yes = decided(&user, &free);
        let who = yes.identity.unwrap();
        assert!(yes.allowed && who.kind == Kind::Unknown && who.roles.is_empty() && who.scopes.is_empty());
        assert_eq!((who.subject.as_deref(), who.session_id.as_deref()), (Some("u-1"), Some("s")));
        assert_eq!((who.name, who.email, who.client_id), (None, None, None));
        assert_eq!(decided(service, &free).identity.unwrap().name.as_deref(), Some("jobs"));
        assert!(decided(&user, &Requirements { subject: Some("u-1".to_owned()), ..free.clone() }).allowed);
        for requirements in [
            Requirements { kind: Some(Kind::User), ..free.clone() },
            Requirements { kind: Some(Kind::Service), ..free.clone() },
            Requirements { roles: texts("reader"), ..free.clone() },
            Requirements { roles: texts("x"), admin_roles: texts("reader"), ..free.clone() },
            Requirements { any_roles: vec![texts("reader")], ..free.clone() },
            Requirements { scopes: texts("read"), ..free.clone() },
            Requirements { any_scopes: vec![texts("read")], ..free.clone() },
            Requirements { audiences: texts("web"), ..free.clone() },
            Requirements { client_id: Some("web".to_owned()), ..free.clone() },
            Requirements { client_id: Some("jobs".to_owned()), ..free.clone() },
            Requirements { subject: Some("jobs".to_owned()), ..free.clone() },
        ] {
            for text in [user.as_str(), service] {
                let no = decided(text, &requirements);
                assert!(!no.allowed && no.missing.len() == 1, "{text} {requirements:?}");
                assert!(no.reason.ends_with("proves the user or service, session, method and path and nothing else"));
            }
        }
    }

    #[test]
    fn an_alternate_key_that_is_gone_keeps_nobody_out_and_lets_nobody_in() {
        let gone = |error| evidence(Form::V2, "two", None, Some(error));
        assert!(!weighed(&gone(Error::config("not set")), &offered(Form::V2, USER)).unwrap());
        assert_eq!(weighed(&gone(Error::storage("locked")), &offered(Form::V2, USER)).unwrap_err().exit, 7);
        let primary = evidence(Form::V2, "one", None, Some(Error::storage("locked")));
        assert!(weighed(&primary, &offered(Form::V2, USER)).unwrap());
    }
}
