//! Tokens of a token file.

use std::path::PathBuf;

use super::evidence::{Evidence, Finding, Matched, Said};
use super::offered::{NO_TOKEN, Offered};
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::{Identity, Source};
use crate::secret::Secret;
use crate::store::token_file::{self, Sought};
use crate::text::sanitize;

/// Whoever has a live token of this file gets in. It is read anew each time; an empty one lets nobody in.
#[derive(Debug)]
pub struct TokenFile {
    /// Where it lies.
    pub path: PathBuf,
}

impl Evidence for TokenFile {
    fn name(&self) -> &'static str {
        Matched::TokenFile.name()
    }

    fn weigh(&self, offered: &Offered, now: Moment) -> Result<Finding, Error> {
        // What is no token is sought all the same: a file that is broken is broken for everybody.
        let nothing = Secret::new("");
        let sought = offered.token.as_ref().unwrap_or(&nothing);
        let (found, warnings) = token_file::TokenFile::seek_at(&self.path, sought, now)?;
        let place = sanitize(&self.path.display().to_string());
        let refused = |reason: String| Finding::Refused { reasons: vec![reason], warnings: warnings.clone() };
        if offered.token.is_none() {
            return Ok(refused(NO_TOKEN.to_owned()));
        }
        Ok(match found {
            Sought::Live(entry) => {
                let reason = format!("a token of {place} ({}) says neither person nor service", entry.fingerprint());
                let said = Said::secret(Identity::known(Source::TokenFile, entry.label, reason));
                Finding::Proven { matched: Matched::TokenFile, said: Box::new(Said { warnings, ..said }) }
            }
            Sought::Barred(entry) => refused(format!("it is in {place}, but {}", entry.state.name())),
            Sought::Absent => refused(format!("it is not in {place}")),
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test may write files")]
mod tests {
    use super::{Evidence as _, Finding, Moment, Offered, TokenFile};
    use crate::secret::Secret;

    #[test]
    fn only_a_live_token_lets_in() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = TokenFile { path: folder.path().join("tokens") };
        let now = Moment::from_epoch(1_795_341_600); // 2026-11-22T10:00:00Z
        let weigh = |offered: Offered| evidence.weigh(&offered, now);
        let token = |token: &str| Offered::token(Secret::new(token));
        assert_eq!(weigh(token("one")).unwrap_err().exit, 7);
        assert_eq!(weigh(Offered::default()).unwrap_err().exit, 7, "what is broken is broken for everybody");
        std::fs::write(&evidence.path, [0xff]).unwrap();
        assert_eq!(weigh(token("one")).unwrap_err().exit, 8);
        for empty in ["", "\n", "# none\n", "#hallpass-off: one\n"] {
            std::fs::write(&evidence.path, empty).unwrap();
            for offered in ["", "one", "# none", "#hallpass-off: one"] {
                assert!(matches!(weigh(token(offered)).unwrap(), Finding::Refused { .. }), "{empty:?} {offered:?}");
            }
        }
        let text = "#hallpass: label=\"ci\"\none\n#hallpass: expires=2026-11-22T10:00:00Z\nold\ntwo\n";
        std::fs::write(&evidence.path, text).unwrap();
        let Finding::Proven { said, .. } = weigh(token("one")).unwrap() else { panic!() };
        assert_eq!((said.identity.name.as_deref(), said.identity.kind.name()), (Some("ci"), "unknown"));
        assert!(matches!(weigh(token("two")).unwrap(), Finding::Proven { .. }));
        assert!(matches!(weigh(token("old")).unwrap(), Finding::Refused { .. }));
        for copies in [
            "one\n#hallpass-off: one\n",
            "#hallpass: expires=2026-11-22T10:00:00Z\none\none\n",
            "one\n#hallpass: ?\none\n",
        ] {
            std::fs::write(&evidence.path, copies).unwrap();
            assert!(matches!(weigh(token("one")).unwrap(), Finding::Refused { .. }), "{copies}");
        }
        assert!(matches!(weigh(Offered::field(Secret::new("Basic one"))).unwrap(), Finding::Refused { .. }));
    }
}
