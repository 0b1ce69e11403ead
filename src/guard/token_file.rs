//! Tokens of a token file.

use std::path::PathBuf;

use super::evidence::{Claims, Evidence, Finding, Matched};
use super::presented::{NO_TOKEN, Presented};
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::{Identity, Source};
use crate::secret::Secret;
use crate::store::token_file::{self, Lookup};
use crate::text::sanitize;

/// Whoever has a live token of this file gets in. It is read anew each time; an empty one lets nobody in.
#[derive(Debug)]
pub struct TokenFile {
    pub path: PathBuf,
}

impl Evidence for TokenFile {
    fn name(&self) -> &'static str {
        Matched::TokenFile.name()
    }

    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        // What is no token is sought all the same: a file that is broken is broken for everybody.
        let nothing = Secret::new("");
        let sought = offered.token.as_ref().unwrap_or(&nothing);
        let (found, warnings) = token_file::TokenFile::search_file(&self.path, sought, now)?;
        let place = sanitize(&self.path.display().to_string());
        let refused = |reason: String| Finding::Refused { reasons: vec![reason], warnings: warnings.clone() };
        if offered.token.is_none() {
            return Ok(refused(NO_TOKEN.to_owned()));
        }
        Ok(match found {
            Lookup::Live(entry) => {
                let reason =
                    format!("a token of {place} ({}) does not identify a user or service", entry.fingerprint());
                let said = Claims::from_secret(Identity::from_secret(Source::TokenFile, entry.label, reason));
                Finding::Proven { matched: Matched::TokenFile, said: Box::new(Claims { warnings, ..said }) }
            }
            Lookup::Inactive(entry) => refused(format!("it is in {place}, but {}", entry.state.name())),
            Lookup::Absent => refused(format!("it is not in {place}")),
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test may write files")]
mod tests {
    use super::{Evidence as _, Finding, Moment, Presented, TokenFile};
    use crate::secret::Secret;

    #[test]
    fn only_a_live_token_lets_in() {
        let directory = tempfile::tempdir().unwrap();
        let evidence = TokenFile { path: directory.path().join("tokens") };
        let now = Moment::from_epoch(1_795_341_600); // 2026-11-22T10:00:00Z
        let evaluate = |offered: Presented| evidence.evaluate(&offered, now);
        let token = |token: &str| Presented::from_token(Secret::new(token));
        assert_eq!(evaluate(token("one")).unwrap_err().exit, 7);
        assert_eq!(evaluate(Presented::default()).unwrap_err().exit, 7, "what is broken is broken for everybody");
        std::fs::write(&evidence.path, [0xff]).unwrap();
        assert_eq!(evaluate(token("one")).unwrap_err().exit, 8);
        for empty in ["", "\n", "# none\n", "#hallpass-off: one\n"] {
            std::fs::write(&evidence.path, empty).unwrap();
            for offered in ["", "one", "# none", "#hallpass-off: one"] {
                assert!(matches!(evaluate(token(offered)).unwrap(), Finding::Refused { .. }), "{empty:?} {offered:?}");
            }
        }
        let text = "#hallpass: label=\"ci\"\none\n#hallpass: expires=2026-11-22T10:00:00Z\nold\ntwo\n";
        std::fs::write(&evidence.path, text).unwrap();
        let Finding::Proven { said, .. } = evaluate(token("one")).unwrap() else { panic!() };
        assert_eq!((said.identity.name.as_deref(), said.identity.kind.name()), (Some("ci"), "unknown"));
        assert!(matches!(evaluate(token("two")).unwrap(), Finding::Proven { .. }));
        assert!(matches!(evaluate(token("old")).unwrap(), Finding::Refused { .. }));
        for copies in [
            "one\n#hallpass-off: one\n",
            "#hallpass: expires=2026-11-22T10:00:00Z\none\none\n",
            "one\n#hallpass: ?\none\n",
        ] {
            std::fs::write(&evidence.path, copies).unwrap();
            assert!(matches!(evaluate(token("one")).unwrap(), Finding::Refused { .. }), "{copies}");
        }
        assert!(matches!(evaluate(Presented::from_field(Secret::new("Basic one"))).unwrap(), Finding::Refused { .. }));
    }
}
