//! Sign-ins that ended, can't be saved or whose refresh has an unknown outcome.

use std::path::Path;

use crate::edges::Moment;
use crate::store;

use super::{Error, Hint, Kind, exit};

pub fn none(zone: &str) -> Error {
    Error::sign_in(zone, format!("nobody is signed in to zone {zone}"))
}

/// The session has ended, for these reasons.
pub fn ended(zone: &str, causes: impl IntoIterator<Item = String>) -> Error {
    let error = Error::sign_in(zone, format!("the session of zone {zone} has ended"));
    causes.into_iter().fold(error, Error::because)
}

pub fn no_stored_token(zone: &str) -> Error {
    Error::sign_in(zone, format!("the vault holds no refresh token for zone {zone}"))
}

/// The session at the server can't be named, so it can't be ended.
pub fn no_id_token_to_end_it() -> Error {
    Error::new(Kind::Protocol, exit::REFUSED, "there is no ID token that identifies it")
}

/// A server that can't be asked to revoke, mostly for want of an endpoint, keeps nobody signed in here.
pub fn or_sign_out_here(error: Error, zone: &str) -> Error {
    if error.kind == Kind::Config {
        error.hint(format!("or sign out here only: hallpass logout -z {zone}"))
    } else {
        error
    }
}

pub fn damaged(zone: &str, fault: store::Fault) -> Error {
    Error::from(fault).hint(Hint::login(zone).purpose("sign in again"))
}

pub fn not_saved() -> Error {
    let message = "no refresh token, and the access token can't be cached: the sign-in was not saved";
    Error::new(Kind::Protocol, exit::UNSAFE, message).hint("ask for a refresh token: --scope offline_access")
}

/// The vault did not store the new refresh token, which is in this file now.
pub fn rescued(error: Error, path: &Path) -> Error {
    error
        .because(format!("the new refresh token was rescued into {}", path.display()))
        .hint("when the vault works again, the next token command moves it there")
}

/// The vault did not store the new refresh token, and it could not be rescued.
pub fn token_lost(zone: &str, error: Error, fault: &store::Fault) -> Error {
    error
        .because(format!("it could not be rescued either: {fault}"))
        .hint(Hint::login(zone).purpose("the new refresh token is lost"))
}

/// The outcome of a refresh that was sent then is unknown.
pub fn refresh_in_doubt(zone: &str, sent_at: Option<Moment>, cause: Option<String>) -> Error {
    let when = sent_at.map_or_else(String::new, |at| format!(" at {}", at.rfc3339()));
    let message =
        format!("the refresh for zone {zone} is in doubt: the refresh token was sent{when}, and no answer was saved");
    let error = Error::new(Kind::Network, exit::UNSAFE, message)
        .doubtful()
        .hint(Hint::login(zone).purpose("sign in again, which is always safe"))
        .hint(format!("or find out whether it was used: {}", question(zone)));
    cause.into_iter().fold(error, Error::because)
}

/// The answer is lost, but the refresh token does not rotate and may be sent again.
pub fn refresh_unanswered(zone: &str, error: Error) -> Error {
    let exit = if error.kind == Kind::Network { exit::RETRY } else { exit::UNSAFE };
    let message = format!("no answer came to the refresh for zone {zone}");
    let explained = error.causes.into_iter().fold(Error::new(error.kind, exit, message), Error::because);
    explained.because("the refresh token did not rotate so far, so it is sent again next time")
}

/// A refresh that the server did not do; `spent` says that it may have spent the refresh token anyway.
pub fn refresh_failed(zone: &str, error: Error, spent: bool, scope: &str) -> Error {
    if spent {
        let command = question(zone);
        return error.hint(format!("reusing a spent refresh token ends the session; check it first: {command}"));
    }
    match error.code.as_deref() {
        _ if error.exit != exit::REFUSED => error,
        Some("invalid_scope") => error.hint(
            Hint::login(zone)
                .with_flags(&format!("--scope '{scope}'"))
                .purpose("a scope beyond those of the sign-in needs a new one"),
        ),
        Some("interaction_required" | "login_required" | "consent_required" | "account_selection_required") => {
            let message = format!("the server wants somebody to sign in to zone {zone} again");
            Error { code: error.code.clone(), ..Error::sign_in(zone, message) }.because(error.chain())
        }
        // Of these another sign-in changes nothing.
        Some("invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_target") => error,
        _ => error.hint(Hint::login(zone)),
    }
}

/// The command that asks the server whether a zone's refresh token is still good.
fn question(zone: &str) -> String {
    format!("hallpass introspect vault:refresh_token --hint refresh_token -z {zone}")
}
