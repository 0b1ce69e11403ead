//! A person signs in and out.

pub mod authorization_request;
pub mod authorize;
pub mod device;
pub mod id_token;
pub mod logout;
