//! Zones and settings: from `config.toml`, the environment and a project; and where the directories are.
//!
//! Nothing here writes a file: the caller locks, reads and writes it.

mod backend;
mod check;
mod edit;
mod encode;
pub mod ephemeral;
mod fault;
mod field;
mod file;
mod host;
mod issuer;
mod name;
mod paths;
pub mod project;
mod reader;
pub mod row;
mod setting;
mod settings;
mod summary;
pub mod table;
pub mod transfer;
mod value;
mod zone;

pub use backend::Backend;
pub use fault::Fault;
pub use file::{CONFIG_LIMIT, Config};
pub use host::HostPattern;
pub use issuer::{check_issuer, resolve_endpoint};
pub use name::{EPHEMERAL, check_name, derive_zone_name};
pub use paths::Paths;
pub use row::Row;
pub use setting::{Origin, Setting};
pub use settings::Settings;
pub use value::{SettingValue, ValueKind};
pub use zone::{SecretLocation, Zone};
