//! Hexadecimal text.

/// Two lower-case digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The byte of two digits, in either case.
pub fn decode_pair(high: u8, low: u8) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(value(high)? << 4 | value(low)?)
}

/// The bytes of hexadecimal digits, in either case.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| decode_pair(pair[0], *pair.get(1)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn bytes_are_written_and_read() {
        assert_eq!(encode(&[0x00, 0x9a, 0xff]), "009aff");
        assert_eq!((decode("9Aff"), decode("")), (Some(vec![0x9a, 0xff]), Some(Vec::new())));
        for bad in ["g0", "0", "000", "0\u{c3}", "é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
