//! The value of a flag that is one of a few names, or something else that is accepted.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};

use crate::config::Backend;

/// Takes the name of a vault.
pub fn vault_parser() -> impl TypedValueParser<Value = Backend> {
    PossibleValuesParser::new(Backend::ALL.map(Backend::name)).try_map(|name| name.parse::<Backend>())
}

/// Takes what `accepts` takes; the names are for help, completion and the error.
#[derive(Clone)]
pub struct ChoiceParser<F> {
    names: PossibleValuesParser,
    accepts: F,
}

impl<F: Fn(&str) -> bool + Clone + Send + Sync + 'static> ChoiceParser<F> {
    pub fn new(names: Vec<&'static str>, accepts: F) -> Self {
        Self { names: PossibleValuesParser::new(names), accepts }
    }
}

impl<F: Fn(&str) -> bool + Clone + Send + Sync + 'static> TypedValueParser for ChoiceParser<F> {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        match value.to_str().filter(|text| (self.accepts)(text)) {
            Some(text) => Ok(text.to_owned()),
            None => self.names.parse_ref(command, argument, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.names.possible_values()
    }
}
