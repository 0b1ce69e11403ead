//! The records that the server keeps.

pub mod access;
pub mod authority;
pub mod certificate;
pub mod client;
pub mod clients;
pub mod device;
pub mod expiring_store;
pub mod oauth_error;
pub mod redirect;
pub mod session;
pub mod signer;

pub use access::{AuthorizationRequest, GrantedAccess};
pub use authority::Authority;
pub use certificate::KnownCertificate;
pub use client::{Client, Registration};
pub use clients::seed_clients;
pub use device::Device;
pub use expiring_store::ExpiringStore;
pub use oauth_error::OAuthError;
pub use session::RefreshTokenFamily;
pub use signer::Signer;
