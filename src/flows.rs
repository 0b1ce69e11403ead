//! Several exchanges, or any waiting, in rooms by what a user does.
//!
//! An arrow goes one way: `zone` > `sign_in` and `registration` > `revocation` > `token` > `introspection` > `keys` and `client` >
//! `discovery` and `resource` > `well_known`.

pub mod client;
pub mod discovery;
pub mod introspection;
pub mod keys;
pub mod registration;
pub mod resource;
pub mod revocation;
pub mod sign_in;
pub mod token;
pub mod well_known;
pub mod zone;
