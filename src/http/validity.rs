//! From when to when a certificate is valid (RFC 5280 §4.1.2.5), read from its DER. It decides nothing: a certificate
//! that is not understood is left to the server.

use crate::edges::Moment;

/// The span in which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From then on.
    pub not_before: Moment,
    /// Until then.
    pub not_after: Moment,
}

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0] EXPLICIT Version`.
const VERSION: u8 = 0xa0;

/// Reads the validity of a certificate; `None` when it is not one that can be read.
pub fn validity(certificate: &[u8]) -> Option<Validity> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut body, _) = element(certificate)?;
    if body.first() == Some(&VERSION) {
        body = element(body)?.2;
    }
    // serialNumber, signature, issuer.
    for _ in 0..3 {
        body = element(body)?.2;
    }
    let (tag, span, _) = element(body)?;
    let (first, not_before, rest) = element(span).filter(|_| tag == SEQUENCE)?;
    let (second, not_after, _) = element(rest)?;
    Some(Validity { not_before: time(first, not_before)?, not_after: time(second, not_after)? })
}

/// Tag, content and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` (1950 to 2049) or `YYYYMMDDHHMMSSZ`.
fn time(tag: u8, text: &[u8]) -> Option<Moment> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let full = match tag {
        UTC_TIME if text.len() == 13 => format!("{}{text}", if text < "5" { "20" } else { "19" }),
        GENERALIZED_TIME if text.len() == 15 => text.to_owned(),
        _ => return None,
    };
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|range| full.get(range).unwrap_or_default());
    Moment::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).filter(|_| full.ends_with('Z'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::{GENERALIZED_TIME, UTC_TIME, time, validity};

    fn certificate(from: i32, to: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 3, 4), date_time_ymd(to, 5, 6));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        for (from, to) in [(1999, 2020), (2020, 2049), (2049, 2050), (2050, 4096)] {
            let read = validity(&certificate(from, to)).unwrap();
            assert_eq!(read.not_before.rfc3339(), format!("{from}-03-04T00:00:00Z"));
            assert_eq!(read.not_after.rfc3339(), format!("{to}-05-06T00:00:00Z"));
        }
    }

    #[test]
    fn other_times_are_none() {
        for (tag, text) in [
            (UTC_TIME, "200102030405"),
            (UTC_TIME, "2001020304050"),
            (UTC_TIME, "20010203040506Z"),
            (GENERALIZED_TIME, "200102030405Z"),
            (GENERALIZED_TIME, "20209902030405Z"),
            (0x13, "200102030405Z"),
        ] {
            assert_eq!(time(tag, text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..400_usize, at in 0..400_usize, byte: u8) {
            let _ = validity(&bytes);
            let mut whole = certificate(2020, 2030);
            let length = whole.len();
            whole[at % length] = byte;
            whole.truncate(cut);
            let _ = validity(&whole);
        }
    }
}
