//! Tokens in an environment variable, separated by commas.

use subtle::Choice;

use super::evidence::{Evidence, Finding, Matched};
use super::presented::{NO_TOKEN, Presented};
use super::static_secret::is_same_secret;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::secret::Secret;
use crate::store::token_file::fingerprint;

#[derive(Debug)]
pub struct TokenList {
    name: String,
    tokens: Vec<Secret>,
}

impl TokenList {
    /// Reads the value of a variable. Spaces around a token and empty items are ignored.
    pub fn read(name: impl Into<String>, value: &Secret) -> Result<Self, Error> {
        let name = name.into();
        let tokens = value.expose().split(',').map(str::trim).filter(|token| !token.is_empty()).map(Secret::new);
        let tokens: Vec<Secret> = tokens.collect();
        if tokens.is_empty() {
            return Err(error::guard::no_tokens(&name));
        }
        Ok(Self { name, tokens })
    }
}

impl Evidence for TokenList {
    fn evaluate(&self, offered: &Presented, _now: Moment) -> Result<Finding, Error> {
        let Some(token) = &offered.token else { return Ok(Finding::refused(Matched::TokensEnv.name(), NO_TOKEN)) };
        // Every token is compared, whatever the ones before it said.
        let found = self.tokens.iter().fold(Choice::from(0), |found, one| found | is_same_secret(one, token.expose()));
        if !bool::from(found) {
            return Ok(Finding::refused(Matched::TokensEnv.name(), format!("it is not in {}", self.name)));
        }
        let token = format!("a token of {} ({})", self.name, fingerprint(token));
        Ok(Finding::proven_by_secret(Matched::TokensEnv, None, &token, Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence as _, Finding, Presented, Secret, TokenList};
    use crate::edges::Moment;

    fn lets_in(value: &str, token: &str) -> bool {
        let list = TokenList::read("env:T", &Secret::new(value)).unwrap();
        let found = list.evaluate(&Presented::from_token(Secret::new(token)), Moment::from_epoch(0)).unwrap();
        matches!(found, Finding::Proven { .. })
    }

    #[test]
    fn each_token_lets_in_and_nothing_else_does() {
        for token in ["one", "two", "three"] {
            assert!(lets_in(" one,two,,three ,", token), "{token}");
        }
        for token in ["", " ", ",", "one,two", "on", "onee", "ONE", " one", "one\n"] {
            assert!(!lets_in("one,two", token), "{token:?}");
        }
    }

    #[test]
    fn no_token_is_configuration_and_not_no() {
        for value in ["", " ", ",", " ,\t, "] {
            assert_eq!(TokenList::read("env:T", &Secret::new(value)).unwrap_err().exit, 3, "{value:?}");
        }
    }

    #[test]
    fn no_bearer_token_is_no() {
        let list = TokenList::read("env:T", &Secret::new("one")).unwrap();
        let found = list.evaluate(&Presented::from_field(Secret::new("Basic one")), Moment::from_epoch(0)).unwrap();
        assert!(matches!(found, Finding::Refused { .. }));
    }
}
