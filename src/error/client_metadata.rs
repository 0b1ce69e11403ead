//! Failures of the commands that register a client and manage its registration.

use super::{Error, Hint, Kind, exit, usage};
use crate::source::Source;
use crate::text::sanitize;

pub fn key_without_save() -> Error {
    usage::conflict("--generate-key", "--no-save").hint("use a key of your own: --jwks-from SOURCE")
}

pub fn issuer_and_zone() -> Error {
    usage::conflict("ISSUER", "-z").hint("name the new zone with --save-as")
}

/// The zone is to get a client, and has one.
pub fn exists(zone: &str) -> Error {
    Error::usage(format!("zone {zone} has a client"))
        .hint("replace it with --replace, or save the new one as another zone: --save-as NAME")
}

/// A member that only the server may set.
pub fn server_managed(name: &str) -> Error {
    Error::usage(format!("--metadata-from contains {name}, which only the server may set"))
}

pub fn client_id_unset() -> Error {
    Error::usage("client_id can't be unset")
}

pub fn private_key() -> Error {
    Error::refused("jwks contains a private key, which must not be sent")
        .hint("give only public keys, or have a key generated: --generate-key ES256")
}

pub fn not_an_object(source: &Source, reason: &str) -> Error {
    Error::config("this is not client metadata")
        .because(format!("read from {}", sanitize(&source.to_string())))
        .because(reason)
}

pub fn public_client(zone: &str) -> Error {
    Error::usage(format!("the client of zone {zone} is public: it has nothing to rotate"))
}

pub fn key_elsewhere(zone: &str) -> Error {
    Error::usage(format!("the private key of zone {zone} is not in the vault; rotate it where it is stored"))
}

pub fn no_private_key(zone: &str) -> Error {
    Error::config(format!("zone {zone} has no private key"))
}

pub fn secret_unchanged(zone: &str) -> Error {
    let hint = Hint::edit(zone, "--client-secret-from -").purpose("have its administrator renew it, then");
    Error::new(Kind::Protocol, exit::REFUSED, "the server kept the old client secret").hint(hint)
}
