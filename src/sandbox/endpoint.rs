//! What answers requests.

pub mod assertion;
pub mod authorization;
pub mod binding;
pub mod dpop;
pub mod form;
pub mod grant;
pub mod introspection;
pub mod issue;
pub mod jwks;
pub mod logout;
pub mod message;
pub mod metadata;
pub mod page;
pub mod par;
pub mod redirect;
pub mod registration;
pub mod revocation;
pub mod token;
