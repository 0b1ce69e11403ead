//! What a command that runs inside the sandbox finds in its environment.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{Error, Sandbox};
use crate::edges::Environment;
use crate::secret::Secret;

/// Outer variables of ours that reach the child: they say how hallpass talks, not who it is or where its things are.
const KEPT: [&str; 5] =
    ["HALLPASS_LOG", "HALLPASS_FORMAT", "HALLPASS_DEADLINE", "HALLPASS_NO_INPUT", "HALLPASS_NO_SPINNER"];
/// The variable that holds the key of the child's vault.
const VAULT_KEY: &str = "HALLPASS_SANDBOX_VAULT_KEY";

/// What a child is given besides variables.
#[derive(Debug)]
pub struct Place {
    /// Its `HALLPASS_HOME`.
    pub home: PathBuf,
    /// The folder where this program is called `hallpass`.
    pub bin: PathBuf,
    /// The folder of the [`files`], which who makes the place writes.
    pub files: PathBuf,
    /// The key of its vault.
    pub vault_key: Secret,
}

/// A file that a child can name: certificates and their keys (RFC 8705).
#[derive(Debug)]
pub struct File {
    /// The variable that holds its path.
    pub variable: &'static str,
    /// Its name in the folder.
    pub name: &'static str,
    /// What is in it.
    pub content: Secret,
}

/// The files of a child.
pub fn files(sandbox: &Sandbox) -> [File; 5] {
    let authority = &sandbox.state.authority;
    let (client, stranger) = (&authority.client, &authority.stranger);
    let file = |variable, name, content: &str| File { variable, name, content: Secret::new(content) };
    [
        file("HALLPASS_SANDBOX_CACERT", "ca.pem", &authority.pem),
        file("HALLPASS_SANDBOX_CERT", "client.pem", &client.pem),
        file("HALLPASS_SANDBOX_CERT_KEY", "client.key", client.key.expose()),
        file("HALLPASS_SANDBOX_SELF_SIGNED_CERT", "self-signed.pem", &stranger.pem),
        file("HALLPASS_SANDBOX_SELF_SIGNED_CERT_KEY", "self-signed.key", stranger.key.expose()),
    ]
}

/// The variables that the sandbox sets, in a fixed order: for printing as `env` lines. The values hold secrets, which
/// open nothing but this sandbox.
pub fn variables(sandbox: &Sandbox, place: &Place) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = vec![
        ("HALLPASS_ISSUER".into(), sandbox.issuer().into()),
        ("HALLPASS_CLIENT_ID".into(), sandbox.client_id().into()),
        ("HALLPASS_CLIENT_SECRET".into(), sandbox.client_secret().expose().into()),
        ("HALLPASS_HOME".into(), place.home.clone().into()),
        ("HALLPASS_VAULT".into(), "sealed".into()),
        ("HALLPASS_VAULT_KEY_FROM".into(), format!("env:{VAULT_KEY}").into()),
        (VAULT_KEY.into(), place.vault_key.expose().into()),
    ];
    variables.push(("HALLPASS_SANDBOX_ASSERTION".into(), sandbox.assertion().expose().into()));
    variables.push(("HALLPASS_SANDBOX_INITIAL_TOKEN".into(), sandbox.initial_token().expose().into()));
    variables.push(("HALLPASS_SANDBOX_SOFTWARE_STATEMENT".into(), sandbox.software_statement().expose().into()));
    for client in sandbox.clients() {
        if let (Some(name), Some(secret)) = (client.variable, client.private_key.as_ref().or(client.secret.as_ref())) {
            variables.push((name.into(), secret.expose().into()));
        }
    }
    variables.extend(files(sandbox).map(|file| (file.variable.into(), place.files.join(file.name).into())));
    variables
}

/// The whole environment of the child: the outer one without its `HALLPASS_…` variables, then [`variables`], with the
/// place's `bin` first on `PATH`.
///
/// Five outer variables stay: `HALLPASS_LOG`, `_FORMAT`, `_DEADLINE`, `_NO_INPUT` and `_NO_SPINNER`. What
/// `HALLPASS_VAULT_KEY_FROM` and `HALLPASS_VAULT_PASSPHRASE_FROM` point to with `env:NAME` goes as well: it opens the
/// outer vault.
///
/// # Errors
/// [`Error::Path`] when `bin` holds the separator of `PATH`.
pub fn child_environment(
    sandbox: &Sandbox,
    outer: &Environment,
    place: &Place,
) -> Result<Vec<(OsString, OsString)>, Error> {
    let keys: Vec<&str> = ["HALLPASS_VAULT_KEY_FROM", "HALLPASS_VAULT_PASSPHRASE_FROM"]
        .into_iter()
        .filter_map(|name| outer.text(name)?.strip_prefix("env:"))
        .collect();
    let mut child: Vec<(OsString, OsString)> = Vec::new();
    let mut path = None;
    for (name, value) in outer.all() {
        if is(name, "PATH") {
            path = Some((name, value));
        } else if (!ours(name) || KEPT.iter().any(|kept| is(name, kept))) && !keys.iter().any(|key| is(name, key)) {
            child.push((name.to_owned(), value.to_owned()));
        }
    }
    child.extend(variables(sandbox, place));
    let (name, value) = path.unwrap_or((OsStr::new("PATH"), OsStr::new("")));
    let folders = std::iter::once(place.bin.clone()).chain(std::env::split_paths(value).filter(|_| !value.is_empty()));
    let joined = std::env::join_paths(folders).map_err(|_| Error::Path(place.bin.clone()))?;
    child.push((name.to_owned(), joined));
    Ok(child)
}

/// Names of variables do not differ by case on Windows.
fn is(name: &OsStr, known: &str) -> bool {
    name == known || (cfg!(windows) && name.eq_ignore_ascii_case(known))
}

fn ours(name: &OsStr) -> bool {
    let start = name.as_encoded_bytes().get(.."HALLPASS_".len()).unwrap_or_default();
    start == b"HALLPASS_" || (cfg!(windows) && start.eq_ignore_ascii_case(b"HALLPASS_"))
}
