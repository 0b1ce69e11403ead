//! The signature that `check --kong` asks for.

use std::time::Duration;

use crate::commands::named_value::named_value;
use crate::context::Context;
use crate::edges::parse_span;
use crate::error::Error;
use crate::guard::signature::{Fault, Request, Verifier};
use crate::guard::{Form, Seal};
use crate::source::Source;

/// The flags of a gateway's signature.
#[derive(Debug, Clone, clap::Args)]
pub struct SealFlags {
    /// With --kong: require a signature with the key from SOURCE
    #[arg(long, value_name = "SOURCE")]
    hmac_key_from: Option<Source>,
    /// Also accept a signature with this key, during rotation
    #[arg(long, value_name = "SOURCE")]
    hmac_alternate_from: Option<Source>,
    /// For v1: the method of the request
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// For v1: the path of the request as the service sees it, without its query
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Required signature version
    #[arg(long, value_name = "FORM", default_value = "v1", value_parser = named_value(Form::NAMED))]
    hmac: Form,
    /// Maximum age of a signature, and how far it may lie in the future
    #[arg(long, value_name = "SPAN", default_value = "60s", value_parser = parse_span)]
    skew: Duration,
}

impl SealFlags {
    /// The sources of keys, each with its flag.
    pub fn sources(&self) -> [(&'static str, Option<&Source>); 2] {
        let (key, alternate) = (self.hmac_key_from.as_ref(), self.hmac_alternate_from.as_ref());
        [("--hmac-key-from", key), ("--hmac-alternate-from", alternate)]
    }

    /// The method and the path of the request.
    pub fn request(&self) -> Option<(String, String)> {
        self.method.clone().zip(self.path.clone())
    }

    /// What is odd about the flags.
    pub fn warnings(&self) -> Vec<String> {
        let needless = self.hmac == Form::V2 && (self.method.is_some() || self.path.is_some());
        needless.then(|| "v2 signs neither the method nor the path".to_owned()).into_iter().collect()
    }

    /// The signature that is asked for, if one is.
    ///
    /// # Errors
    /// 2 when v1 lacks the method or the path, 3 when the key is absent or empty.
    pub fn seal(&self, cx: &Context) -> Result<Option<Seal>, Error> {
        let Some(source) = &self.hmac_key_from else { return Ok(None) };
        if self.hmac == Form::V1 {
            let missing = || Error::usage("v1 signs the method and the path").hint("name them: --method M --path P");
            let (method, path) = self.request().ok_or_else(missing)?;
            Request::new("x", "", &method, &path).map_err(|fault| Error::usage(fault.to_string()))?;
        }
        let read = |source: &Source| super::shared(cx, source);
        let key = read(source)?;
        let (alternate, gone) = match self.hmac_alternate_from.as_ref().map(read) {
            Some(Ok(key)) => (Some(key), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let keys = Verifier::new(&key, alternate.as_ref(), self.skew).map_err(|fault: Fault| {
            // No source gives an empty secret; should one ever, it is no key.
            Error::config(fault.to_string())
        })?;
        Ok(Some(Seal { form: self.hmac, keys, gone }))
    }
}
