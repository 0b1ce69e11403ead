//! JSON Web Tokens: decoding, verifying, signing and keys (RFC 7515, 7517, 7519). The only room that names
//! `jsonwebtoken` and `aws-lc-rs`.

mod algorithm;
mod decode;
pub mod dpop;
mod fault;
mod hmac;
mod jwk;
mod key;
mod pem;
mod public_key;
mod sign;
mod thumbprint;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use decode::{Decoded, decode};
pub use fault::Fault;
pub use hmac::MacKey;
pub use jwk::select_jwk;
pub use key::SigningKey;
pub use sign::{sign, sign_shared, sign_with_certificate, sign_with_header};
pub use thumbprint::thumbprint;
pub use verify::{verify, verify_shared};
