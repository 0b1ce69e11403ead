//! Header fields of a gateway that has verified a token itself, and its signature.

use serde_json::{Map, Value};

use super::evidence::{Claims, Evidence, Finding, Matched, Reading};
use super::presented::Presented;
use super::signature::{self, Fault, Request, SIGNATURE, Signed, Version};
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::identity::Kind;
use crate::identity::kong::{self, find_field};
use crate::text::sanitize;

pub struct GatewaySignature {
    /// Never guessed from what is presented, or the weakest could be chosen.
    pub version: Version,
    pub keys: signature::Verifier,
    /// Why the alternate key can't be used, if there is one.
    pub gone: Option<Error>,
}

pub struct Kong {
    pub signature: Option<GatewaySignature>,
}

/// Fields that neither version signs.
const UNSIGNED: [&str; 3] = ["X-Username", "X-User-Email", "X-Client-ID"];
/// Further ones that v1 does not sign.
const UNSIGNED_BY_V1: [&str; 3] = ["X-User-Roles", "X-User-Scopes", "X-Service-Roles"];

impl Evidence for Kong {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        let fields = &offered.fields;
        if fields.is_empty() {
            return Ok(Finding::refused(Matched::Kong.name(), "there are no header fields"));
        }
        let Some(signature) = &self.signature else {
            let mut said = read_gateway(fields, &Reading::default());
            if find_field(fields, SIGNATURE).is_some() {
                said.warnings.push("the signature was not checked: pass its key with --hmac-key-from".to_owned());
            }
            return Ok(said.into_finding(Matched::Kong));
        };
        let mut said = read(fields, &Reading::default());
        match signature.verify_request(&said, offered, now) {
            Ok(key) => signature.drop_unsigned(&mut said, fields, key),
            Err(fault) => {
                match &signature.gone {
                    // The missing key may have made the signature.
                    Some(error) if fault == Fault::Mismatch && error.exit != exit::CONFIG => return Err(error.clone()),
                    Some(error) => said.warnings.push(error.chain()),
                    None => {}
                }
                said.problems.push(fault.to_string());
            }
        }
        Ok(said.into_finding(Matched::Kong))
    }
}

impl GatewaySignature {
    fn verify_request(&self, said: &Claims, offered: &Presented, now: Moment) -> Result<signature::Matched, Fault> {
        let signed = match self.version {
            Version::V1 => {
                let (method, path) = offered.request.as_ref().ok_or(Fault::Method)?;
                Signed::Request(Request::from_identity(&said.identity, method, path)?)
            }
            Version::V2 => Signed::from_fields(&offered.fields)?,
        };
        self.keys.check(&signed, &offered.fields, now)
    }

    /// Removes what the signature does not prove, and warns of unsigned fields.
    fn drop_unsigned(&self, said: &mut Claims, fields: &[(String, String)], key: signature::Matched) {
        if key == signature::Matched::Alternate {
            said.warnings.push("the alternate key made the signature".to_owned());
        }
        let (name, more) = match self.version {
            Version::V1 => ("v1", &UNSIGNED_BY_V1[..]),
            Version::V2 => ("v2", &[][..]),
        };
        let unsigned = UNSIGNED.iter().chain(more).filter(|name| find_field(fields, name).is_some());
        let unsigned: Vec<&str> = unsigned.copied().collect();
        if !unsigned.is_empty() {
            said.warnings.push(format!("{name} does not sign {}: ignored", unsigned.join(", ")));
        }
        let identity = &mut said.identity;
        identity.email = None;
        // The name of a service is signed.
        identity.name = identity.name.take().filter(|_| identity.kind == Kind::Service);
        match self.version {
            Version::V1 => {
                identity.kind = Kind::Unknown;
                "v1 does not sign whether it is a user or a service".clone_into(&mut identity.reason);
                identity.client_id = None;
                identity.roles.clear();
                identity.scopes.clear();
                said.unproven =
                    Some("a v1 signature proves the user or service, session, method and path and nothing else");
            }
            // A service is its own client.
            Version::V2 => identity.client_id.clone_from(&identity.name),
        }
    }
}

pub fn read_gateway(fields: &[(String, String)], reading: &Reading) -> Claims {
    let mut said = read(fields, reading);
    said.warnings
        .push("these fields are not signed: trust them only where no one but the gateway can send them".to_owned());
    said
}

/// Fields without a meaning here may hold credentials and are left out.
fn read(fields: &[(String, String)], reading: &Reading) -> Claims {
    let kong::GatewayHeaders { identity, mut problems, warnings } = kong::read(fields);
    for audience in &reading.audiences {
        problems.push(format!("header fields name no audience, so not {}", sanitize(audience)));
    }
    let mut header = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| kong::means_something(name)) {
        header.insert(name.clone(), Value::String(value.clone()));
    }
    Claims { header: Some(header), problems, warnings, ..Claims::from_identity(identity) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Error, Evidence as _, Finding, GatewaySignature, Kong, Presented, Version};
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
    fn offered(version: Version, text: &str) -> Presented {
        let mut fields = kong::parse_lines(text).unwrap();
        let signed = match version {
            Version::V1 => Signed::Request(Request::from_identity(&kong::read(&fields).identity, "GET", "/a").unwrap()),
            Version::V2 => Signed::from_fields(&fields).unwrap(),
        };
        let (time, made) = sign(&MacKey::new(&Secret::new("one")).unwrap(), &signed, Moment::from_epoch(AT));
        fields.extend([(TIME.to_owned(), time), (SIGNATURE.to_owned(), made)]);
        Presented { request: Some(("GET".to_owned(), "/a".to_owned())), ..Presented::from_headers(fields) }
    }

    fn evidence(version: Version, key: &str, alternate: Option<&str>, gone: Option<Error>) -> Kong {
        let alternate = alternate.map(Secret::new);
        let keys = Verifier::new(&Secret::new(key), alternate.as_ref(), Duration::from_secs(60)).unwrap();
        Kong { signature: Some(GatewaySignature { version, keys, gone }) }
    }

    fn weighed(evidence: &Kong, offered: &Presented) -> Result<bool, Error> {
        Ok(matches!(evidence.evaluate(offered, Moment::from_epoch(AT))?, Finding::Proven { .. }))
    }

    #[test]
    fn form_is_not_chosen_by_offer() {
        for (form, other) in [(Version::V1, Version::V2), (Version::V2, Version::V1)] {
            assert!(weighed(&evidence(form, "one", None, None), &offered(form, USER)).unwrap());
            assert!(weighed(&evidence(form, "two", Some("one"), None), &offered(form, USER)).unwrap());
            assert!(!weighed(&evidence(form, "two", None, None), &offered(form, USER)).unwrap());
            assert!(!weighed(&evidence(other, "one", None, None), &offered(form, USER)).unwrap());
            let unsigned = Presented { request: None, ..Presented::from_headers(kong::parse_lines(USER).unwrap()) };
            assert!(!weighed(&evidence(form, "one", None, None), &unsigned).unwrap());
        }
        let nowhere = Presented { request: None, ..offered(Version::V1, USER) };
        assert!(!weighed(&evidence(Version::V1, "one", None, None), &nowhere).unwrap());
    }

    #[test]
    fn good_signature_under_bad_fields_proves_nothing() {
        for text in
            ["X-User-ID: u-1", "X-Service-Name: jobs\nX-Auth-Source: service", "X-Token-Verified: True\nX-User-ID: u"]
        {
            for form in [Version::V1, Version::V2] {
                assert!(!weighed(&evidence(form, "one", None, None), &offered(form, text)).unwrap(), "{text}");
            }
        }
    }

    #[test]
    fn what_v2_does_not_sign_counts_for_nothing() {
        let proven = |version, text| match evidence(version, "one", None, None)
            .evaluate(&offered(version, text), Moment::from_epoch(AT))
        {
            Ok(Finding::Proven { claims, .. }) => claims,
            other => panic!("{other:?}"),
        };
        let said = proven(Version::V2, USER);
        assert_eq!((said.identity.client_id, said.identity.name, said.identity.email), (None, None, None));
        assert_eq!(said.warnings, ["v2 does not sign X-Username, X-User-Email, X-Client-ID: ignored"]);
        let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Client-ID: admin";
        assert_eq!(proven(Version::V2, service).identity.client_id.as_deref(), Some("jobs"));
    }

    #[test]
    fn v1_proves_who_it_is_and_nothing_else() {
        let all: Vec<Box<dyn crate::guard::Evidence>> = vec![Box::new(evidence(Version::V1, "one", None, None))];
        let decided = |text: &str, requirements: &Requirements| {
            decide(&all, requirements, &offered(Version::V1, text), Moment::from_epoch(AT)).unwrap()
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
        assert!(decided(&user, &Requirements { subjects: texts("u-1"), ..free.clone() }).allowed);
        for requirements in [
            Requirements { kinds: vec![Kind::User], ..free.clone() },
            Requirements { kinds: vec![Kind::Service], ..free.clone() },
            Requirements { roles: texts("reader"), ..free.clone() },
            Requirements { roles: texts("x"), admin_roles: texts("reader"), ..free.clone() },
            Requirements { any_roles: vec![texts("reader")], ..free.clone() },
            Requirements { scopes: texts("read"), ..free.clone() },
            Requirements { any_scopes: vec![texts("read")], ..free.clone() },
            Requirements { audiences: texts("web"), ..free.clone() },
            Requirements { client_ids: texts("web"), ..free.clone() },
            Requirements { client_ids: texts("jobs"), ..free.clone() },
            Requirements { subjects: texts("jobs"), ..free.clone() },
        ] {
            for text in [user.as_str(), service] {
                let no = decided(text, &requirements);
                assert!(!no.allowed && no.missing.len() == 1, "{text} {requirements:?}");
                assert!(no.reason.ends_with("proves the user or service, session, method and path and nothing else"));
            }
        }
    }

    #[test]
    fn missing_alternate_key_changes_nothing() {
        let gone = |error| evidence(Version::V2, "two", None, Some(error));
        assert!(!weighed(&gone(Error::config("not set")), &offered(Version::V2, USER)).unwrap());
        assert_eq!(weighed(&gone(Error::storage("locked")), &offered(Version::V2, USER)).unwrap_err().exit, 7);
        let primary = evidence(Version::V2, "one", None, Some(Error::storage("locked")));
        assert!(weighed(&primary, &offered(Version::V2, USER)).unwrap());
    }
}
