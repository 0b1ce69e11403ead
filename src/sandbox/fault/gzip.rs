//! A gzip bomb (RFC 1951, RFC 1952): small over the wire, large once unpacked, and valid all the way.

/// Packs a text of ASCII, then blanks up to `size` bytes in all: JSON may end in blanks, so who unpacks it without a
/// limit gets the text after all.
pub fn padded(text: &[u8], size: usize) -> Vec<u8> {
    let mut packer = Packer { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], bits: 0, filled: 0 };
    // The last block, with the fixed codes (RFC 1951 §3.2.6).
    packer.low_first(1, 1);
    packer.low_first(1, 2);
    let mut length = 0_usize;
    for &byte in text.iter().filter(|byte| byte.is_ascii()).chain(b" ") {
        packer.high_first(0x30 + u32::from(byte), 8);
        length += 1;
    }
    while length < size {
        // Length 258, distance 1: the blank again, 258 times, in 13 bits.
        packer.high_first(0b1100_0101, 8);
        packer.high_first(0, 5);
        length += 258;
    }
    packer.high_first(0, 7);
    packer.finish();
    let blanks = std::iter::repeat(&b' ');
    let checksum = crc(text.iter().filter(|byte| byte.is_ascii()).chain(blanks).take(length));
    packer.bytes.extend_from_slice(&checksum.to_le_bytes());
    packer.bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    packer.bytes
}

struct Packer {
    bytes: Vec<u8>,
    bits: u32,
    filled: u32,
}

impl Packer {
    fn low_first(&mut self, value: u32, count: u32) {
        self.bits |= value << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            self.bytes.push(self.bits.to_le_bytes()[0]);
            self.bits >>= 8;
            self.filled -= 8;
        }
    }

    /// Huffman codes are packed from their highest bit on (RFC 1951 §3.1.1).
    fn high_first(&mut self, code: u32, count: u32) {
        self.low_first(code.reverse_bits() >> (32 - count), count);
    }

    fn finish(&mut self) {
        if self.filled > 0 {
            self.low_first(0, 8 - self.filled);
        }
    }
}

/// CRC-32 (RFC 1952 §8).
fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    let mut table = [0_u32; 256];
    for (value, entry) in (0_u32..).zip(&mut table) {
        *entry = (0..8).fold(value, |value, _| if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 });
    }
    !bytes.fold(u32::MAX, |sum, byte| table[usize::from(sum.to_le_bytes()[0] ^ byte)] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::{crc, padded};

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(crc(b"123456789".iter()), 0xcbf4_3926);
    }

    #[test]
    fn it_is_small_says_how_large_it_gets_and_is_as_another_packer_would_read_it() {
        // Unpacked with gzip(1): `{}` and 517 blanks.
        let small = padded(b"{}", 300);
        assert_eq!(small[small.len() - 4..], 519_u32.to_le_bytes());
        let large = padded(br#"{"a":1}"#, 16 * 1024 * 1024);
        assert!(large.len() < 110_000);
        assert!(u32::from_le_bytes(large[large.len() - 4..].try_into().unwrap()) >= 16 * 1024 * 1024);
    }
}
