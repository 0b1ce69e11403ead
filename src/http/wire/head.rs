//! The head of a message: a start line and fields, exactly as they came.

use std::ops::Range;
use std::str;

/// Why a head can't be used.
pub type Malformed = &'static str;

/// A head, checked line by line.
#[derive(Clone)]
pub struct Head {
    bytes: Vec<u8>,
    start_line: Range<usize>,
    fields: Vec<FieldRange>,
}

#[derive(Clone)]
struct FieldRange {
    name: Range<usize>,
    value: Range<usize>,
}

/// A field: its name as it was written, and its value without the blanks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a str,
    pub value: &'a [u8],
}

impl<'a> Field<'a> {
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value, where it is ASCII as that of every field whose value matters here.
    pub fn text(self) -> Option<&'a str> {
        str::from_utf8(self.value).ok().filter(|text| text.is_ascii())
    }

    /// The elements of a list, such as `Connection: close, x`.
    pub fn elements(self) -> impl Iterator<Item = &'a str> {
        self.text().unwrap_or_default().split(',').map(str::trim).filter(|element| !element.is_empty())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLine<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub is_http_1_0: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusLine<'a> {
    pub status: u16,
    /// The status and the reason phrase.
    pub text: &'a [u8],
    pub is_http_1_0: bool,
}

impl Head {
    /// Reads a head that ends in an empty line.
    pub fn parse(bytes: Vec<u8>, most_fields: usize) -> Result<Self, Malformed> {
        let end = line_end(&bytes, 0)?;
        let start_line = 0..end;
        let fields = parse_fields(&bytes, end + 2, most_fields)?;
        Ok(Self { bytes, start_line, fields })
    }

    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields.iter().map(|field| view(&self.bytes, field))
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Field<'a>> {
        self.fields().filter(move |field| field.is(name))
    }

    /// Whether a list of this name has this element, without case.
    pub fn has_element(&self, name: &str, element: &str) -> bool {
        self.all(name).any(|field| field.elements().any(|known| known.eq_ignore_ascii_case(element)))
    }

    /// The start line of a request (RFC 9112 §3), with its target in origin form, or `*` for OPTIONS.
    pub fn request_line(&self) -> Result<RequestLine<'_>, Malformed> {
        let line = str::from_utf8(&self.bytes[self.start_line.clone()]).ok().filter(|line| line.is_ascii());
        let mut words = line.ok_or("the request line is not ASCII")?.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err("the request line is not a method, a target and a version");
        };
        if !is_token(method) {
            return Err("the method is not a token");
        }
        // CONNECT names an authority, so that it can be refused for what it is.
        let is_other = target == "*" && method == "OPTIONS" || method == "CONNECT";
        if !target.starts_with('/') && !is_other || !target.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
            return Err("the request target is not a path");
        }
        Ok(RequestLine { method, target, is_http_1_0: is_http_1_0(version)? })
    }

    /// The start line of a response (RFC 9112 §4).
    pub fn status_line(&self) -> Result<StatusLine<'_>, Malformed> {
        let line = &self.bytes[self.start_line.clone()];
        let malformed = "the status line is not a version and a status";
        let (version, text) = line.split_at_checked(9).ok_or(malformed)?;
        let version = version.strip_suffix(b" ").and_then(|version| str::from_utf8(version).ok()).ok_or(malformed)?;
        let (digits, reason) = text.split_at_checked(3).ok_or(malformed)?;
        if !digits.iter().all(u8::is_ascii_digit) || !(reason.is_empty() || reason.starts_with(b" ")) {
            return Err(malformed);
        }
        let status = digits.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
        if !(100..600).contains(&status) {
            return Err("the status is not between 100 and 599");
        }
        Ok(StatusLine { status, text, is_http_1_0: is_http_1_0(version)? })
    }
}

/// Reads lines of fields that end in an empty line, such as trailers.
pub fn read_fields(bytes: &[u8], most_fields: usize) -> Result<Vec<Field<'_>>, Malformed> {
    Ok(parse_fields(bytes, 0, most_fields)?.iter().map(|field| view(bytes, field)).collect())
}

fn parse_fields(bytes: &[u8], mut from: usize, most: usize) -> Result<Vec<FieldRange>, Malformed> {
    let mut fields = Vec::new();
    loop {
        let end = line_end(bytes, from)?;
        if end == from {
            return Ok(fields);
        }
        if fields.len() == most {
            return Err("it has too many fields");
        }
        fields.push(parse_field(&bytes[from..end], from)?);
        from = end + 2;
    }
}

fn parse_field(line: &[u8], from: usize) -> Result<FieldRange, Malformed> {
    let colon = line.iter().position(|byte| *byte == b':').ok_or("a field has no colon")?;
    // A name with a blank behind it, and a line that continues the one before, are read in two ways.
    if !str::from_utf8(&line[..colon]).is_ok_and(is_token) {
        return Err("the name of a field is not a token");
    }
    let value = &line[colon + 1..];
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err("the value of a field contains a control character");
    }
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let before = value.iter().take_while(|byte| blank(byte)).count();
    let behind = value[before..].iter().rev().take_while(|byte| blank(byte)).count();
    let start = from + colon + 1;
    Ok(FieldRange { name: from..from + colon, value: start + before..start + value.len() - behind })
}

fn view<'a>(bytes: &'a [u8], field: &FieldRange) -> Field<'a> {
    Field { name: str::from_utf8(&bytes[field.name.clone()]).unwrap_or_default(), value: &bytes[field.value.clone()] }
}

/// Where the line ends that begins here: at a CR and an LF, neither of which may stand alone.
fn line_end(bytes: &[u8], from: usize) -> Result<usize, Malformed> {
    let rest = bytes.get(from..).unwrap_or_default();
    match rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        Some(at) if rest[at..].starts_with(b"\r\n") => Ok(from + at),
        Some(_) => Err("a line does not end in CR LF"),
        None => Err("a line has no end"),
    }
}

fn is_http_1_0(version: &str) -> Result<bool, Malformed> {
    match version {
        "HTTP/1.1" => Ok(false),
        "HTTP/1.0" => Ok(true),
        _ => Err("the version is neither HTTP/1.1 nor HTTP/1.0"),
    }
}

/// RFC 9110 §5.6.2.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::{Head, read_fields};

    fn head(text: &str) -> Result<Head, &'static str> {
        Head::parse(text.as_bytes().to_vec(), 4)
    }

    #[test]
    fn head_is_kept_as_it_came() {
        let head = head("GET /a%2F../b?c=%zz&d HTTP/1.1\r\nhOst:  x \r\nA:\r\nB: \t1, two ,\t\r\n\r\n").unwrap();
        let line = head.request_line().unwrap();
        assert_eq!((line.method, line.target, line.is_http_1_0), ("GET", "/a%2F../b?c=%zz&d", false));
        let fields: Vec<(&str, &[u8])> = head.fields().map(|field| (field.name, field.value)).collect();
        assert_eq!(fields, [("hOst", &b"x"[..]), ("A", b""), ("B", b"1, two ,")]);
        assert!(head.has_element("b", "TWO") && !head.has_element("b", "three"));
        assert_eq!(head.all("HOST").count(), 1);
    }

    #[test]
    fn line_that_is_read_in_two_ways_is_malformed() {
        for fields in [
            "A: 1\nB: 2\r\n\r\n",
            "A: 1\rB: 2\r\n\r\n",
            "A: 1\r\n B: 2\r\n\r\n",
            "A : 1\r\n\r\n",
            " A: 1\r\n\r\n",
            ": 1\r\n\r\n",
            "A 1\r\n\r\n",
            "A: 1\0\r\n\r\n",
            "A: \u{7f}\r\n\r\n",
            "A\u{e9}: 1\r\n\r\n",
            "A: 1\r\n",
            "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n\r\n",
        ] {
            assert!(head(&format!("GET / HTTP/1.1\r\n{fields}")).is_err(), "{fields:?}");
            assert!(read_fields(fields.as_bytes(), 4).is_err(), "{fields:?}");
        }
        assert!(head("\r\nGET / HTTP/1.1\r\n\r\n").is_err());
    }

    #[test]
    fn request_line_has_three_words_and_path() {
        let line = |line: &str| head(&format!("{line}\r\n\r\n")).unwrap().request_line().is_ok();
        for good in ["GET / HTTP/1.1", "x-Y! /a\\b HTTP/1.0", "OPTIONS * HTTP/1.1", "GET //x HTTP/1.1"] {
            assert!(line(good), "{good}");
        }
        for bad in [
            "GET  / HTTP/1.1",
            "GET / HTTP/1.1 ",
            "GET /",
            "GET / HTTP/2.0",
            "GET / http/1.1",
            "GET / HTTP/1.10",
            "GET /a b HTTP/1.1",
            "GET\t/ HTTP/1.1",
            "GET /#a HTTP/1.1",
            "GET /\u{e9} HTTP/1.1",
            "GET * HTTP/1.1",
            "GET http://a/ HTTP/1.1",
            "GET a HTTP/1.1",
            "G(T / HTTP/1.1",
            " / HTTP/1.1",
        ] {
            assert!(!line(bad), "{bad}");
        }
    }

    #[test]
    fn status_line_has_version_and_three_digits() {
        let status = |line: &str| {
            let head = head(&format!("{line}\r\n\r\n")).unwrap();
            head.status_line().ok().map(|line| (line.status, line.is_http_1_0))
        };
        assert_eq!(status("HTTP/1.1 200 OK"), Some((200, false)));
        assert_eq!(status("HTTP/1.0 404 "), Some((404, true)));
        assert_eq!(status("HTTP/1.1 599"), Some((599, false)));
        for bad in
            ["HTTP/1.1 2000 OK", "HTTP/1.1 20 OK", "HTTP/1.1  200 OK", "HTTP/1.1 099 x", "HTTP/1.1", "ICY 200 OK"]
        {
            assert_eq!(status(bad), None, "{bad}");
        }
    }
}
