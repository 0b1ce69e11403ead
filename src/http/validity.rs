//! From when to when a certificate is valid (RFC 5280 §4.1.2.5). It decides nothing: a certificate
//! that is not understood is left to the server.

use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

use crate::edges::Moment;

/// The span in which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub not_before: Moment,
    pub not_after: Moment,
}

/// Reads the validity of a certificate in DER; `None` when it is not one that can be read.
pub fn validity(certificate: &[u8]) -> Option<Validity> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let span = certificate.tbs_certificate().validity();
    Some(Validity { not_before: to_moment(span.not_before)?, not_after: to_moment(span.not_after)? })
}

fn to_moment(time: Time) -> Option<Moment> {
    i64::try_from(time.to_unix_duration().as_secs()).ok().map(Moment::from_epoch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::validity;

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
