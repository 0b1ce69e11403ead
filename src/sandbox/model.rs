//! What the server remembers.

pub mod authority;
pub mod certificate;
pub mod client;
pub mod device;
pub mod drawer;
pub mod person;
pub mod refresh;
