//! The sandbox's temporary directory.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::edges::random_hex;
use crate::error::{self, Error};
use crate::sandbox::Sandbox;
use crate::sandbox::environment::{ChildPlace, files, variables};
use crate::secret::Secret;
use crate::store::file::{Durability, write};
use crate::text::shell_quote::{quote_posix, quote_posix_word};

/// How many of the variables are those of the main client: issuer, client id and secret, which come first.
const MAIN_CLIENT: usize = 3;
/// A longer value is in a file.
const SHORT: usize = 60;

/// A directory below the one for temporary files; removed when this is dropped.
pub struct SandboxDirectory {
    path: PathBuf,
    pub place: ChildPlace,
}

impl SandboxDirectory {
    /// Creates it with all that the child needs.
    pub fn create(cx: &Context, sandbox: &Sandbox) -> Result<Self, Error> {
        let parent = cx.environment.os("TMPDIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let parent = parent.unwrap_or_else(|| PathBuf::from("/tmp"));
        let name = random_hex::<8>(cx.entropy.as_ref()).map_err(|cause| error::sandbox::internal(&cause))?;
        let path = parent.join(format!("hallpass-sandbox-{name}"));
        let [home, bin, certificates] = ["home", "bin", "files"].map(|name| path.join(name));
        let create = |path: &Path| std::fs::DirBuilder::new().mode(0o700).create(path);
        [&path, &home, &bin, &certificates]
            .into_iter()
            .try_for_each(|path| create(path))
            .map_err(|cause| error::sandbox::no_directory(&path, &cause))?;
        let directory = Self { path, place: ChildPlace { home, bin, files: certificates, vault_key: random_key(cx)? } };
        for file in files(sandbox) {
            let path = directory.place.files.join(file.name);
            write(&path, file.content.expose().as_bytes(), Durability::Volatile)?;
        }
        if let Some(exe) = &cx.environment.exe {
            std::os::unix::fs::symlink(exe, directory.place.bin.join("hallpass"))
                .map_err(|cause| error::sandbox::no_link(&cause))?;
        }
        Ok(directory)
    }

    /// The variables of the sandbox as short lines that a shell evaluates, those of its main client last. What is long, as
    /// a key, is in a file.
    pub fn exports(&self, sandbox: &Sandbox) -> Result<String, Error> {
        let mut variables = variables(sandbox, &self.place);
        variables.rotate_left(MAIN_CLIENT);
        let mut lines = String::new();
        for (name, value) in variables {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
            let mut word = quote_posix(&value);
            if word.len() > SHORT || word.contains('\n') {
                let path = self.place.files.join(&*name);
                write(&path, value.as_bytes(), Durability::Volatile)?;
                word = format!("\"$(cat {})\"", quote_posix_word(&path.to_string_lossy()));
            }
            lines.extend(["export ", &name, "=", &word, "\n"]);
        }
        Ok(lines)
    }
}

impl Drop for SandboxDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn random_key(cx: &Context) -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    cx.entropy.fill(&mut *bytes).map_err(|cause| error::sandbox::internal(&cause))?;
    Ok(Secret::new(STANDARD.encode(*bytes)))
}
