//! A response on its way to the client, where faults change it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::jose::{Algorithm, SigningKey};
use crate::sandbox::endpoint::response::Response;
use crate::sandbox::model::OAuthError;

const DESCRIPTION: &str = "requested by --fault";

/// A response and how it goes over the wire.
pub struct Delivery {
    pub response: Response,
    pub mode: FailureMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureMode {
    None,
    /// Without its length (chunked), followed by 8 MiB of spaces.
    Huge,
    /// A byte at a time.
    Slow,
    /// Half of it, then nothing more.
    Stall,
    /// Half of it, then the connection ends.
    Truncate,
    /// Not at all; the connection stays open.
    Silence,
    /// Not at all; the connection is reset.
    Reset,
    /// Something that is not HTTP instead.
    NotHttp,
}

impl From<Response> for Delivery {
    fn from(response: Response) -> Self {
        Self { response, mode: FailureMode::None }
    }
}

impl Delivery {
    pub fn fail(&mut self, status: u16, error: &'static str) {
        self.response = OAuthError::new(error, DESCRIPTION).with_status(status).into();
    }

    pub fn fail_temporarily(&mut self, status: u16, retry_after: &str) {
        self.fail(status, if status == 503 { "temporarily_unavailable" } else { "server_error" });
        self.add_header("retry-after", retry_after);
    }

    pub fn replace(&mut self, status: u16, content_type: &str, body: &str) {
        self.response = Response::new(status, content_type, body);
    }

    pub fn add_header(&mut self, name: &'static str, value: impl Into<String>) {
        self.response.headers.push((name, value.into()));
    }

    /// Changes the JSON object of a success.
    pub fn edit_success(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        if self.response.status == 200
            && let Ok(Value::Object(mut document)) = serde_json::from_slice(&self.response.body)
        {
            change(&mut document);
            self.response.body = Value::Object(document).to_string().into_bytes();
        }
    }

    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.edit_success(|document| drop(document.insert(name.to_owned(), value.into())));
    }

    pub fn remove(&mut self, name: &str) {
        self.edit_success(|document| drop(document.shift_remove(name)));
    }

    /// Writes a member after the last one of an object.
    pub fn append(&mut self, member: &[u8]) {
        if self.response.body.last() == Some(&b'}') {
            self.response.body.pop();
            self.response.body.extend_from_slice(&[b",", member, b"}"].concat());
        }
    }

    pub fn repeat_first_member(&mut self) {
        let document: Map<String, Value> = serde_json::from_slice(&self.response.body).unwrap_or_default();
        if let Some(first) = document.keys().next() {
            self.append(format!("{}:\"again\"", json!(first)).as_bytes());
        }
    }

    pub fn compress(&mut self) {
        if let Ok(bomb) = compress_padded(&self.response.body, 16 * 1024 * 1024) {
            self.response.body = bomb;
        }
        self.add_header("content-encoding", "gzip");
    }

    pub fn replace_key(&mut self) {
        let Ok(other) = SigningKey::generate(Algorithm::Es256) else { return };
        self.edit_success(|document| {
            let mut key = other.public_jwk();
            key["kid"] = document["keys"][0]["kid"].take();
            document.insert("keys".to_owned(), json!([key]));
        });
    }
}

/// Spaces follow the text up to `size` bytes: JSON may end in them, so a client without a limit reads the document.
fn compress_padded(text: &[u8], size: usize) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text)?;
    encoder.write_all(&vec![b' '; size.saturating_sub(text.len())])?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::compress_padded;

    #[test]
    fn gzip_bomb_is_small_and_decompresses_to_document() {
        let size = 16 * 1024 * 1024;
        let small = compress_padded(br#"{"a":1}"#, size).unwrap();
        assert!(small.len() < 110_000, "{}", small.len());
        let mut large = Vec::new();
        flate2::read::GzDecoder::new(&small[..]).read_to_end(&mut large).unwrap();
        assert_eq!(large.len(), size);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&large).unwrap()["a"], 1);
    }
}
