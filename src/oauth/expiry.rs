//! How long a token lives, as servers write it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{claim, json};
use crate::secret::Secret;

/// The longest lifetime that is believed: ten years.
pub const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// From here on `expires_in` is no span but a time in seconds since the epoch, as some servers send: 31 years.
const EPOCH: u64 = 1_000_000_000;
/// The same in milliseconds, and more: not believed as a time.
const BEYOND_EPOCH: u64 = 100_000_000_000;

pub const ZERO: &str = "it is zero";
pub const NEGATIVE: &str = "it is negative";

/// Reads `expires_in` (RFC 6749 §5.1): [`read_seconds`] and not zero.
pub fn read(value: Option<&Value>) -> Result<Option<Duration>, &'static str> {
    match read_seconds(value)? {
        Some(Duration::ZERO) => Err(ZERO),
        lifetime => Ok(lifetime),
    }
}

/// Reads seconds: a number, or a string with one; fractions are cut off. Absent, null or an empty string is `Ok(None)`.
pub fn read_seconds(value: Option<&Value>) -> Result<Option<Duration>, &'static str> {
    let seconds = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(float) if float < 0.0 => return Err(NEGATIVE),
            // Not negative: only the range is left, and a float casts to the nearest end of it.
            Some(float) => number.as_u64().unwrap_or_else(|| claim::whole_seconds(float.trunc()).unsigned_abs()),
            None => return Err("it is not a number"),
        },
        Some(Value::String(text)) => match text.trim() {
            "" => return Ok(None),
            text => read_digits(text)?,
        },
        Some(_) => return Err("it is not a number"),
    };
    let span = if (EPOCH..BEYOND_EPOCH).contains(&seconds) { seconds } else { seconds.min(LONGEST.as_secs()) };
    Ok(Some(Duration::from_secs(span)))
}

fn read_digits(text: &str) -> Result<u64, &'static str> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if ![whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
        return Err("it is not a number");
    }
    match whole.parse().unwrap_or(u64::MAX) {
        seconds if negative && seconds > 0 => Err(NEGATIVE),
        seconds => Ok(seconds),
    }
}

/// The lifetime of a token whose request was sent then, in seconds since the epoch, as `expires_in` may be too.
pub fn lifetime(expires_in: Duration, sent_at: i64) -> Duration {
    match expires_in.as_secs() {
        at if at >= EPOCH => Duration::from_secs(at.saturating_sub(sent_at.unsigned_abs())).min(LONGEST),
        _ => expires_in,
    }
}

/// The `exp` of a JWT in seconds since the epoch, read without verifying anything: it serves to plan, never to trust.
pub fn jwt_exp(token: &Secret) -> Option<i64> {
    let mut parts = token.expose().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = json::object(&Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?)).ok()?;
    claims.get("exp")?.as_number()?;
    claim::date(&claims, "exp")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{LONGEST, jwt_exp, lifetime, read};
    use crate::oauth::json::object;
    use crate::secret::Secret;

    #[test]
    fn lifetimes_are_read_as_servers_write_them() {
        let longest = Some(LONGEST.as_secs());
        for (text, expected) in [
            ("3600", Some(3600)),
            ("3600.0", Some(3600)),
            ("1e3", Some(1000)),
            ("\"3600\"", Some(3600)),
            ("1", Some(1)),
            ("\"0060\"", Some(60)),
            ("1e400", longest),
            ("18446744073709551615", longest),
            ("1e30", longest),
            ("315360001", longest),
            ("315360000", longest),
            ("\"99999999999999999999999\"", longest),
            ("99999999999999999999999", longest),
            ("null", None),
            ("\"\"", None),
            ("3599.5", Some(3599)),
            ("\"3599.5\"", Some(3599)),
            ("\" 3600 \"", Some(3600)),
        ] {
            let map = object(format!("{{\"expires_in\":{text}}}").as_bytes()).unwrap();
            assert_eq!(read(map.get("expires_in")).unwrap().map(|span| span.as_secs()), expected, "{text}");
        }
        assert_eq!(read(None), Ok(None));
    }

    #[test]
    fn time_since_epoch_is_recognised() {
        let sent_at = 1_795_341_600;
        let of = |text: &str| {
            let map = object(format!("{{\"expires_in\":{text}}}").as_bytes()).unwrap();
            lifetime(read(map.get("expires_in")).unwrap().unwrap(), sent_at).as_secs()
        };
        assert_eq!((of("1795341900"), of("\"1795341900\""), of("300")), (300, 300, 300));
        assert_eq!(
            (of("1795341500"), of("1795341900000"), of("9999999999")),
            (0, LONGEST.as_secs(), LONGEST.as_secs())
        );
    }

    #[test]
    fn what_is_no_lifetime_is_error() {
        for text in [
            "0", "-0", "0.0", "-1", "-3600.0", "-1e400", "0.5", "1e-400", "true", "false", "[]", "[3600]", "{}",
            "\"-1\"", "\"0\"", "\"1e3\"", "\"NaN\"", "\"+5\"", "\"٣\"",
        ] {
            let map = object(format!("{{\"expires_in\":{text}}}").as_bytes()).unwrap();
            assert!(read(map.get("expires_in")).is_err(), "{text}");
        }
    }

    #[test]
    fn exp_of_jwt_is_read() {
        let jwt = |claims: &str| Secret::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)));
        assert_eq!(jwt_exp(&jwt(r#"{"exp":1796163904}"#)), Some(1_796_163_904));
        assert_eq!(jwt_exp(&jwt(r#"{"exp":1796163904.84}"#)), Some(1_796_163_904));
        assert_eq!(jwt_exp(&jwt(r#"{"exp":-5}"#)), Some(-5));
        for claims in [r#"{"exp":"1"}"#, r#"{"exp":1e300}"#, r#"{"exp":1,"exp":2}"#, "{}", "[]", "x", r#"{"exp":null}"#]
        {
            assert_eq!(jwt_exp(&jwt(claims)), None, "{claims}");
        }
        for token in ["", "a", "a.b", "..", "a.!!!.c", "e30.eyJleHAiOjF9", "e30.eyJleHAiOjF9.a.b"] {
            assert_eq!(jwt_exp(&Secret::new(token)), None, "{token}");
        }
        // The example of RFC 7519 §3.1.
        let example = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(jwt_exp(&Secret::new(example)), Some(1_300_819_380));
    }
}
