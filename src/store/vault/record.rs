//! A secret with what it belongs to.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edges::Moment;
use crate::secret::Secret;

use crate::store::{Fault, SecretKind};

/// A secret, bound to the issuer and client it was made for.
#[derive(Debug, Clone)]
pub struct Record {
    /// The issuer, byte for byte.
    pub issuer: String,
    pub client_id: String,
    pub kind: SecretKind,
    pub secret: Secret,
    /// When it was stored, in whole seconds.
    pub created: Moment,
}

#[derive(Serialize)]
struct Stored<'a> {
    v: u64,
    issuer: &'a str,
    client_id: &'a str,
    kind: &'a str,
    secret: &'a str,
    created: &'a str,
}

#[derive(Deserialize)]
struct Loaded {
    issuer: String,
    client_id: String,
    kind: String,
    secret: String,
    created: String,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

impl Record {
    /// Whether the record was made for this issuer and client. If not, the secret must not be used: an edited
    /// configuration would send it to another server.
    pub fn belongs(&self, issuer: &str, client_id: &str) -> bool {
        self.issuer == issuer && self.client_id == client_id
    }

    /// One line of ASCII JSON: `{"v":1,"issuer","client_id","kind","secret","created"}`. ASCII, because some keyrings
    /// store only text and others count UTF-16 units.
    pub(in crate::store) fn to_json(&self) -> Secret {
        let created = self.created.rfc3339();
        let stored = Stored {
            v: 1,
            issuer: &self.issuer,
            client_id: &self.client_id,
            kind: self.kind.name(),
            secret: self.secret.expose(),
            created: &created,
        };
        // Strings and a number always serialize.
        let json = Zeroizing::new(serde_json::to_string(&stored).unwrap_or_default());
        // Room for the longest escapes: a vector that grows leaves copies of the secret behind.
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

    /// Reads what [`Record::to_json`] wrote. `place` names the record in an error.
    pub(in crate::store) fn from_json(json: &Secret, kind: SecretKind, place: &str) -> Result<Self, Fault> {
        let damaged = |why| Fault::Damaged { place: place.to_owned(), why };
        // The JSON reader's own errors may quote the value they stumbled over.
        let version: Version =
            serde_json::from_str(json.expose()).map_err(|_| damaged("it is no JSON object with a version"))?;
        if version.v > 1 {
            return Err(Fault::Newer { place: place.to_owned(), version: version.v });
        }
        let loaded: Loaded =
            serde_json::from_str(json.expose()).map_err(|_| damaged("it lacks a member of a record"))?;
        if SecretKind::from_name(&loaded.kind) != Some(kind) {
            return Err(damaged("it holds another kind of secret"));
        }
        let created = Moment::parse(&loaded.created).ok_or_else(|| damaged("its time of creation is not RFC 3339"))?;
        let secret = Secret::new(loaded.secret);
        Ok(Self { issuer: loaded.issuer, client_id: loaded.client_id, kind, secret, created })
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
            kind: SecretKind::ClientSecret,
            secret: Secret::new(secret),
            created: Moment::from_epoch(1_795_341_600),
        }
    }

    #[test]
    fn a_record_is_ascii_and_reads_back() {
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
            r#"{"v":1,"issuer":"https://id\u00e9.example/r","client_id":"c\"1","kind":"client_secret","secret":"s","created":"2026-11-22T10:00:00Z"}"#
        );
    }

    #[test]
    fn a_record_belongs_to_one_issuer_and_client() {
        let record = record("s");
        assert!(record.belongs("https://idé.example/r", "c\"1"));
        assert!(!record.belongs("https://idé.example/r/", "c\"1"));
        assert!(!record.belongs("https://idé.example/r", "c"));
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
