//! Tokens of a token file.

use std::path::PathBuf;

use super::evidence::{Evidence, Finding, Matched};
use super::presented::{NO_TOKEN, Presented};
use crate::edges::Moment;
use crate::error::Error;
use crate::secret::Secret;
use crate::store::token_file::{self, Lookup};
use crate::text::sanitize;

/// Accepts the live tokens of a file; an empty file accepts none.
#[derive(Debug)]
pub struct TokenFile {
    pub path: PathBuf,
    /// What was read once; else the file is read each time.
    pub content: Option<token_file::TokenFile>,
}

impl Evidence for TokenFile {
    fn evaluate(&self, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        // Without a token the file is read anyway: a broken file is an error for every caller.
        let none = Secret::new("");
        let token = offered.token.as_ref().unwrap_or(&none);
        let (found, warnings) = match &self.content {
            Some(content) => (content.look_up(token, now), Vec::new()),
            None => token_file::TokenFile::search_file(&self.path, token, now)?,
        };
        let place = sanitize(&self.path.display().to_string());
        let refused = |reason: String| Finding::Refused {
            method: Matched::TokenFile.name(),
            reasons: vec![reason],
            warnings: warnings.clone(),
        };
        if offered.token.is_none() {
            return Ok(refused(NO_TOKEN.to_owned()));
        }
        Ok(match found {
            Lookup::Live(entry) => {
                let token = format!("a token of {place} ({})", entry.fingerprint());
                Finding::proven_by_secret(Matched::TokenFile, entry.label, &token, warnings)
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
    fn only_live_token_lets_in() {
        let directory = tempfile::tempdir().unwrap();
        let evidence = TokenFile { path: directory.path().join("tokens"), content: None };
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
        let Finding::Proven { claims, .. } = evaluate(token("one")).unwrap() else { panic!() };
        assert_eq!((claims.identity.name.as_deref(), claims.identity.kind.name()), (Some("ci"), "unknown"));
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
