//! Shares a failure with the processes that waited for the same lock, so that they do not send the request again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::edges::{Moment, random_hex};
use crate::error::Error;
use crate::flows::client::credential::Credential;
use crate::hex;
use crate::jose::MacKey;
use crate::secret::Secret;
use crate::store::TokenKey;
use crate::store::file::{self, Durability};

const LIMIT: u64 = 16 * 1024;

#[derive(Serialize, Deserialize)]
struct Failure {
    at: i64,
    /// The fingerprint of the credential that it was met with.
    credential: String,
    error: Error,
}

/// The failure that another process met while this one waited, with the same credential.
pub fn shared_failure(cx: &Context, zone: &Zone, key: &TokenKey) -> Option<Error> {
    let bytes = file::read(&failure_path(cx, key)?, LIMIT).ok()??;
    let failure: Failure = serde_json::from_slice(&bytes).ok()?;
    let at = Moment::from_millis(failure.at);
    if at < cx.started() || at > cx.clock.now() {
        return None;
    }
    // It may have been rotated between the two.
    Credential::of(cx, zone).ok()?;
    (failure.credential == fingerprint(cx, zone)?).then_some(failure.error)
}

/// Shares a failure of the server or the network, without the secrets of this process.
pub fn share_failure(cx: &Context, zone: &Zone, key: &TokenKey, error: &Error) {
    if error.silent || !error.is_shared_by_callers() || cx.deadline().remaining().is_none() {
        return;
    }
    let Some(credential) = fingerprint(cx, zone) else { return };
    let failure = Failure { at: cx.clock.now().millis(), credential, error: error.clone().redact(&cx.ui.secrets()) };
    if let (Ok(bytes), Some(path)) = (serde_json::to_vec(&failure), failure_path(cx, key)) {
        // Those who wait then ask for themselves.
        let _ = file::write(&path, &bytes, Durability::Volatile);
    }
}

/// The credential that this process used, under the random key of this home: a weak secret could be guessed from a bare
/// hash.
fn fingerprint(cx: &Context, zone: &Zone) -> Option<String> {
    let digest = cx.proofs.credential(&zone.name)?;
    let key = MacKey::new(&home_key(cx).ok()??)?;
    Some(hex::encode(&key.tag(digest.expose().as_bytes())))
}

/// The random key beside the failures, made where there is none.
fn home_key(cx: &Context) -> Result<Option<Secret>, Error> {
    let _lock = cx.lock(&LockName::FailureKey)?;
    let path = cx.paths()?.failure_key();
    if let Some(bytes) = file::read(&path, 64)? {
        return Ok(Secret::from_utf8(bytes).filter(|key| key.expose().len() == 64));
    }
    let Ok(key) = random_hex::<32>(&*cx.entropy) else { return Ok(None) };
    file::write(&path, key.as_bytes(), Durability::Volatile)?;
    Ok(Some(Secret::new(key)))
}

/// Beside the lock, which everybody who waits has in common.
fn failure_path(cx: &Context, key: &TokenKey) -> Option<PathBuf> {
    Some(cx.paths().ok()?.token_failure(&key.file_name()))
}
