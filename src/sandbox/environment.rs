//! The environment of a command that runs inside the sandbox.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::error::Error;
use super::instance::Sandbox;
use crate::edges::Environment;
use crate::secret::Secret;
use crate::source;

/// They control how hallpass prints, not who it is or where its files are.
const INHERITED: [&str; 5] =
    ["HALLPASS_LOG", "HALLPASS_FORMAT", "HALLPASS_DEADLINE", "HALLPASS_NO_INPUT", "HALLPASS_NO_SPINNER"];
const VAULT_KEY: &str = "HALLPASS_SANDBOX_VAULT_KEY";

#[derive(Debug)]
pub struct ChildPlace {
    pub home: PathBuf,
    /// The directory where this program is called `hallpass`.
    pub bin: PathBuf,
    pub files: PathBuf,
    pub vault_key: Secret,
}

#[derive(Debug)]
pub struct ChildFile {
    pub variable: &'static str,
    pub name: &'static str,
    pub content: Secret,
}

pub fn files(sandbox: &Sandbox) -> [ChildFile; 5] {
    let authority = &sandbox.state().authority;
    let (client, self_signed) = (&authority.client, &authority.self_signed);
    let file = |variable, name, content: &str| ChildFile { variable, name, content: Secret::new(content) };
    [
        file("HALLPASS_SANDBOX_CACERT", "ca.pem", &authority.pem),
        file("HALLPASS_SANDBOX_CERT", "client.pem", &client.pem),
        file("HALLPASS_SANDBOX_CERT_KEY", "client.key", client.key.expose()),
        file("HALLPASS_SANDBOX_SELF_SIGNED_CERT", "self-signed.pem", &self_signed.pem),
        file("HALLPASS_SANDBOX_SELF_SIGNED_CERT_KEY", "self-signed.key", self_signed.key.expose()),
    ]
}

/// In a fixed order; the secrets are valid in this sandbox only.
pub fn variables(sandbox: &Sandbox, place: &ChildPlace) -> Vec<(OsString, OsString)> {
    let (state, main) = (sandbox.state(), sandbox.main_client());
    let secret = main.secret.as_ref().map_or("", Secret::expose);
    let mut variables: Vec<(&str, OsString)> = vec![
        ("HALLPASS_ISSUER", sandbox.issuer().into()),
        ("HALLPASS_CLIENT_ID", main.id.as_str().into()),
        ("HALLPASS_CLIENT_SECRET", secret.into()),
        ("HALLPASS_HOME", place.home.clone().into()),
        ("HALLPASS_VAULT", "sealed".into()),
        ("HALLPASS_VAULT_KEY_FROM", format!("env:{VAULT_KEY}").into()),
        (VAULT_KEY, place.vault_key.expose().into()),
        ("HALLPASS_SANDBOX_API_URL", format!("{}{}", state.origin, super::endpoint::api::PATH).into()),
        ("HALLPASS_SANDBOX_SILENT_API_URL", format!("{}{}", state.origin, super::endpoint::api::SILENT).into()),
        ("HALLPASS_SANDBOX_ASSERTION", state.assertion.expose().into()),
        ("HALLPASS_SANDBOX_INITIAL_TOKEN", state.initial_token.expose().into()),
        ("HALLPASS_SANDBOX_SOFTWARE_STATEMENT", state.software_statement.expose().into()),
    ];
    for client in sandbox.clients() {
        if let (Some(name), Some(secret)) =
            (client.variable.as_deref(), client.private_key.as_ref().or(client.secret.as_ref()))
        {
            variables.push((name, secret.expose().into()));
        }
    }
    variables.extend(files(sandbox).map(|file| (file.variable, place.files.join(file.name).into())));
    variables.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// The outer environment without its `HALLPASS_…` variables, except [`INHERITED`], and without those that contain a
/// secret of the outer vault or client; then [`variables`], with `bin` first on `PATH`.
pub fn child_environment(
    sandbox: &Sandbox,
    outer: &Environment,
    place: &ChildPlace,
) -> Result<Vec<(OsString, OsString)>, Error> {
    let is_ours = |name: &OsStr| name.as_encoded_bytes().starts_with(b"HALLPASS_");
    let is_kept = |name: &OsStr| !is_ours(name) || INHERITED.iter().any(|kept| name == *kept);
    let inherited = source::child_environment(outer, &[]);
    let outer_variables = inherited.all().filter(|(name, _)| *name != "PATH" && is_kept(name));
    let mut child: Vec<_> = outer_variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    child.extend(variables(sandbox, place));
    let path = outer.os("PATH").unwrap_or_default();
    let directories =
        std::iter::once(place.bin.clone()).chain(std::env::split_paths(path).filter(|_| !path.is_empty()));
    let path = std::env::join_paths(directories).map_err(|_| Error::Path(place.bin.clone()))?;
    child.push(("PATH".into(), path));
    Ok(child)
}
