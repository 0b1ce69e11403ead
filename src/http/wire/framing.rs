//! Where a body ends (RFC 9112 §6.3), where all parsers agree on it.

use super::head::{Head, Malformed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Empty,
    Length(u64),
    Chunked,
    /// The end of the connection ends the body; of responses only.
    UntilClose,
}

/// The body that a request announces; its `Host` is checked as well, because a request without one, or with two, means two
/// servers to two parsers.
pub fn request_framing(head: &Head) -> Result<Framing, Malformed> {
    let line = head.request_line()?;
    if head.all("host").count() != 1 {
        return Err("it has no Host, or more than one");
    }
    Ok(announced(head, line.is_http_1_0)?.unwrap_or(Framing::Empty))
}

/// The body of a response to a request with this method.
pub fn response_framing(head: &Head, method: &str) -> Result<Framing, Malformed> {
    let line = head.status_line()?;
    if line.status < 200 || matches!(line.status, 204 | 304) || method == "HEAD" {
        // The fields say how long it would be; they are checked because they go on.
        announced(head, line.is_http_1_0)?;
        return Ok(Framing::Empty);
    }
    Ok(announced(head, line.is_http_1_0)?.unwrap_or(Framing::UntilClose))
}

/// What the fields say, if anything.
fn announced(head: &Head, is_http_1_0: bool) -> Result<Option<Framing>, Malformed> {
    let (mut codings, mut lengths) = (head.all("transfer-encoding"), head.all("content-length"));
    match (codings.next(), lengths.next()) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err("it has a Content-Length beside Transfer-Encoding"),
        (Some(coding), None) => {
            if codings.next().is_some() || !coding.value.eq_ignore_ascii_case(b"chunked") || is_http_1_0 {
                return Err("its Transfer-Encoding is not chunked alone");
            }
            Ok(Some(Framing::Chunked))
        }
        (None, Some(length)) => {
            if lengths.next().is_some() {
                return Err("it has more than one Content-Length");
            }
            let digits = length.text().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            let plain = digits.filter(|text| *text == "0" || !text.starts_with('0'));
            let length = plain.and_then(|text| text.parse().ok()).ok_or("its Content-Length is not a number")?;
            Ok(Some(Framing::Length(length)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, Head, request_framing, response_framing};

    fn request(fields: &str) -> Result<Framing, &'static str> {
        request_framing(&Head::parse(format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n").into_bytes(), 9).unwrap())
    }

    fn response(status: u16, method: &str, fields: &str) -> Result<Framing, &'static str> {
        response_framing(&Head::parse(format!("HTTP/1.1 {status} x\r\n{fields}\r\n").into_bytes(), 9).unwrap(), method)
    }

    #[test]
    fn request_has_no_body_one_length_or_chunks() {
        assert_eq!(request(""), Ok(Framing::Empty));
        assert_eq!(request("content-length: 0\r\n"), Ok(Framing::Length(0)));
        assert_eq!(request("Content-Length: 18446744073709551615\r\n"), Ok(Framing::Length(u64::MAX)));
        assert_eq!(request("Transfer-Encoding: Chunked\r\n"), Ok(Framing::Chunked));
    }

    #[test]
    fn framing_that_is_read_in_two_ways_is_malformed() {
        for fields in [
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 05\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 5 5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: \"chunked\"\r\n",
            "Transfer-Encoding:\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        ] {
            assert!(request(fields).is_err(), "{fields:?}");
            assert!(response(200, "GET", fields).is_err(), "{fields:?}");
            assert!(response(304, "GET", fields).is_err(), "{fields:?}");
        }
        let old = "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(request_framing(&Head::parse(old.into(), 9).unwrap()).is_err());
    }

    #[test]
    fn request_names_one_host() {
        for (fields, fits) in [("", false), ("Host: a\r\n", true), ("Host: a\r\nHost: a\r\n", false)] {
            let head = Head::parse(format!("GET / HTTP/1.1\r\n{fields}\r\n").into_bytes(), 9).unwrap();
            assert_eq!(request_framing(&head).is_ok(), fits, "{fields:?}");
        }
    }

    #[test]
    fn response_without_length_ends_with_connection() {
        assert_eq!(response(200, "GET", ""), Ok(Framing::UntilClose));
        assert_eq!(response(200, "HEAD", "Content-Length: 7\r\n"), Ok(Framing::Empty));
        assert_eq!(response(304, "GET", "Content-Length: 7\r\n"), Ok(Framing::Empty));
        assert_eq!(response(204, "GET", ""), Ok(Framing::Empty));
        assert_eq!(response(100, "GET", ""), Ok(Framing::Empty));
        assert_eq!(response(500, "GET", "Content-Length: 7\r\n"), Ok(Framing::Length(7)));
    }
}
