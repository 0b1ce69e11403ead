//! JSON for machines: ASCII only, so that no byte of a server's text can repaint a terminal or command a CI runner.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// One line, without its newline.
pub fn line(value: &Value) -> String {
    written(value, CompactFormatter)
}

/// Indented by two spaces, without a final newline.
pub fn pretty(value: &Value) -> String {
    written(value, PrettyFormatter::new())
}

fn written<F: Formatter>(value: &Value, inner: F) -> String {
    let mut bytes = Vec::new();
    let done = value.serialize(&mut Serializer::with_formatter(&mut bytes, Ascii { inner }));
    debug_assert!(done.is_ok(), "a JSON value always serialises into memory");
    String::from_utf8(bytes).unwrap_or_default()
}

/// Escapes what is not printable ASCII, and the second of two `#` (`##[…]` commands a CI runner).
struct Ascii<F> {
    inner: F,
}

impl<F: Formatter> Formatter for Ascii<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut previous = '\0';
        for c in fragment.chars() {
            if c.is_ascii() && c != '\u{7f}' && !(c == '#' && previous == '#') {
                writer.write_all(&[c as u8])?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            previous = c;
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object_value(writer)
    }
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
