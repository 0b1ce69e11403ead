//! The endpoints: each answers requests from the records of the model.

pub mod api;
pub mod assertion;
pub mod authorization;
pub mod client_request;
pub mod device;
pub mod discovery;
pub mod dpop;
pub mod form;
pub mod grant;
pub mod introspection;
pub mod logout;
pub mod page;
pub mod registration;
pub mod request;
pub mod requested_access;
pub mod response;
pub mod revocation;
pub mod token_response;
