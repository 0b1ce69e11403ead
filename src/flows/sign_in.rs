//! A person signs in and out.

pub mod attempt;
pub mod authorize;
pub mod device;
pub mod id_token;
pub mod logout;
