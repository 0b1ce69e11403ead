//! Tokens that are made here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::Error;
use crate::oauth::bearer::is_b64token;
use crate::secret::Secret;

/// How a new token is made.
#[derive(Debug, clap::Args)]
pub struct Recipe {
    /// Number of random bytes, 16 to 256
    #[arg(long, value_name = "N", default_value = "32", value_parser = bytes)]
    bytes: usize,
    /// Prefix, so secret scanners recognise it
    #[arg(long, value_name = "PREFIX", default_value = "hp_", value_parser = prefix)]
    prefix: String,
}

impl Recipe {
    /// A new token.
    ///
    /// # Errors
    /// 70 when there are no random bytes.
    pub fn make(&self, cx: &Context) -> Result<Secret, Error> {
        let mut bytes = Zeroizing::new(vec![0; self.bytes]);
        cx.entropy.fill(&mut bytes).map_err(|fault| Error::internal(format!("no random bytes: {fault}")))?;
        let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*bytes));
        Ok(Secret::new([self.prefix.as_str(), random.as_str()].concat()))
    }
}

/// Fewer bytes than 16 can be guessed in time.
fn bytes(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|bytes| (16..=256).contains(bytes)).ok_or_else(|| "expected 16 to 256".to_owned())
}

fn prefix(text: &str) -> Result<String, String> {
    let fits = text.is_empty() || (text.len() <= 32 && is_b64token(text) && !text.ends_with('='));
    if fits { Ok(text.to_owned()) } else { Err("expected at most 32 letters, digits and -._~+/".to_owned()) }
}
