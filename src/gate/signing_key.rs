//! Signs the identity fields of an answer, as a Kong gateway does.

use std::sync::Arc;

use super::live::Live;
use super::original_request::OriginalRequest;
use crate::edges::Moment;
use crate::guard::signature::{self, Fault, Request, SIGNATURE, Signed, TIME, Version};
use crate::identity::kong;
use crate::jose::MacKey;

pub struct SigningKey {
    pub version: Version,
    pub key: Arc<Live<MacKey>>,
}

impl SigningKey {
    /// Time and signature; empty for nobody, and where what would be signed can't be.
    pub fn sign(
        &self,
        fields: &[(&'static str, String)],
        original: &OriginalRequest,
        now: Moment,
    ) -> [(&'static str, String); 2] {
        let signed = self.signed(fields, original).ok().zip(self.key.value());
        let (time, signature) = signed.map(|(signed, key)| signature::sign(&key, &signed, now)).unwrap_or_default();
        [(TIME, time), (SIGNATURE, signature)]
    }

    /// What is signed is what the reader of the fields takes out of them.
    fn signed(&self, fields: &[(&'static str, String)], original: &OriginalRequest) -> Result<Signed, Fault> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let read = kong::read(&fields);
        if !read.problems.is_empty() {
            return Err(Fault::Nobody);
        }
        match self.version {
            Version::V1 => {
                let (method, target) = original.known().ok_or(Fault::Method)?;
                let path = target.split('?').next().unwrap_or_default();
                Request::from_identity(&read.identity, method, path).map(Signed::Request)
            }
            Version::V2 => Signed::from_fields(&fields),
        }
    }
}
