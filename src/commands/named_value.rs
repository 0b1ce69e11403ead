//! Flags whose values are the names of a type's own list.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A value's name on the command line, its help, and the value.
pub type NamedValue<T> = (&'static str, &'static str, T);

pub fn named_value<T: Copy + Send + Sync>(values: &'static [NamedValue<T>]) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.iter().map(|(name, help, _)| PossibleValue::new(*name).help(*help))).try_map(
        move |name| {
            let found = values.iter().find(|(known, ..)| *known == name);
            found.map(|(.., value)| *value).ok_or("not one of the names")
        },
    )
}
