//! How a new token is made: the flags of `generate` and `rotate`.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::commands::number_in;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::oauth::bearer::is_b64token;
use crate::secret::Secret;
use crate::store::token_file::Metadata;

use super::expiry::Expiry;

/// Fewer bytes than 16 can be guessed in time.
const BYTES: RangeInclusive<usize> = 16..=256;

/// How a new token is made.
#[derive(Debug, clap::Args)]
pub struct TokenSpec {
    /// Expiry of the new token: a time, or a span such as 90d
    #[arg(long, value_name = "TIME|SPAN", value_parser = Expiry::parse)]
    expires: Option<Expiry>,
    /// Number of random bytes, 16 to 256
    #[arg(long, value_name = "N", default_value = "32", value_parser = number_in(BYTES))]
    bytes: usize,
    /// Prefix, so secret scanners recognise it
    #[arg(long, value_name = "PREFIX", default_value = "hp_", value_parser = parse_prefix)]
    prefix: String,
}

impl TokenSpec {
    pub fn generate(&self, cx: &Context, label: Option<&str>, now: Moment) -> Result<(Secret, Metadata), Error> {
        let expires = self.expires.map(|expiry| expiry.resolve(now)).transpose()?;
        let mut bytes = Zeroizing::new(vec![0; self.bytes]);
        cx.entropy.fill(&mut bytes).map_err(|fault| error::internal::no_random_bytes(&fault))?;
        let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*bytes));
        let token = Secret::new([self.prefix.as_str(), random.as_str()].concat());
        Ok((token, Metadata { label: label.map(str::to_owned), added: Some(now), expires }))
    }
}

fn parse_prefix(text: &str) -> Result<String, String> {
    let fits = text.is_empty() || (text.len() <= 32 && is_b64token(text) && !text.ends_with('='));
    if fits { Ok(text.to_owned()) } else { Err("expected at most 32 letters, digits and -._~+/".to_owned()) }
}
