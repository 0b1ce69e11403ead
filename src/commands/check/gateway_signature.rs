//! The signature that `check --kong` asks for.

use std::time::Duration;

use crate::context::Context;
use crate::edges::parse_span;
use crate::error::{self, Error};
use crate::guard::GatewaySignature;
use crate::guard::signature::{Request, Verifier, Version};
use crate::source::Source;

use super::super::kong::signature::SignatureFlags;
use super::secret::read_shared_secret;

/// The flags of a gateway's signature.
#[derive(Debug, Clone, clap::Args)]
pub struct GatewaySignatureFlags {
    /// With --kong: require a signature by the key that is read from here
    #[arg(long, value_name = "SOURCE")]
    hmac_key_from: Option<Source>,
    /// Accept a signature by this key as well, during rotation
    #[arg(long, value_name = "SOURCE")]
    hmac_alternate_from: Option<Source>,
    #[command(flatten)]
    pub signature: SignatureFlags,
    /// Allowed age of a signature, in the past or the future
    #[arg(long, value_name = "SPAN", default_value = "60s", value_parser = parse_span)]
    skew: Duration,
}

impl GatewaySignatureFlags {
    /// The sources of keys, each with its flag.
    pub fn list_sources(&self) -> [(&'static str, Option<&Source>); 2] {
        let (key, alternate) = (self.hmac_key_from.as_ref(), self.hmac_alternate_from.as_ref());
        [("--hmac-key-from", key), ("--hmac-alternate-from", alternate)]
    }

    /// Refuses a v1 signature without the request that it is for.
    pub fn check_request(&self) -> Result<(), Error> {
        if self.hmac_key_from.is_some() && self.signature.hmac == Version::V1 {
            let (method, path) = self.signature.require_request()?;
            Request::new("x", "", method, path).map_err(|fault| error::signature::unsignable_request(&fault))?;
        }
        Ok(())
    }

    pub fn build_signature(&self, cx: &Context) -> Result<Option<GatewaySignature>, Error> {
        let Some(source) = &self.hmac_key_from else { return Ok(None) };
        let key = read_shared_secret(cx, source, "HMAC key")?;
        let read = |source: &Source| read_shared_secret(cx, source, "alternate HMAC key");
        let (alternate, gone) = match self.hmac_alternate_from.as_ref().map(read) {
            Some(Ok(key)) => (Some(key), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let keys = Verifier::new(&key, alternate.as_ref(), self.skew);
        let keys = keys.map_err(|fault| error::signature::unusable_key(&fault))?;
        Ok(Some(GatewaySignature { version: self.signature.hmac, keys, gone }))
    }
}
