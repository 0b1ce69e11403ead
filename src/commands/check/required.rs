//! The requirements on who a credential is for, and what it grants.

use crate::commands::named_value::{NamedValue, named_value};
use crate::commands::reading::{ReadingFlags, parse_name};
use crate::guard::Requirements;
use crate::identity::Kind;

const KINDS: &[NamedValue<Kind>] = &[("user", "A user", Kind::User), ("service", "A service", Kind::Service)];

/// The flags of requirements.
#[derive(Debug, clap::Args)]
pub struct Required {
    /// Require a user or a service
    #[arg(long, value_name = "KIND", value_parser = named_value(KINDS))]
    kind: Option<Kind>,
    /// Require this role, a client's as CLIENT:ROLE; repeatable, all are required
    #[arg(long, value_name = "ROLE", value_parser = parse_name)]
    role: Vec<String>,
    /// Require one of these roles, separated by commas
    #[arg(long, value_name = "ROLES", value_parser = parse_choice)]
    any_role: Vec<Choice>,
    /// Require this scope; repeatable, splits on spaces, all are required
    #[arg(long, value_name = "SCOPE", value_parser = parse_words)]
    scope: Vec<Choice>,
    /// Require one of these scopes, separated by commas
    #[arg(long, value_name = "SCOPES", value_parser = parse_choice)]
    any_scope: Vec<Choice>,
    /// Require this audience; repeatable, all are required
    #[arg(long, value_name = "AUDIENCE", value_parser = parse_name)]
    audience: Vec<String>,
    /// Require this client
    #[arg(long, value_name = "ID", value_parser = parse_name)]
    client_id: Option<String>,
    /// Require this subject
    #[arg(long, value_name = "SUBJECT", value_parser = parse_name)]
    subject: Option<String>,
    /// A credential with this role has every role (not every scope); repeatable
    #[arg(long, value_name = "ROLE", value_parser = parse_name)]
    admin_role: Vec<String>,
    #[command(flatten)]
    pub reading: ReadingFlags,
}

impl Required {
    pub fn requirements(&self) -> Requirements {
        let lists = |choices: &[Choice]| choices.iter().map(|choice| choice.0.clone()).collect();
        Requirements {
            kinds: self.kind.into_iter().collect(),
            roles: self.role.clone(),
            any_roles: lists(&self.any_role),
            scopes: self.scope.iter().flat_map(|words| words.0.clone()).collect(),
            any_scopes: lists(&self.any_scope),
            audiences: self.audience.clone(),
            client_ids: self.client_id.iter().cloned().collect(),
            subjects: self.subject.iter().cloned().collect(),
            admin_roles: self.admin_role.clone(),
        }
    }
}

/// Several names of one flag; never none.
#[derive(Debug, Clone)]
struct Choice(Vec<String>);

fn parse_choice(text: &str) -> Result<Choice, String> {
    text.split(',').map(|one| parse_name(one.trim())).collect::<Result<_, _>>().map(Choice)
}

fn parse_words(text: &str) -> Result<Choice, String> {
    parse_name(text)?;
    Ok(Choice(text.split_whitespace().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::{parse_choice, parse_name, parse_words};

    #[test]
    fn requirement_that_says_nothing_is_refused() {
        for nothing in ["", " ", "\t"] {
            assert!(
                parse_name(nothing).is_err() && parse_words(nothing).is_err() && parse_choice(nothing).is_err(),
                "{nothing:?}"
            );
        }
        for holey in [",", "a,", ",a", "a,,b", "a, ,b"] {
            assert!(parse_choice(holey).is_err(), "{holey}");
        }
        assert_eq!(parse_choice("a, b c").unwrap().0, ["a", "b c"]);
        assert_eq!(parse_words(" a  b ").unwrap().0, ["a", "b"]);
    }
}
