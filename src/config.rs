//! Zones and settings: what `config.toml`, the environment and a project say, and where directories are.
//!
//! Nothing here writes: edits turn a text into a text, and the caller locks, reads and writes the file.

mod backend;
mod decode;
mod edit;
mod encode;
pub mod ephemeral;
mod fault;
mod field;
mod file;
mod host;
mod issuer;
mod paths;
pub mod project;
mod reader;
mod setting;
mod settings;
mod summary;
pub mod table;
pub mod transfer;
mod value;
mod zone;

pub use backend::Backend;
pub use fault::Fault;
pub use field::Kind;
pub use file::Config;
pub use host::HostPattern;
pub use issuer::{check_issuer, resolve_endpoint, zone_name};
pub use paths::Paths;
pub use setting::{Origin, Setting, resolve};
pub use settings::Settings;
pub use value::SettingValue;
pub use zone::{EPHEMERAL, SecretLocation, Zone, check_name};
