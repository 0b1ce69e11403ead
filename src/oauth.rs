//! The protocol without I/O. Each exchange is three functions: `request()` builds, `http` sends, `read()` parses.

pub mod authorization;
pub mod bearer;
pub mod challenge;
pub mod claim;
pub mod client_assertion;
pub mod client_auth;
pub mod device;
pub mod dpop;
pub mod end_session;
pub mod error;
pub mod exchange;
pub mod expiry;
pub mod fault;
pub mod grant;
pub mod id_token;
pub mod introspection;
pub mod issuer;
pub mod json;
pub mod jwks;
pub mod members;
pub mod message;
pub mod metadata;
pub mod native_client;
pub mod par;
pub mod parameters;
pub mod pkce;
pub mod protected_resource;
pub mod registration;
pub mod revocation;
pub mod secure_url;
pub mod token;
pub mod token_request;
pub mod validity;
pub mod warnings;

pub use fault::Fault;
