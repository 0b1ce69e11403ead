//! HTTP/1.1 as bytes on a connection, for programs that pass messages on: nothing is normalised, and whatever two
//! parsers could read in two ways is a fault (RFC 9112 §11.2).
//!
//! hyper reads what it can make sense of: of two equal lengths it keeps one, and drops a length beside Transfer-Encoding.
//! A server that answers by itself may do so; a message that goes on to another parser must be read in one way only.

mod body;
mod framing;
mod head;
mod race;
mod reader;

pub use body::{Decoder, Encoder, Event, write_field};
pub use framing::{Framing, request_framing, response_framing};
pub use head::{Field, Head, Malformed, RequestLine, read_fields};
pub use race::{First, race};
pub use reader::{ReadFault, Reader};
