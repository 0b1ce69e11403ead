//! Header fields of a gateway that has looked at a token itself, and its signature under them.

use serde_json::{Map, Value};

use super::evidence::{Evidence, Finding, Matched, Reading, Said};
use super::offered::Offered;
use super::signature::{self, Fault, Request, SIGNATURE, Signed};
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::identity::Kind;
use crate::identity::kong::{self, field};
use crate::text::wash;

/// What a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Who it is, the session, the method and the path.
    V1,
    /// The header fields that say who it is and what it may.
    V2,
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

/// Fields that name somebody and that v2 does not sign.
const UNSIGNED: [&str; 3] = ["X-Username", "X-User-Email", "X-Client-ID"];

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

    /// Says what a good signature does not prove, and takes away what v2 does not sign.
    fn covered(&self, said: &mut Said, fields: &[(String, String)], key: signature::Matched) {
        if key == signature::Matched::Alternate {
            said.warnings.push("the alternate key made the signature".to_owned());
        }
        if self.form == Form::V1 {
            said.warnings.push(
                "v1 signs neither roles nor scopes, nor whether it is a user or a service: who can send these fields \
                 to the service can forge them"
                    .to_owned(),
            );
            return;
        }
        let unsigned: Vec<&str> = UNSIGNED.into_iter().filter(|name| field(fields, name).is_some()).collect();
        // The name of a service is signed, and is its client as well.
        let name = said.identity.name.take().filter(|_| said.identity.kind == Kind::Service);
        said.identity.client_id.clone_from(&name);
        said.identity.name = name;
        said.identity.email = None;
        if !unsigned.is_empty() {
            said.warnings.push(format!("v2 does not sign {}: they count for nothing", unsigned.join(", ")));
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
        problems.push(format!("header fields name no audience, so not {}", wash(audience)));
    }
    let mut header = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| kong::means_something(name)) {
        header.insert(name.clone(), Value::String(value.clone()));
    }
    Said { header: Some(header), claims: Map::new(), identity, audiences: Vec::new(), problems, warnings }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Error, Evidence as _, Finding, Form, Kong, Offered, Seal};
    use crate::edges::Moment;
    use crate::guard::signature::{Request, SIGNATURE, Signed, TIME, Verifier, sign};
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
        assert!(said.warnings[0].contains("X-Username, X-User-Email, X-Client-ID: they count for nothing"));
        let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Client-ID: admin";
        assert_eq!(proven(Form::V2, service).identity.client_id.as_deref(), Some("jobs"));
        assert!(proven(Form::V1, USER).warnings[0].contains("v1 signs neither roles nor scopes"));
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
