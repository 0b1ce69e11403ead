//! JSON for machines: ASCII only, so that no byte of a server's text can repaint a terminal or command a CI runner.

use std::fmt::Write as _;

use serde_json::Value;

/// One line, without its newline.
pub fn line(value: &Value) -> String {
    escape(serde_json::to_string(value).unwrap_or_default())
}

/// Indented by two spaces, without a final newline.
pub fn pretty(value: &Value) -> String {
    escape(serde_json::to_string_pretty(value).unwrap_or_default())
}

/// Escapes what is not printable ASCII, and the second of two `#` (`##[…]` commands a CI runner): JSON has neither
/// outside its strings.
fn escape(json: String) -> String {
    if json.is_ascii() && !json.contains('\u{7f}') && !json.contains("##") {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    let mut previous = '\0';
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' && (previous, c) != ('#', '#') {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
        previous = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn only_ascii_leaves_and_it_reads_back() {
        let value = json!({"a": "ü\u{1b}\u{202e}\u{1F600}\u{7f}##[group]", "b": [1, null, {}]});
        let line = super::line(&value);
        assert!(line.is_ascii() && !line.contains("##"), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
        let pretty = super::pretty(&value);
        assert!(pretty.contains("\n  \"a\""), "{pretty}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty).unwrap(), value);
    }
}
