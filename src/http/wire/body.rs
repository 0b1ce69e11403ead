//! A body on its way: out of one connection's framing, into another's.

use std::io::Write as _;

use super::framing::Framing;
use super::head::{Field, Malformed};

/// The longest line with the size of a chunk, its extensions included.
const SIZE_LINE: usize = 1024;
/// The most bytes of trailers.
const TRAILERS: usize = 16 * 1024;

/// What the next bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Data(&'a [u8]),
    /// More bytes must come first.
    NeedMore,
    /// The body is complete; the lines of its trailers, which end in an empty one, if it has any.
    End(&'a [u8]),
}

/// Reads a body out of the bytes of a connection.
pub struct Decoder(State);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Length(u64),
    UntilClose,
    ChunkSize,
    ChunkData(u64),
    ChunkEnd,
    Trailers,
    Done,
}

impl Decoder {
    pub fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::Empty => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
            Framing::UntilClose => State::UntilClose,
        })
    }

    /// Whether the end of the connection completes the body.
    pub fn ends_with_connection(&self) -> bool {
        self.0 == State::UntilClose
    }

    /// What the first bytes are, and how many of them that takes.
    pub fn decode<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Event<'a>), Malformed> {
        let mut taken = 0;
        loop {
            let rest = &input[taken..];
            match self.0 {
                State::Length(0) | State::Done => {
                    self.0 = State::Done;
                    return Ok((taken, Event::End(&[])));
                }
                _ if rest.is_empty() => return Ok((taken, Event::NeedMore)),
                State::UntilClose => return Ok((input.len(), Event::Data(rest))),
                State::Length(left) => {
                    let (data, left) = split_data(rest, left);
                    self.0 = State::Length(left);
                    return Ok((taken + data.len(), Event::Data(data)));
                }
                State::ChunkData(left) => {
                    let (data, left) = split_data(rest, left);
                    self.0 = if left == 0 { State::ChunkEnd } else { State::ChunkData(left) };
                    return Ok((taken + data.len(), Event::Data(data)));
                }
                State::ChunkEnd => match rest {
                    [b'\r', b'\n', ..] => (taken, self.0) = (taken + 2, State::ChunkSize),
                    [b'\r'] => return Ok((taken, Event::NeedMore)),
                    _ => return Err("a chunk does not end in CR LF"),
                },
                State::ChunkSize => {
                    let Some(line) = whole_line(rest, SIZE_LINE)? else { return Ok((taken, Event::NeedMore)) };
                    let size = chunk_size(line)?;
                    taken += line.len() + 2;
                    self.0 = if size == 0 { State::Trailers } else { State::ChunkData(size) };
                }
                State::Trailers => {
                    let Some(end) = trailers_end(rest)? else { return Ok((taken, Event::NeedMore)) };
                    self.0 = State::Done;
                    return Ok((taken + end, Event::End(&rest[..end])));
                }
            }
        }
    }
}

fn split_data(rest: &[u8], left: u64) -> (&[u8], u64) {
    let length = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
    (&rest[..length], left - length as u64)
}

/// A line without its CR LF, once it is complete.
fn whole_line(bytes: &[u8], limit: usize) -> Result<Option<&[u8]>, Malformed> {
    match bytes.iter().take(limit).position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        Some(at) if bytes[at..].starts_with(b"\r\n") => Ok(Some(&bytes[..at])),
        Some(at) if bytes[at..] == *b"\r" => Ok(None),
        Some(_) => Err("a line does not end in CR LF"),
        None if bytes.len() >= limit => Err("the line of a chunk is too long"),
        None => Ok(None),
    }
}

/// The size of a chunk; extensions mean something to the next hop alone (RFC 9112 §7.1.1) and end here.
fn chunk_size(line: &[u8]) -> Result<u64, Malformed> {
    let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(size).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    let size = digits.filter(|digits| digits.len() <= 16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    size.ok_or("the size of a chunk is not a hexadecimal number")
}

/// How many bytes the trailers have with the empty line behind them, once they are complete.
fn trailers_end(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let mut from = 0;
    while let Some(line) = whole_line(&bytes[from..], TRAILERS)? {
        from += line.len() + 2;
        if line.is_empty() {
            return Ok(Some(from));
        }
        if from > TRAILERS {
            break;
        }
    }
    if from > TRAILERS { Err("its trailers are too large") } else { Ok(None) }
}

/// Writes a body into the bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoder {
    /// As it is: its length was announced, or the connection ends it.
    Plain,
    Chunked,
}

impl Encoder {
    pub fn data(self, data: &[u8], out: &mut Vec<u8>) {
        if self == Self::Plain {
            out.extend_from_slice(data);
        } else if !data.is_empty() {
            let _ = write!(out, "{:x}\r\n", data.len());
            out.extend_from_slice(data);
            out.extend_from_slice(b"\r\n");
        }
    }

    /// The end of the body; only chunks can have trailers.
    pub fn end<'a>(self, trailers: impl Iterator<Item = Field<'a>>, out: &mut Vec<u8>) {
        if self == Self::Chunked {
            out.extend_from_slice(b"0\r\n");
            trailers.for_each(|field| write_field(field, out));
            out.extend_from_slice(b"\r\n");
        }
    }
}

pub fn write_field(field: Field<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(field.name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(field.value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Encoder, Event, Framing};
    use crate::http::wire::read_fields;

    /// The data and trailers of a body that comes in pieces of this size, and how many bytes of it were taken.
    fn decode(framing: Framing, bytes: &[u8], piece: usize) -> Result<(Vec<u8>, Vec<u8>, usize), &'static str> {
        let (mut decoder, mut data, mut from, mut end) = (Decoder::new(framing), Vec::new(), 0, piece.min(bytes.len()));
        loop {
            let (taken, event) = decoder.decode(&bytes[from..end])?;
            from += taken;
            match event {
                Event::Data(more) => data.extend_from_slice(more),
                Event::End(trailers) => return Ok((data, trailers.to_vec(), from)),
                Event::NeedMore if end == bytes.len() => return Err("incomplete"),
                Event::NeedMore => end = (end + piece).min(bytes.len()),
            }
        }
    }

    #[test]
    fn body_ends_where_its_framing_says() {
        let chunked = b"3\r\nabc\r\n0a;x=\"y\"\r\n0123456789\r\n0\r\nA: b\r\n\r\nGET";
        for piece in 1..chunked.len() {
            let whole = (b"abc0123456789".to_vec(), b"A: b\r\n\r\n".to_vec(), chunked.len() - 3);
            assert_eq!(decode(Framing::Chunked, chunked, piece), Ok(whole), "{piece}");
            assert_eq!(decode(Framing::Length(3), b"abcGET", piece), Ok((b"abc".to_vec(), Vec::new(), 3)));
        }
        assert_eq!(decode(Framing::Empty, b"GET", 3), Ok((Vec::new(), Vec::new(), 0)));
        assert_eq!(decode(Framing::Chunked, b"0\r\n\r\nGET", 9), Ok((Vec::new(), b"\r\n".to_vec(), 5)));
        assert_eq!(decode(Framing::Length(4), b"abc", 3), Err("incomplete"));
        assert!(Decoder::new(Framing::UntilClose).ends_with_connection());
    }

    #[test]
    fn chunk_that_is_read_in_two_ways_is_malformed() {
        for bytes in [
            &b"3\nabc\r\n0\r\n\r\n"[..],
            b"3\r\nabc\n0\r\n\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
            b"3\r\nabc\r\r\n0\r\n\r\n",
            b"0x3\r\nabc\r\n0\r\n\r\n",
            b"+3\r\nabc\r\n0\r\n\r\n",
            b" 3\r\nabc\r\n0\r\n\r\n",
            b"3 \r\nabc\r\n0\r\n\r\n",
            b"\r\n",
            b";\r\n",
            b"g\r\n",
            b"11111111111111111\r\n",
            b"3;x\ny\r\nabc\r\n0\r\n\r\n",
            b"3;x\ry\r\nabc\r\n0\r\n\r\n",
            b"0\r\nA: b\n\r\n",
            b"0\r\n\n",
        ] {
            for piece in [1, bytes.len()] {
                let found = decode(Framing::Chunked, bytes, piece);
                assert!(found.is_err_and(|why| why != "incomplete"), "{:?}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn line_of_chunk_and_trailers_have_end() {
        assert!(
            decode(Framing::Chunked, &[b"1;", &[b'x'; 2000][..]].concat(), 100).is_err_and(|why| why != "incomplete")
        );
        let trailers = b"A: 0123456789\r\n".repeat(2000);
        assert!(
            decode(Framing::Chunked, &[b"0\r\n", &trailers[..]].concat(), 100).is_err_and(|why| why != "incomplete")
        );
    }

    #[test]
    fn encoder_writes_what_decoder_reads() {
        let mut out = Vec::new();
        for data in [&b"abc"[..], b"", b"0123456789abcdefg"] {
            Encoder::Chunked.data(data, &mut out);
        }
        Encoder::Chunked.end(read_fields(b"A: b\r\n\r\n", 9).unwrap().into_iter(), &mut out);
        let (data, trailers, taken) = decode(Framing::Chunked, &out, 7).unwrap();
        assert_eq!((&data[..], &trailers[..], taken), (&b"abc0123456789abcdefg"[..], &b"A: b\r\n\r\n"[..], out.len()));
        out.clear();
        Encoder::Plain.data(b"abc", &mut out);
        Encoder::Plain.end(std::iter::empty(), &mut out);
        assert_eq!(out, b"abc");
    }
}
