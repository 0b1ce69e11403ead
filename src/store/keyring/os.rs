//! The operating system's keyring itself: Secret Service, Keychain, Credential Manager.

use std::collections::HashMap;

use keyring_core::Error;
use zeroize::Zeroize as _;

use crate::edges::{Keyring, KeyringFault};
use crate::secret::Secret;
use crate::text::sanitize;

const SERVICE: &str = "hallpass";

/// The keyring of the session. Any call may block for ever.
#[derive(Debug, Clone, Copy)]
pub struct OsKeyring;

impl Keyring for OsKeyring {
    fn probe(&self) -> Result<(), KeyringFault> {
        session::probe()
    }

    fn unlock(&self) -> Result<(), KeyringFault> {
        session::unlock()
    }

    fn get(&self, user: &str) -> Result<Option<Secret>, KeyringFault> {
        match find_entry(user)?.get_secret() {
            Ok(bytes) => Secret::from_utf8(bytes).map(Some).ok_or_else(not_text),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(into_fault(error)),
        }
    }

    fn set(&self, user: &str, secret: &Secret) -> Result<(), KeyringFault> {
        find_entry(user)?.set_secret(secret.expose().as_bytes()).map_err(into_fault)
    }

    fn delete(&self, user: &str) -> Result<bool, KeyringFault> {
        match find_entry(user)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(into_fault(error)),
        }
    }

    fn users(&self) -> Result<Vec<String>, KeyringFault> {
        session::users()
    }
}

/// Makes the store of this platform the default one, once in a process.
fn open_store() -> Result<(), KeyringFault> {
    keyring::Entry::store_status().as_ref().map_err(|error| match error {
        Error::PlatformFailure(cause) => KeyringFault::Absent(sanitize(&cause.to_string())),
        _ => KeyringFault::Absent("it did not start".to_owned()),
    })?;
    Ok(())
}

fn find_entry(user: &str) -> Result<keyring_core::Entry, KeyringFault> {
    open_store()?;
    let label = format!("{SERVICE} {user}");
    let modifiers: HashMap<&str, &str> = if cfg!(windows) {
        // The default roams to other machines of the domain.
        HashMap::from([("persistence", "Local")])
    } else if cfg!(target_os = "macos") {
        HashMap::new()
    } else {
        HashMap::from([("label", label.as_str())])
    };
    keyring_core::Entry::new_with_modifiers(SERVICE, user, &modifiers).map_err(into_fault)
}

/// Keeps the facts and drops the error, which may contain the secret.
fn into_fault(error: Error) -> KeyringFault {
    match error {
        Error::NoStorageAccess(_) => KeyringFault::Locked,
        Error::PlatformFailure(cause) => {
            let message = sanitize(&cause.to_string());
            // macOS over SSH, and Windows in a session without a logon.
            if message.contains("-25308") || message.contains("logon session does not exist") {
                KeyringFault::Absent(message)
            } else {
                KeyringFault::Failed(message)
            }
        }
        Error::NoDefaultStore => KeyringFault::Absent("it did not start".to_owned()),
        Error::TooLong(_, limit) => KeyringFault::Failed(format!("it takes at most {limit} bytes")),
        Error::Ambiguous(_) => KeyringFault::Failed("it contains several items of this name".to_owned()),
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            not_text()
        }
        _ => KeyringFault::Failed("it can't do this".to_owned()),
    }
}

fn not_text() -> KeyringFault {
    KeyringFault::Failed("the item is not text".to_owned())
}

#[cfg(target_os = "linux")]
mod session {
    //! Calls the Secret Service directly where the store would unlock what it finds and so open a dialog.

    use std::collections::HashMap;

    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error};

    use super::{SERVICE, sanitize};
    use crate::edges::KeyringFault;

    pub(super) fn probe() -> Result<(), KeyringFault> {
        let service = connect()?;
        if service.get_default_collection().and_then(|it| it.is_locked()).map_err(into_fault)? {
            return Err(KeyringFault::Locked);
        }
        // An item of ours in another collection would have that one unlocked.
        let found = service.search_items(our_attributes()).map_err(into_fault)?;
        if found.locked.is_empty() { Ok(()) } else { Err(KeyringFault::Locked) }
    }

    /// The dialog of the desktop for the default collection, then for those that hold items of ours.
    pub(super) fn unlock() -> Result<(), KeyringFault> {
        let service = connect()?;
        service.get_default_collection().and_then(|it| it.unlock()).map_err(into_fault)?;
        let found = service.search_items(our_attributes()).map_err(into_fault)?;
        found.locked.iter().try_for_each(secret_service::blocking::Item::unlock).map_err(into_fault)
    }

    pub(super) fn users() -> Result<Vec<String>, KeyringFault> {
        let service = connect()?;
        let found = service.search_items(our_attributes()).map_err(into_fault)?;
        let mut users = Vec::new();
        for item in &found.unlocked {
            users.extend(item.get_attributes().map_err(into_fault)?.remove("username"));
        }
        Ok(users)
    }

    /// Nothing is encrypted, because no secret is read: the key agreement takes longer than all the rest.
    fn connect() -> Result<SecretService<'static>, KeyringFault> {
        SecretService::connect(EncryptionType::Plain)
            .map_err(|error| KeyringFault::Absent(sanitize(&error.to_string())))
    }

    fn our_attributes() -> HashMap<&'static str, &'static str> {
        HashMap::from([("service", SERVICE)])
    }

    fn into_fault(error: Error) -> KeyringFault {
        match error {
            Error::Locked | Error::Prompt => KeyringFault::Locked,
            Error::NoResult => KeyringFault::NoCollection,
            Error::Unavailable => KeyringFault::Absent("it went away".to_owned()),
            other => KeyringFault::Failed(sanitize(&other.to_string())),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod session {
    use std::collections::HashMap;

    use crate::edges::KeyringFault;

    pub(super) fn probe() -> Result<(), KeyringFault> {
        super::open_store()
    }

    /// The system asks when an item is read.
    pub(super) fn unlock() -> Result<(), KeyringFault> {
        super::open_store()
    }

    pub(super) fn users() -> Result<Vec<String>, KeyringFault> {
        super::open_store()?;
        // Windows searches by a pattern over `user.service`.
        let pattern = format!(r"\.{}$", super::SERVICE);
        let ours = if cfg!(windows) { ("pattern", pattern.as_str()) } else { ("service", super::SERVICE) };
        let found = keyring_core::Entry::search(&HashMap::from([ours])).map_err(super::into_fault)?;
        Ok(found.iter().filter_map(|entry| entry.get_specifiers()).map(|(_, user)| user).collect())
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::Error;

    use super::into_fault;
    use crate::edges::KeyringFault;

    #[test]
    fn error_that_holds_secret_loses_it() {
        let cause = || std::io::Error::other("hunter2");
        for error in [
            Error::BadEncoding(b"hunter2".to_vec()),
            Error::BadDataFormat(b"hunter2".to_vec(), Box::new(cause())),
            Error::NoStorageAccess(Box::new(cause())),
            Error::BadStoreFormat("hunter2".to_owned()),
        ] {
            let fault = into_fault(error);
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
        assert_eq!(into_fault(Error::NoStorageAccess(Box::new(cause()))), KeyringFault::Locked);
    }
}
