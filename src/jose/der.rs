//! As much of DER (X.690) as private keys need: one element after the other.

use zeroize::Zeroizing;

pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;

/// Reads the element of this tag at the start of `bytes`: its content, and what follows it.
pub fn read(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(d, _)| (1..=4).contains(&d.len()))?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

/// Writes a SEQUENCE of positive INTEGERs, each given as its bytes, the first one highest.
pub fn integers(numbers: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut content = Zeroizing::new(Vec::with_capacity(numbers.iter().map(|number| number.len() + 6).sum()));
    for number in numbers {
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
        let digits = &number[start..];
        // A leading zero keeps it positive; zero itself is one zero.
        let zero = digits.first().is_none_or(|byte| *byte >= 0x80);
        head(&mut content, INTEGER, digits.len() + usize::from(zero));
        content.extend(zero.then_some(0));
        content.extend_from_slice(digits);
    }
    let mut sequence = Zeroizing::new(Vec::with_capacity(content.len() + 6));
    head(&mut sequence, SEQUENCE, content.len());
    sequence.extend_from_slice(&content);
    sequence
}

fn head(into: &mut Vec<u8>, tag: u8, length: usize) {
    into.push(tag);
    let digits = length.to_be_bytes();
    let digits = &digits[digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len() - 1)..];
    if length >= 0x80 {
        into.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
    }
    into.extend_from_slice(digits);
}

#[cfg(test)]
mod tests {
    use super::{INTEGER, SEQUENCE, integers, read};

    #[test]
    fn what_is_written_reads_back() {
        let long = [0xff; 300];
        let written = integers(&[&[0], &[], &[1], &[0x80], &[0, 0, 5], &long]);
        let (mut rest, behind) = read(&written, SEQUENCE).unwrap();
        assert!(behind.is_empty());
        let mut found = Vec::new();
        while let Some((number, further)) = read(rest, INTEGER) {
            found.push(number.to_vec());
            rest = further;
        }
        let positive = [&[0][..], &long].concat();
        assert_eq!(found, [vec![0], vec![0], vec![1], vec![0, 0x80], vec![5], positive]);
    }

    #[test]
    fn what_is_cut_or_of_another_kind_is_none() {
        for bad in [
            &[][..],
            &[2],
            &[2, 2, 1],
            &[2, 0x80, 1],
            &[2, 0x85, 0, 0, 0, 0, 1, 1],
            &[2, 0x84, 255, 255, 255, 255],
            &[4, 0],
        ] {
            assert_eq!(read(bad, INTEGER), None, "{bad:?}");
        }
    }
}
