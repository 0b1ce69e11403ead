//! Proofs of possession for requests to the upstream (DPoP, RFC 9449 §7.1).

use std::sync::{Mutex, PoisonError};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::proof::DpopSigner;
use crate::http::wire::Head;
use crate::oauth::issuer;
use crate::oauth::message::Response;
use crate::secret::Secret;

pub struct RequestSigner {
    context: Mutex<Context>,
    zone: Zone,
}

impl RequestSigner {
    /// Signs for a zone; `None` where its tokens are not bound to a key.
    pub fn of(cx: &Context, zone: &Zone) -> Option<Self> {
        zone.dpop.then(|| Self { context: Mutex::new(cx.for_thread()), zone: zone.clone() })
    }

    /// A proof for one request, with the nonce that the upstream gave last.
    pub fn prove(&self, method: &str, url: &str, token: &Secret) -> Result<Secret, Error> {
        self.with_signer(|cx, signer| {
            signer.prove(method, url, cx.proofs.nonce(issuer::origin(url)).as_deref(), Some(token))
        })
    }

    /// Remembers the nonce of a response; says whether the request must be made again with it.
    pub fn store_nonce(&self, url: &str, status: u16, head: &Head) -> bool {
        if head.all("dpop-nonce").next().is_none() {
            return false;
        }
        let text = |name: &str, value: &[u8]| (name.to_ascii_lowercase(), String::from_utf8_lossy(value).into_owned());
        let headers = head.fields().map(|field| text(field.name, field.value)).collect();
        let response = Response { status, headers, body: Vec::new(), url: url.to_owned() };
        self.with_signer(|_, signer| Ok(signer.store_nonce(url, &response))).unwrap_or_default()
    }

    fn with_signer<T>(&self, work: impl FnOnce(&Context, &DpopSigner<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let signer = DpopSigner::of(&context, &self.zone)?;
        work(&context, &signer.ok_or_else(|| error::token::zone_without_dpop(&self.zone.name))?)
    }
}
