//! Hexadecimal text.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two lower-case digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The byte of two digits, in either case.
pub fn decode_pair(high: u8, low: u8) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(value(high)? << 4 | value(low)?)
}

#[cfg(test)]
mod tests {
    use super::{decode_pair, encode};

    #[test]
    fn bytes_are_written_and_read() {
        assert_eq!(encode(&[0x00, 0x9a, 0xff]), "009aff");
        assert_eq!((decode_pair(b'9', b'A'), decode_pair(b'f', b'f')), (Some(0x9a), Some(0xff)));
        assert_eq!((decode_pair(b'g', b'0'), decode_pair(b'0', 0xc3)), (None, None));
    }
}
