//! A shared secret, with a second one during rotation.

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::evidence::{Evidence, Finding, Matched};
use super::presented::Presented;
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::secret::Secret;

/// The name of this method in reasons.
const METHOD: &str = "secret";

/// A shared secret, behind a prefix.
#[derive(Debug)]
pub struct StaticSecret {
    /// The secret; never empty.
    pub primary: Secret,
    /// The second one; if it can't be read, only the first is accepted.
    pub alternate: Option<Result<Secret, Error>>,
    /// What precedes the secret, without regard to case; it includes the space.
    pub prefix: String,
}

impl Evidence for StaticSecret {
    fn evaluate(&self, offered: &Presented, _now: Moment) -> Result<Finding, Error> {
        let Some(value) = &offered.value else { return Ok(Finding::refused(METHOD, "there is no field value")) };
        let mut warnings = Vec::new();
        if self.prefix.ends_with(|last: char| last.is_alphanumeric()) {
            warnings.push("the prefix ends in a letter or digit: include the space, if one follows it".to_owned());
        }
        let rest = value.expose().split_at_checked(self.prefix.len());
        let (prefix, rest) = rest.unwrap_or_default();
        let prefixed = prefix.eq_ignore_ascii_case(&self.prefix);
        // Both are compared whatever the first comparison said.
        let primary = is_same_secret(&self.primary, rest);
        let alternate = match &self.alternate {
            Some(Ok(alternate)) => is_same_secret(alternate, rest),
            _ => Choice::from(0),
        };
        if prefixed && bool::from(primary) {
            return Ok(Finding::proven_by_secret(Matched::Primary, None, "the shared secret", warnings));
        }
        if prefixed && bool::from(alternate) {
            return Ok(Finding::proven_by_secret(Matched::Alternate, None, "the alternate shared secret", warnings));
        }
        match &self.alternate {
            Some(Err(error)) if error.exit != exit::CONFIG => return Err(error.clone()),
            Some(Err(error)) => warnings.push(error.chain()),
            _ => {}
        }
        let reason = if prefixed { "it is not the secret" } else { "it does not begin with the prefix" };
        Ok(Finding::Refused { method: METHOD, reasons: vec![reason.to_owned()], warnings })
    }
}

/// Compares hashes, in the same time for all lengths. An empty secret equals nothing.
pub(super) fn is_same_secret(secret: &Secret, offered: &str) -> Choice {
    let equal = Sha256::digest(secret.expose()).ct_eq(&Sha256::digest(offered));
    equal & Choice::from(u8::from(!secret.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{Error, Evidence as _, Finding, Matched, Presented, Secret, StaticSecret};
    use crate::edges::Moment;

    fn weighed(evidence: &StaticSecret, value: &str) -> Result<Option<Matched>, Error> {
        let offered = Presented { value: Some(Secret::new(value)), ..Presented::default() };
        Ok(match evidence.evaluate(&offered, Moment::from_epoch(0))? {
            Finding::Proven { matched, .. } => Some(matched),
            Finding::Refused { .. } => None,
        })
    }

    fn evidence(prefix: &str, alternate: Option<Result<Secret, Error>>) -> StaticSecret {
        StaticSecret { primary: Secret::new("SECRET"), alternate, prefix: prefix.to_owned() }
    }

    #[test]
    fn prefix_has_no_case_and_implies_nothing() {
        for (prefix, value, good) in [
            ("", "SECRET", true),
            ("", "secret", false),
            ("", " SECRET", false),
            ("", "SECRET ", false),
            ("", "SECRETSECRET", false),
            ("", "SECRE", false),
            ("", "", false),
            ("Bearer", "bearerSECRET", true),
            ("Bearer", "Bearer SECRET", false),
            ("Bearer ", "BEARER SECRET", true),
            ("Bearer ", "Bearer  SECRET", false),
            ("Bearer ", "Bearer secret", false),
            ("Bearer ", "SECRET", false),
            ("Bearer ", "Bearer ", false),
            ("Bearer ", "Bearer", false),
            ("Bearer ", "Beärer SECRET", false),
            ("ä", "äSECRET", true),
            ("ä", "ÄSECRET", false),
            ("xy", "äSECRET", false),
            ("x", "äSECRET", false),
        ] {
            let matched = weighed(&evidence(prefix, None), value).unwrap();
            assert_eq!(matched.is_some(), good, "{prefix:?} {value:?}");
        }
    }

    #[test]
    fn alternate_counts_as_well_and_is_told_apart() {
        let both = evidence("", Some(Ok(Secret::new("OTHER"))));
        assert_eq!(weighed(&both, "SECRET").unwrap(), Some(Matched::Primary));
        assert_eq!(weighed(&both, "OTHER").unwrap(), Some(Matched::Alternate));
        assert_eq!(weighed(&both, "SECRETOTHER").unwrap(), None);
        let same = evidence("", Some(Ok(Secret::new("SECRET"))));
        assert_eq!(weighed(&same, "SECRET").unwrap(), Some(Matched::Primary));
    }

    #[test]
    fn alternate_that_cannot_be_read_lets_nobody_in() {
        let unset = evidence("", Some(Err(Error::config("env:X is not set"))));
        assert_eq!(weighed(&unset, "SECRET").unwrap(), Some(Matched::Primary));
        assert_eq!(weighed(&unset, "").unwrap(), None);
        let locked = evidence("", Some(Err(Error::storage("the keyring is locked"))));
        assert_eq!(weighed(&locked, "SECRET").unwrap(), Some(Matched::Primary));
        assert_eq!(weighed(&locked, "other").unwrap_err().exit, 7);
    }

    #[test]
    fn nothing_is_never_match() {
        let empty = StaticSecret {
            primary: Secret::new(""),
            alternate: Some(Ok(Secret::new(""))),
            prefix: "Bearer ".to_owned(),
        };
        assert_eq!(weighed(&empty, "Bearer ").unwrap(), None);
        let nothing = Presented::default();
        let found = empty.evaluate(&nothing, Moment::from_epoch(0)).unwrap();
        assert!(matches!(found, Finding::Refused { .. }));
    }
}
