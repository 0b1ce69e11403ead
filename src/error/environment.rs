//! Variables of the environment that can't be used.

use super::Error;
use crate::edges::VariableFault;

/// A format for a CI runner, which is not there to name the file.
pub fn no_runner(variable: &str) -> Error {
    Error::config(format!("{variable} is not set")).hint("this format is for a step of GitHub Actions, which sets it")
}

impl From<VariableFault> for Error {
    fn from(fault: VariableFault) -> Self {
        let error = Self::config(fault.to_string());
        match fault {
            VariableFault::Empty(name) => error.hint(format!("set {name} to a value, or unset it")),
            VariableFault::NotUtf8(_) => error,
        }
    }
}
