//! Registrations (RFC 7591, 7592) that fail, have an unknown outcome or can't be saved.

use std::path::Path;

use crate::edges::Moment;
use crate::text::sanitize;

use super::{Error, Hint, Kind, exit};

pub fn not_registered(zone: &str, what: &str) -> Error {
    Error::config(format!("zone {zone} has no {what}")).hint(format!(
        "its client was not registered by this installation; to register one: hallpass client register -z {zone}"
    ))
}

/// Another process gave the zone another client; a new registration is refused (2), the management of one fails (3).
pub fn client_changed(zone: &str, registering: bool) -> Error {
    let message = format!("zone {zone} has another client meanwhile");
    let error = if registering { Error::usage(message) } else { Error::config(message) };
    error.hint("see which: hallpass client list")
}

pub fn corrupt_journal(place: &str) -> Error {
    Error::storage(format!("{place} is corrupt")).hint("inspect it, then delete it")
}

pub fn answered_for_other_client() -> Error {
    Error::new(Kind::Protocol, exit::UNSAFE, "the server answered for another client (RFC 7592 §3)")
}

/// A response about another client is not saved yet; `command` saves it.
pub fn earlier_unsaved(zone: &str, client_id: &str, issuer: &str, command: Option<String>) -> Error {
    let error = Error::refused(format!("an earlier response for zone {zone} is not saved yet")).because(format!(
        "it is about the client {} at {}",
        sanitize(client_id),
        sanitize(issuer)
    ));
    let save = command.map(|command| format!("to save that client: {command}"));
    save.into_iter()
        .fold(error, Error::hint)
        .hint("to register another one, and keep that response in a file: --replace")
}

/// An earlier registration into this zone has an unknown outcome; `command` would use its client.
pub fn earlier_in_doubt(zone: &str, url: &str, at: Moment, command: &str) -> Error {
    Error::refused(format!("an earlier registration into zone {zone} is in doubt"))
        .because(format!("it was sent to {url} at {}, and no response to it could be used", at.rfc3339()))
        .registration_in_doubt(command)
}

/// The response could not be saved; it is in the journal at this path, and `command` saves it.
pub fn unsaved(why: &Error, path: &Path, command: &str) -> Error {
    let path = path.display();
    could_not_save(why).hint(format!("the response is saved in {path}; after fixing the cause run {command}"))
}

/// The response could be saved neither in the zone nor in the journal.
pub fn unrecorded(why: &Error, journal: &Error) -> Error {
    could_not_save(why).because(format!("the journal could not be written: {}", journal.chain()))
}

fn could_not_save(why: &Error) -> Error {
    Error::storage("the server's response could not be saved").because(why.chain())
}

impl Error {
    /// Nobody knows whether the registration created a client; `command` would use it.
    #[must_use]
    pub fn registration_in_doubt(self, command: &str) -> Self {
        self.doubtful().use_client(command).hint("to register anyway (may create a second client): --replace")
    }

    /// The server failed, maybe after it created the client.
    #[must_use]
    pub fn registration_failed(self, command: &str) -> Self {
        self.use_client(command).hint("if no client was created, run the command again; otherwise you get a second one")
    }

    fn use_client(self, command: &str) -> Self {
        self.hint("check at the server for a client with this name, created at that time")
            .hint(format!("if it was created, use it: {command}"))
    }

    #[must_use]
    pub fn maybe_registered(self) -> Self {
        self.hint("check at the server whether the client was created before you try again")
    }

    /// The client could not be saved; `deleted` says whether it was deleted at the server again.
    #[must_use]
    pub fn unsaved_client(self, client_id: &str, deleted: bool) -> Self {
        self.hint(if deleted {
            "the client was deleted again: nothing is left at the server".to_owned()
        } else {
            format!("the client {client_id} stays at the server and its secret is lost")
        })
    }

    /// The unusable response was saved in a file, or could not be.
    #[must_use]
    pub fn with_saved_response(self, saved: Result<&Path, &Self>) -> Self {
        match saved {
            Ok(path) => self.hint(format!("the server's response, including secrets, was saved to {}", path.display())),
            Err(error) => self.because(format!("the response could not be saved: {}", error.chain())),
        }
    }

    /// The request to manage the client was sent, and its outcome is unknown.
    #[must_use]
    pub fn management_in_doubt(self, zone: &str) -> Self {
        self.hint(format!("check whether the registration access token is still good: hallpass client show -z {zone}"))
            .hint(format!("if it is not, {}", replace_token(zone)))
    }

    /// The server failed, maybe after it changed the client.
    #[must_use]
    pub fn maybe_changed(self, zone: &str) -> Self {
        self.hint(format!("check whether the change was applied: hallpass client show -z {zone}"))
    }

    /// The server may have refused the registration access token.
    #[must_use]
    pub fn management_refused(self, zone: &str) -> Self {
        if self.exit != exit::REFUSED || self.kind != Kind::Authentication {
            return self;
        }
        self.hint(format!("the registration access token is no longer good; {}", replace_token(zone)))
    }

    /// RFC 7592 §2.3: a server may keep a client from deleting itself; the zone can go without.
    #[must_use]
    pub fn or_zone_alone(self, status: u16, zone: &str) -> Self {
        if !matches!(status, 403 | 405 | 501) {
            return self;
        }
        self.hint(format!("its administrator can delete it; to remove the zone alone: hallpass zone remove {zone}"))
    }

    /// The server may have taken a new key; these flags use it.
    #[must_use]
    pub fn maybe_new_key(self, zone: &str, flags: String) -> Self {
        self.hint(Hint::edit(zone, flags).purpose("if the server took the new key"))
    }

    #[must_use]
    pub fn with_earlier_key(self, kid: &str, path: &Path) -> Self {
        self.hint(format!("an earlier one, {kid}, is in {}", path.display()))
    }
}

fn replace_token(zone: &str) -> String {
    format!("the server's administrator can issue another one: hallpass client show -z {zone} --token-from SOURCE")
}
