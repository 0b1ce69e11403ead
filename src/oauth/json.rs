//! The strict JSON reader of every answer. Two readers that disagree about one document let a check be bypassed (duplicate
//! members, RFC 8259 §4), so there is one: an object, no duplicate members, at most 32 levels, UTF-8, nothing after it.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::fault::{Fault, excerpt};
use super::message::Response;

/// The most levels of objects and arrays, the outermost included.
pub const DEPTH_LIMIT: usize = 32;

/// Reads one JSON object. A number too large for 64-bit floats becomes the largest float. No fault repeats a value.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    read("the JSON text", bytes)
}

/// As [`object`], for JSON that has a name of its own.
pub fn read(what: &'static str, bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    parse(bytes).map_err(|reason| Fault::Malformed { what, reason })
}

/// Reads the body of an answer as [`object`]. If it does not even begin as JSON, `show` says whether a piece of it may be
/// shown: only if no credential can be in it.
pub fn body(what: &'static str, answer: &Response, show: bool) -> Result<Map<String, Value>, Fault> {
    let start = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
    if let Some(b'{' | b'[') = start.trim_ascii_start().first() {
        return read(what, &answer.body);
    }
    let excerpt = show.then(|| excerpt(&answer.body)).flatten();
    Err(Fault::not_json(what, answer, excerpt))
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to() + 1))?;
    if text.starts_with('\u{feff}') {
        return Err("it begins with a byte order mark, which JSON forbids (RFC 8259 §8.1)".to_owned());
    }
    // This pass finds every fault of syntax, with its place; its messages never quote the text.
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match strict_value(whole.get(), 1)? {
        Value::Object(members) => Ok(members),
        Value::Array(_) => Err("it is an array, not an object".to_owned()),
        _ => Err("it is not an object".to_owned()),
    }
}

fn strict_value(text: &str, depth: usize) -> Result<Value, String> {
    let text = text.trim_ascii();
    let nests = text.starts_with(['{', '[']);
    if nests && depth > DEPTH_LIMIT {
        return Err(format!("it is nested deeper than {DEPTH_LIMIT} levels"));
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let members = serde_json::Deserializer::from_str(text).deserialize_map(Members).map_err(bad_escape)?;
            let mut map = Map::with_capacity(members.len());
            for (name, member) in members {
                if map.contains_key(&name) {
                    return Err(repeated_member(&name));
                }
                map.insert(name, strict_value(member.get(), depth + 1)?);
            }
            Value::Object(map)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(bad_escape)?;
            Value::Array(items.into_iter().map(|item| strict_value(item.get(), depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::String(serde_json::from_str(text).map_err(bad_escape)?),
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') => Value::Null,
        _ => Value::Number(clamped_number(text)),
    })
}

/// The only fault of JSON with correct syntax is its range.
fn clamped_number(text: &str) -> Number {
    let clamped = || Number::from_f64(if text.starts_with('-') { f64::MIN } else { f64::MAX });
    serde_json::from_str(text).ok().or_else(clamped).unwrap_or_else(|| Number::from(0))
}

/// After the first pass only the escapes in strings can be wrong. The error of serde could quote, so it is not kept.
fn bad_escape(_: serde_json::Error) -> String {
    "a string contains an escape for no character".to_owned()
}

/// A name is foreign text too: shown only when it looks like a name.
fn repeated_member(name: &str) -> String {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { format!("the member {name} is repeated") } else { "a member is repeated".to_owned() }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Fault, body, object};
    use crate::oauth::message::Response;

    fn reason(bytes: &[u8]) -> String {
        match object(bytes).unwrap_err() {
            Fault::Malformed { reason, .. } => reason,
            other => panic!("{other:?}"),
        }
    }

    fn nested(depth: usize) -> Vec<u8> {
        format!("{}{}{}", "{\"a\":".repeat(depth), "1", "}".repeat(depth)).into_bytes()
    }

    #[test]
    fn object_is_read_with_its_order_and_numbers() {
        let map = object(br#" {"b":[1,-2,1796163904.843567,true,null,"\u00e9\n"],"a":{"x":{}}} "#).unwrap();
        assert_eq!(
            Value::Object(map.clone()),
            json!({"b": [1, -2, 1_796_163_904.843_567, true, null, "é\n"], "a": {"x": {}}})
        );
        assert_eq!(map.keys().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(object(br#"{"n":18446744073709551615}"#).unwrap()["n"], json!(u64::MAX));
    }

    #[test]
    fn number_beyond_every_float_is_clamped() {
        let map = object(br#"{"a":1e400,"b":-1e400,"c":-0,"d":1e3}"#).unwrap();
        assert_eq!(map["a"].as_f64(), Some(f64::MAX));
        assert_eq!(map["b"].as_f64(), Some(f64::MIN));
        assert_eq!(map["c"].as_f64(), Some(0.0));
        assert_eq!(map["d"].as_f64(), Some(1000.0));
    }

    #[test]
    fn member_may_stand_once_at_any_depth() {
        assert_eq!(reason(br#"{"scope":1,"scope":1}"#), "the member scope is repeated");
        assert_eq!(reason(br#"{"a":[{"b":{"c":1,"c":2}}]}"#), "the member c is repeated");
        assert_eq!(reason(br#"{"a":1,"\u0061":2}"#), "the member a is repeated");
        assert_eq!(reason(br#"{"S3cret":1,"S3cret":2}"#), "a member is repeated");
    }

    #[test]
    fn depth_is_limited_to_32() {
        assert!(object(&nested(32)).is_ok());
        assert_eq!(reason(&nested(33)), "it is nested deeper than 32 levels");
        assert_eq!(reason(&nested(20_000)), "it is nested deeper than 32 levels");
        let arrays = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
        assert_eq!(reason(arrays.as_bytes()), "it is nested deeper than 32 levels");
    }

    #[test]
    fn what_is_no_strict_object_is_refused() {
        assert!(reason(b"\xef\xbb\xbf{}").contains("byte order mark"));
        assert!(reason(b"{\"a\":\"\xff\"}").contains("byte 7 is not UTF-8"));
        assert!(reason(b"[]").contains("array"));
        for text in ["1", "\"x\"", "null", "true"] {
            assert_eq!(reason(text.as_bytes()), "it is not an object", "{text}");
        }
        for text in [
            "",
            " ",
            "{",
            "{}x",
            "{} {}",
            "{}\0",
            "{,}",
            "{\"a\":1,}",
            "{\"a\"}",
            "{'a':1}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":.5}",
            "{\"a\":1.}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"\\udc00\":1}",
            "{\"a\":\"\n\"}",
            "{\"a\":tru}",
            "{\"a\":[1,]}",
            "{\"a\":1]",
            "/**/{}",
            "{}//",
            "{\"a\":0x1}",
            "{\"a\":\u{a0}1}",
        ] {
            assert!(object(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn reason_quotes_nothing() {
        for text in ["{\"access_token\":\"hunter2\"", "{\"hunter2\":hunter2}", "{\"a\":\"hunter2\\ud800\"}"] {
            assert!(!reason(text.as_bytes()).contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn body_that_is_something_else_says_what() {
        let answer = |text: &str, kind: &str| Response {
            status: 200,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: text.as_bytes().to_vec(),
            url: "https://a.example/x?code=1".to_owned(),
        };
        let fault = body("the metadata", &answer("<!DOCTYPE html><p>Hi", "text/html"), true).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the metadata is not JSON (HTTP 200 from https://a.example/x, text/html, an HTML page: <!DOCTYPE html><p>Hi)"
        );
        let fault = body("the token answer", &answer("access_token=hunter2", "text/plain"), false).unwrap_err();
        assert_eq!(fault.to_string(), "the token answer is not JSON (HTTP 200 from https://a.example/x, text/plain)");
        let marked = body("the metadata", &answer("\u{feff}{}", "application/json"), true).unwrap_err();
        assert!(marked.to_string().contains("byte order mark"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = object(&bytes);
        }

        #[test]
        fn it_never_accepts_what_serde_json_refuses(text in r#"[{}\[\]":,0-9a-e\\u. -]{0,40}"#) {
            if object(text.as_bytes()).is_ok() {
                let plain: Result<Value, _> = serde_json::from_str(&text);
                let out_of_range = plain.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
                prop_assert!(out_of_range || plain.is_ok_and(|value| value.is_object()));
            }
        }
    }
}
