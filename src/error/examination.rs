//! The call of `hallpass doctor` that explains an error.

use crate::config::EPHEMERAL;
use crate::text::quote_for_shell;

use super::{Error, Finding, exit};

/// What a command was given that `hallpass doctor` needs to examine its failure.
#[derive(Debug, Default)]
pub struct Examination {
    /// The zone; none where an issuer was named that no zone has.
    pub zone: Option<String>,
    pub issuer: Option<String>,
    /// The source of the subject token, where it can be read again.
    pub subject_token: Option<String>,
    pub audiences: Vec<String>,
    pub scopes: Vec<String>,
    pub redirect_uri: Option<String>,
}

impl Examination {
    /// The flags without which the check is not made.
    fn flags(&self, finding: Finding) -> String {
        let value = |value: &Option<String>, other: &str| value.as_deref().map_or(other.to_owned(), quote_for_shell);
        match finding {
            Finding::Audience => repeat("--expect-audience", &self.audiences),
            Finding::Device => " --device".to_owned(),
            Finding::Exchange | Finding::SubjectToken => {
                let audience = repeat("--exchange-audience", self.audiences.get(..1).unwrap_or_default());
                format!(" --subject-token-from {}{audience}", value(&self.subject_token, "SOURCE"))
            }
            Finding::Introspection => " --introspect".to_owned(),
            Finding::RedirectUri => {
                format!(" --redirect-uri {}", value(&self.redirect_uri, "http://127.0.0.1/callback"))
            }
            Finding::Refresh => " --refresh-token-from SOURCE".to_owned(),
            Finding::Registration => " --register".to_owned(),
            Finding::Scope => repeat("--expect-scope", &self.scopes),
            _ => String::new(),
        }
    }
}

/// The flag with each of these values.
fn repeat(flag: &str, values: &[String]) -> String {
    values.iter().flat_map(|value| [" ", flag, " ", &quote_for_shell(value)].map(str::to_owned)).collect()
}

impl Error {
    /// Whether a check of `hallpass doctor` explains it, and a person should hear of that.
    pub fn is_examined(&self) -> bool {
        self.finding.is_some() && matches!(self.exit, exit::CONFIG | exit::REFUSED | exit::UNSAFE)
    }

    /// The same with the call of `hallpass doctor` that explains it as its last hint.
    #[must_use]
    pub fn or_examine(self, given: &Examination) -> Self {
        let Some(finding) = self.finding.filter(|_| self.is_examined()) else { return self };
        let target = match (given.zone.as_deref(), &given.issuer) {
            (Some(EPHEMERAL), _) => String::new(),
            (Some(zone), _) => format!(" -z {zone}"),
            (None, Some(issuer)) => format!(" {}", quote_for_shell(issuer)),
            (None, None) => return self,
        };
        self.hint(format!("to find out why: hallpass doctor{target}{}", given.flags(finding)))
    }
}
