//! The key of the sealed vault: from a variable, else a person types the passphrase.

use crate::source::Source;
use crate::store::{Fault, KeySource, KeyUse};

use super::Context;

const PASSPHRASE: &str = "passphrase of the sealed vault";

/// How often a person may try a passphrase.
const TRIES: u8 = 3;

impl Context {
    /// Where the key of the sealed vault comes from; `None` when nothing names one, or no other one may be tried.
    pub(super) fn sealing_key(&self, key_use: KeyUse) -> Result<Option<KeySource>, Fault> {
        let mut known = self.sealing_key.borrow_mut();
        if key_use == KeyUse::OpenAgain {
            if known.tries == 0 || known.tries >= TRIES {
                return Ok(None);
            }
            self.ui.warn("wrong passphrase");
        } else if known.source.is_some() {
            return Ok(known.source.clone());
        } else {
            known.source = self.find_sealing_key().map_err(|reason| Fault::KeySource(reason.into()))?;
        }
        if (known.source.is_none() || known.tries > 0) && self.may_ask() {
            known.source = Some(KeySource::Passphrase(self.type_passphrase(key_use)?));
            known.tries += 1;
        }
        Ok(known.source.clone())
    }

    /// A new passphrase is typed twice, until both are the same: nothing would open the vault after a slip.
    fn type_passphrase(&self, key_use: KeyUse) -> Result<crate::secret::Secret, Fault> {
        let ask = |what: &str| self.prompt_secret(what).map_err(Fault::KeyUnanswered);
        if key_use != KeyUse::Create {
            return ask(PASSPHRASE);
        }
        loop {
            let typed = ask("new passphrase of the sealed vault")?;
            if typed.matches(&ask("the same passphrase again")?) {
                return Ok(typed);
            }
            self.ui.warn("the two passphrases differ");
        }
    }

    fn find_sealing_key(&self) -> Result<Option<KeySource>, String> {
        for name in ["HALLPASS_VAULT_KEY_FROM", "HALLPASS_VAULT_PASSPHRASE_FROM"] {
            let Some(text) = self.environment.read_choice(name).map_err(|fault| fault.to_string())? else { continue };
            let source: Source = text.parse().map_err(|reason| format!("{name}: {reason}"))?;
            if matches!(source, Source::Vault(_)) {
                return Err(format!("{name}: the key of a vault can't be stored in a vault"));
            }
            let raw = name == "HALLPASS_VAULT_KEY_FROM";
            let what = if raw { "key of the sealed vault" } else { PASSPHRASE };
            let secret = self.read(&source, what, None).map_err(|error| format!("{name}: {}", error.chain()))?;
            return Ok(Some(if raw { KeySource::Raw(secret) } else { KeySource::Passphrase(secret) }));
        }
        Ok(None)
    }
}
