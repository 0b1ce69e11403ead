//! The two keys that come from the one that the user gave: for names and for entries.

use std::fmt;

use zeroize::Zeroizing;

use crate::hex;
use crate::jose::MacKey;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::sealed::{Key, decode_key};

pub struct Keys {
    names: MacKey,
    pub(super) sealing: Key,
}

impl Keys {
    /// From 32 bytes in base64 or hexadecimal; the reason when they are none.
    pub fn new(text: &Secret) -> Result<Self, String> {
        let key = decode_key(text).map_err(|fault| match fault {
            Fault::KeyMalformed(why) => why.to_owned(),
            other => other.to_string(),
        })?;
        let given = Secret::new(hex::encode(&*key));
        let derive = |purpose: &str| {
            let mac = MacKey::new(&given).ok_or("it is empty")?;
            Ok::<_, String>(Zeroizing::new(mac.tag(format!("hallpass shared cache 1 {purpose}").as_bytes())))
        };
        let names = Secret::new(hex::encode(&derive("names")?));
        let sealing = <[u8; 32]>::try_from(derive("entries")?.as_slice()).map_err(|_| "it has another length")?;
        Ok(Self { names: MacKey::new(&names).ok_or("it is empty")?, sealing: Zeroizing::new(sealing) })
    }

    /// The name of a thing in the engine, which tells nothing of it: 64 hexadecimal digits.
    pub fn name(&self, kind: &str, what: &str) -> String {
        hex::encode(&self.names.tag(format!("{kind} {what}").as_bytes()))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}
