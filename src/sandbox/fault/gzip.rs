//! A gzip bomb: small over the wire, large once decompressed.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses `text` followed by spaces up to `size` bytes in all. JSON may end in spaces, so a client that decompresses
/// it without a limit still reads the document.
pub fn compress_padded(text: &[u8], size: usize) -> std::io::Result<Vec<u8>> {
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
    fn gzip_bomb_is_small_and_decompresses_to_the_document() {
        let size = 16 * 1024 * 1024;
        let small = compress_padded(br#"{"a":1}"#, size).unwrap();
        assert!(small.len() < 110_000, "{}", small.len());
        let mut large = Vec::new();
        flate2::read::GzDecoder::new(&small[..]).read_to_end(&mut large).unwrap();
        assert_eq!(large.len(), size);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&large).unwrap()["a"], 1);
    }
}
