//! A secret with what it belongs to.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::format::parse_version;
use crate::store::{Fault, SecretKind};

/// A secret, bound to the issuer and client it was made for.
#[derive(Debug, Clone)]
pub struct Record {
    pub issuer: String,
    pub client_id: String,
    /// The origins besides the issuer's that the zone sent credentials to when it was stored, sorted; `None` in the
    /// records of hallpass 0.1.0.
    pub origins: Option<Vec<String>>,
    pub kind: SecretKind,
    pub secret: Secret,
    /// When it was stored, in whole seconds.
    pub created: Moment,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    v: u64,
    issuer: Cow<'a, str>,
    client_id: Cow<'a, str>,
    kind: Cow<'a, str>,
    secret: Cow<'a, str>,
    created: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origins: Option<Cow<'a, [String]>>,
}

impl Record {
    /// Whether the record was made for this issuer and client. If not, an edited configuration would send the secret to
    /// another server.
    pub fn belongs(&self, issuer: &str, client_id: &str) -> bool {
        self.issuer == issuer && self.client_id == client_id
    }

    /// Whether the zone sends credentials to the same origins as when it was stored, or nobody wrote down which.
    pub fn fits_origins(&self, origins: &[String]) -> bool {
        self.origins.as_deref().is_none_or(|bound| bound == origins)
    }

    /// One line of JSON, in ASCII because some keyrings store only text and others count UTF-16 units.
    pub(in crate::store) fn to_json(&self) -> Secret {
        let stored = Stored {
            v: 1,
            issuer: (&self.issuer).into(),
            client_id: (&self.client_id).into(),
            kind: self.kind.name().into(),
            secret: self.secret.expose().into(),
            created: self.created.rfc3339().into(),
            origins: self.origins.as_deref().map(Cow::from),
        };
        // Strings and a number always serialize.
        let json = Zeroizing::new(serde_json::to_string(&stored).unwrap_or_default());
        // Room for the longest escapes: a string that grows leaves copies of the secret behind.
        let mut ascii = String::with_capacity(json.len() * 6);
        for c in json.chars() {
            if c.is_ascii() {
                ascii.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(ascii, "\\u{unit:04x}");
                }
            }
        }
        Secret::new(ascii)
    }

    /// Reads what [`Record::to_json`] wrote. `place` names the record in a fault.
    pub(in crate::store) fn from_json(json: &Secret, kind: SecretKind, place: &str) -> Result<Self, Fault> {
        let damaged = |why| Fault::Damaged { place: place.to_owned(), why };
        let stored: Stored<'_> = parse_version(json.expose().as_bytes(), 1, place, "it is not a record of a vault")?;
        if stored.kind != kind.name() {
            return Err(damaged("it contains another kind of secret"));
        }
        Ok(Self {
            issuer: stored.issuer.into_owned(),
            client_id: stored.client_id.into_owned(),
            origins: stored.origins.map(Cow::into_owned),
            kind,
            secret: Secret::new(stored.secret),
            created: Moment::parse(&stored.created).ok_or_else(|| damaged("its time of creation is not RFC 3339"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, SecretKind};
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::Fault;

    fn record(secret: &str) -> Record {
        Record {
            issuer: "https://idé.example/r".to_owned(),
            client_id: "c\"1".to_owned(),
            origins: Some(vec!["https://other.example".to_owned()]),
            kind: SecretKind::ClientSecret,
            secret: Secret::new(secret),
            created: Moment::from_epoch(1_795_341_600),
        }
    }

    #[test]
    fn record_is_ascii_and_reads_back() {
        for secret in ["s3cret", "", "é€😀\u{7f}", "line\nline\0", "\"\\"] {
            let json = record(secret).to_json();
            assert!(json.expose().is_ascii());
            let back = Record::from_json(&json, SecretKind::ClientSecret, "z").unwrap();
            assert_eq!(back.secret.expose(), secret);
            assert_eq!((back.issuer.as_str(), back.client_id.as_str()), ("https://idé.example/r", "c\"1"));
            assert_eq!(back.created, Moment::from_epoch(1_795_341_600));
        }
        assert_eq!(
            record("s").to_json().expose(),
            r#"{"v":1,"issuer":"https://id\u00e9.example/r","client_id":"c\"1","kind":"client_secret","secret":"s","created":"2026-11-22T10:00:00Z","origins":["https://other.example"]}"#
        );
    }

    #[test]
    fn record_belongs_to_one_issuer_and_client() {
        let record = record("s");
        assert!(record.belongs("https://idé.example/r", "c\"1"));
        assert!(!record.belongs("https://idé.example/r/", "c\"1"));
        assert!(!record.belongs("https://idé.example/r", "c"));
    }

    #[test]
    fn record_without_origins_fits_all_and_one_with_them_its_own() {
        let bound = record("s");
        assert!(bound.fits_origins(&["https://other.example".to_owned()]) && !bound.fits_origins(&[]));
        let earlier = bound.to_json().expose().replace(r#","origins":["https://other.example"]"#, "");
        let earlier = Record::from_json(&Secret::new(earlier), SecretKind::ClientSecret, "z").unwrap();
        assert!(earlier.origins.is_none() && earlier.fits_origins(&[]));
    }

    #[test]
    fn what_is_no_record_is_refused_without_quoting_it() {
        let good = record("hunter2").to_json();
        for (from, to) in [
            (r#""v":1"#, r#""v":"hunter2""#),
            (r#""secret":"hunter2""#, r#""secret":["hunter2"]"#),
            (r#""created":""#, r#""created":"hunter2"#),
            ("client_secret", "refresh_token"),
            ("{", "hunter2{"),
            ("}", ""),
        ] {
            let bad = good.expose().replace(from, to);
            assert_ne!(bad, good.expose());
            let fault = Record::from_json(&Secret::new(bad), SecretKind::ClientSecret, "z/client_secret").unwrap_err();
            assert!(matches!(fault, Fault::Damaged { .. }), "{fault:?}");
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
        let newer = Secret::new(good.expose().replace(r#""v":1"#, r#""v":2"#));
        assert!(matches!(
            Record::from_json(&newer, SecretKind::ClientSecret, "z"),
            Err(Fault::Newer { version: 2, .. })
        ));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", record("hunter2")).contains("hunter2"));
    }
}
