//! The flags about a gateway's signature, of `kong sign` and `check --kong`.

use crate::commands::named_value::named_value;
use crate::error::{Error, usage};
use crate::guard::signature::Version;

/// The version of a signature, and the request that v1 signs.
#[derive(Debug, Clone, clap::Args)]
pub struct SignatureFlags {
    /// For v1: the method of the request, as it is sent (get is not GET)
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// For v1: the path of the request as the service sees it, without its query
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// Required signature version
    #[arg(long, value_name = "VERSION", default_value = "v1", value_parser = named_value(Version::NAMED))]
    pub hmac: Version,
}

impl SignatureFlags {
    /// The method and the path, which v1 signs.
    pub fn require_request(&self) -> Result<(&str, &str), Error> {
        let request = self.method.as_deref().zip(self.path.as_deref());
        request.ok_or_else(|| usage::needs("--hmac v1", "--method and --path"))
    }

    /// A warning when v2 leaves a flag without effect.
    pub fn warning(&self) -> Option<&'static str> {
        let needless = self.hmac == Version::V2 && (self.method.is_some() || self.path.is_some());
        needless.then_some("v2 signs neither the method nor the path")
    }
}
