//! Claims read by their type, as makers of tokens write them (RFC 7519 §2, §4.1).

use serde_json::{Map, Value};

/// A string; an empty one and another type count as absent.
pub fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A NumericDate in seconds since the epoch. Some servers write a fraction, which is cut off, or digits in quotes.
pub fn date(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    match claims.get(name)? {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().filter(|float| float.abs() < 9e15).map(whole_seconds))
        }
        Value::String(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

/// One string or several: `aud` is either (RFC 7519 §4.1.3). Other types are left out.
pub fn list<'a>(claims: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    match claims.get(name) {
        Some(Value::String(one)) if !one.is_empty() => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).filter(|one| !one.is_empty()).collect(),
        _ => Vec::new(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "beyond the range it is the nearest end")]
pub fn whole_seconds(float: f64) -> i64 {
    float.floor() as i64
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{date, list, text};

    fn claims(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn dates_are_read_as_servers_write_them() {
        for (value, expected) in [
            (json!(1_300_819_380), Some(1_300_819_380)),
            (json!(1_796_163_904.843_567), Some(1_796_163_904)),
            (json!("1300819380"), Some(1_300_819_380)),
            (json!(-1.5), Some(-2)),
            (json!(1e300), None),
            (json!("soon"), None),
            (json!("+99"), None),
            (json!(""), None),
            (json!(null), None),
            (json!([1]), None),
            (json!(true), None),
        ] {
            assert_eq!(date(&claims(json!({"exp": value})), "exp"), expected, "{value}");
        }
        assert_eq!(date(&Map::new(), "exp"), None);
    }

    #[test]
    fn texts_and_lists_leave_out_what_is_neither() {
        let read = claims(json!({"a": "x", "b": ["x", 1, null, "", "y"], "c": "", "d": {"e": 1}, "f": null}));
        assert_eq!((text(&read, "a"), text(&read, "c"), text(&read, "b")), (Some("x"), None, None));
        assert_eq!((list(&read, "a"), list(&read, "b")), (vec!["x"], vec!["x", "y"]));
        for empty in ["c", "d", "f", "g"] {
            assert!(list(&read, empty).is_empty(), "{empty}");
        }
    }
}
