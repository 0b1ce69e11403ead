//! The user's settings: the table `[settings]` of `config.toml`.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use super::{Backend, Fault};
use crate::edges::parse_span;

pub const KEYS: [&str; 5] = ["deadline", "cacert", "proxy", "vault", "shared_cache"];

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How long a command may take.
    pub deadline: Option<Duration>,
    /// Certificate authorities to trust besides the system's, a PEM file.
    pub cacert: Option<PathBuf>,
    pub proxy: Option<String>,
    /// The vault backend for new zones.
    pub vault: Option<Backend>,
    /// The engine of the shared cache, a URL.
    pub shared_cache: Option<String>,
}

pub fn read(reader: &Reader<'_>) -> Result<Settings, Fault> {
    let deadline = reader.string("deadline")?.map(parse_span).transpose();
    Ok(Settings {
        deadline: deadline.map_err(|reason| reader.wrong("deadline", format!("is invalid: {reason}")))?,
        cacert: reader.string("cacert")?.map(Into::into),
        proxy: reader.string("proxy")?.map(str::to_owned),
        vault: reader.value("vault")?,
        shared_cache: reader.string("shared_cache")?.map(str::to_owned),
    })
}
