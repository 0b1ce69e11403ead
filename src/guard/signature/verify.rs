//! Whether a signature proves the header fields beside it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, SIGNATURE, Signed, TIME, V2};
use crate::edges::Moment;
use crate::hex;
use crate::identity::kong;
use crate::jose::MacKey;
use crate::secret::Secret;

const TAG: usize = 32;
/// The most digits of a time; thirteen would be milliseconds.
const DIGITS: usize = 12;

/// Which key made a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    Primary,
    Alternate,
}

/// The keys, and the allowed clock skew.
pub struct Verifier {
    primary: MacKey,
    alternate: Option<MacKey>,
    skew: Duration,
}

impl Verifier {
    /// The skew counts whole seconds, both ways, and is inclusive.
    pub fn new(primary: &Secret, alternate: Option<&Secret>, skew: Duration) -> Result<Self, Fault> {
        let key = |secret: &Secret| MacKey::new(secret).ok_or(Fault::EmptyKey);
        Ok(Self { primary: key(primary)?, alternate: alternate.map(key).transpose()?, skew })
    }

    /// Checks the signature among these header fields.
    pub fn check(&self, signed: &Signed, fields: &[(String, String)], now: Moment) -> Result<Matched, Fault> {
        let time = kong::find_field(fields, TIME).ok_or(Fault::Missing(TIME))?;
        let signature = kong::find_field(fields, SIGNATURE).ok_or(Fault::Missing(SIGNATURE))?;
        let apart = parse_seconds(time).ok_or(Fault::Time)?.abs_diff(now.epoch());
        let skew = self.skew.as_secs();
        if apart > skew {
            return Err(Fault::Stale { apart, skew });
        }
        let tag = match signed {
            Signed::Request(_) => STANDARD.decode(signature).ok(),
            Signed::Fields(_) => signature.strip_prefix(V2).and_then(hex::decode),
        };
        let tag = tag.filter(|tag| tag.len() == TAG).ok_or(Fault::Form(signed.version()))?;
        let message = signed.message(time);
        // Both are always computed, so that the time does not reveal which one matches.
        let primary = self.primary.proves(message.as_bytes(), &tag);
        let alternate = self.alternate.as_ref().is_some_and(|key| key.proves(message.as_bytes(), &tag));
        match (primary, alternate) {
            (true, _) => Ok(Matched::Primary),
            (false, true) => Ok(Matched::Alternate),
            (false, false) => Err(Fault::Mismatch),
        }
    }
}

/// ASCII digits only, so that no two readers see two times.
fn parse_seconds(text: &str) -> Option<i64> {
    let fits = (1..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{FIELDS, Fault, Request, Signed, sign};
    use super::{Matched, Verifier};
    use crate::edges::Moment;
    use crate::identity::kong;
    use crate::jose::MacKey;
    use crate::secret::Secret;

    const AT: i64 = 1_795_341_600;
    const USER: &str = "X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: u-1\nX-User-Roles: reader\n";

    fn verifier(primary: &str, alternate: Option<&str>) -> Verifier {
        let alternate = alternate.map(Secret::new);
        Verifier::new(&Secret::new(primary), alternate.as_ref(), Duration::from_secs(60)).unwrap()
    }

    fn v1(text: &str) -> Signed {
        let identity = kong::read(&kong::parse_lines(text).unwrap()).identity;
        Signed::Request(Request::from_identity(&identity, "GET", "/orders").unwrap())
    }

    fn v2(text: &str) -> Signed {
        Signed::from_fields(&kong::parse_lines(text).unwrap()).unwrap()
    }

    fn signature(signed: &Signed) -> String {
        sign(&MacKey::new(&Secret::new("one")).unwrap(), signed, Moment::from_epoch(AT)).1
    }

    /// Checks header lines at a time, beside which stand this time and this signature.
    fn check(keys: &Verifier, signed: &Signed, time: &str, signature: &str, now: i64) -> Result<Matched, Fault> {
        let fields = [("x-authz-ts", time), ("X-AUTHZ-SIGNATURE", signature)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        keys.check(signed, &fields, Moment::from_epoch(now))
    }

    #[test]
    fn either_key_of_rotation_proves() {
        for signed in [v1(USER), v2(USER)] {
            let made = signature(&signed);
            let verdict = |primary, alternate| check(&verifier(primary, alternate), &signed, "1795341600", &made, AT);
            assert_eq!(verdict("one", None), Ok(Matched::Primary));
            assert_eq!(verdict("one", Some("two")), Ok(Matched::Primary));
            assert_eq!(verdict("two", Some("one")), Ok(Matched::Alternate));
            assert_eq!(verdict("two", Some("three")), Err(Fault::Mismatch));
            assert_eq!(verdict("two", None), Err(Fault::Mismatch));
        }
        let (empty, some) = (Secret::new(""), Secret::new("one"));
        let refused = |primary, alternate| Verifier::new(primary, alternate, Duration::ZERO).err();
        assert_eq!(refused(&empty, None), Some(Fault::EmptyKey));
        assert_eq!(refused(&some, Some(&empty)), Some(Fault::EmptyKey));
    }

    #[test]
    fn what_v1_signs_cannot_be_changed_and_roles_can() {
        let keys = verifier("one", None);
        let made = signature(&v1(USER));
        let verdict = |signed: &Signed| check(&keys, signed, "1795341600", &made, AT);
        assert_eq!(verdict(&v1(&USER.replace("reader", "admin"))), Ok(Matched::Primary), "the weakness of v1");
        assert_eq!(verdict(&v1(&USER.replace("u-1", "u-2"))), Err(Fault::Mismatch));
        assert_eq!(verdict(&v1(&format!("{USER}X-Session-ID: s"))), Err(Fault::Mismatch));
        for (method, path) in [("POST", "/orders"), ("GET", "/orders/"), ("GET", "/Orders")] {
            let other = Signed::Request(Request::new("u-1", "", method, path).unwrap());
            assert_eq!(verdict(&other), Err(Fault::Mismatch), "{method} {path}");
        }
        // A service is signed by its name, whatever user is named beside it.
        let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-User-ID: u-1\nX-Token-Verified: true";
        assert_eq!(v1(service), Signed::Request(Request::new("jobs", "", "GET", "/orders").unwrap()));
        let nobody = kong::read(&kong::parse_lines("X-Token-Verified: true").unwrap()).identity;
        assert_eq!(Request::from_identity(&nobody, "GET", "/"), Err(Fault::Nobody));
    }

    #[test]
    fn what_v2_signs_cannot_be_changed() {
        let keys = verifier("one", None);
        let made = signature(&v2(USER));
        let verdict = |text: &str| check(&keys, &v2(text), "1795341600", &made, AT);
        assert_eq!(verdict(USER), Ok(Matched::Primary));
        assert_eq!(verdict(&format!("{USER}X-Org-Roles:\nX-Username: x")), Ok(Matched::Primary));
        assert_eq!(verdict(&USER.replace("reader", "admin")), Err(Fault::Mismatch));
        for name in &FIELDS[4..] {
            assert_eq!(verdict(&format!("{USER}{name}: x")), Err(Fault::Mismatch), "{name}");
        }
    }

    #[test]
    fn time_counts_both_ways_and_is_signed() {
        let (keys, signed) = (verifier("one", None), v2(USER));
        let made = signature(&signed);
        let at = |now: i64| check(&keys, &signed, "1795341600", &made, now);
        for now in [AT - 60, AT, AT + 60] {
            assert_eq!(at(now), Ok(Matched::Primary), "{now}");
        }
        for now in [AT - 61, AT + 61] {
            assert_eq!(at(now), Err(Fault::Stale { apart: 61, skew: 60 }), "{now}");
        }
        assert_eq!(check(&keys, &signed, "1795341601", &made, AT), Err(Fault::Mismatch));
    }

    #[test]
    fn time_is_ascii_digits_alone() {
        let (keys, signed) = (verifier("one", None), v2(USER));
        for time in [
            "1_795_341_600",
            "+1795341600",
            "-1795341600",
            " 1795341600",
            "1795341600 ",
            "１７９５３４１６００",
            "1795341600.0",
            "1795341600000",
            "0x6b02c860",
            "1.7e9",
        ] {
            assert_eq!(check(&keys, &signed, time, &signature(&signed), AT), Err(Fault::Time), "{time:?}");
        }
        assert_eq!(check(&keys, &signed, "", "v2:", AT), Err(Fault::Missing("X-Authz-Ts")));
    }

    #[test]
    fn each_form_is_read_in_one_way() {
        let keys = verifier("one", None);
        let verdict = |signed: &Signed, signature: &str| check(&keys, signed, "1795341600", signature, AT);
        let (one, two) = (v1(USER), v2(USER));
        let (base64, hex) = (signature(&one), signature(&two));
        let digits = hex.strip_prefix("v2:").unwrap();
        assert_eq!(verdict(&two, &format!("v2:{}", digits.to_uppercase())), Ok(Matched::Primary), "as auth-gate does");
        for bad in [digits, &format!("V2:{digits}"), &format!("v1:{digits}"), &hex[..66], &format!("{hex}0"), &base64] {
            assert_eq!(verdict(&two, bad), Err(Fault::Form("v2")), "{bad}");
        }
        let bare = base64.trim_end_matches('=');
        let (start, last) = bare.split_at(bare.len() - 1);
        // The last character holds two bits that count for nothing: only zeros are read.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
        for bad in [bare, &format!("{start}{next}="), &format!("{base64}="), &format!(" {base64}"), &hex, "AAAA"] {
            assert_eq!(verdict(&one, bad), Err(Fault::Form("v1")), "{bad}");
        }
        assert_eq!(verdict(&one, ""), Err(Fault::Missing("X-Authz-Signature")));
    }
}
