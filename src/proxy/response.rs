//! A response on its way to the client, as fast as the client reads and no faster.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::message::Passing;
use crate::http::wire::{Decoder, Encoder, Event, Framing, Head, Reader, read_fields};

/// How many bytes are gathered before they are written.
const GATHERED: usize = 16 * 1024;
/// The most fields of trailers.
const TRAILERS: usize = 1024;

/// The body of a response, between its framing from the upstream and that to the client.
pub struct ResponseBody {
    decoder: Decoder,
    encoder: Encoder,
    passing: Passing,
}

impl ResponseBody {
    pub fn new(head: &Head, from_upstream: Framing, to_client: Framing) -> Self {
        Self {
            decoder: Decoder::new(from_upstream),
            encoder: if to_client == Framing::Chunked { Encoder::Chunked } else { Encoder::Plain },
            passing: Passing::of_response(head),
        }
    }

    /// Passes it on to its end, behind the head that is in `out`. What is broken ends in an error, so that the client does
    /// not take a part for the whole.
    pub async fn download(
        mut self,
        upstream: &mut Reader<impl AsyncRead + Unpin>,
        client: &mut (impl AsyncWrite + Unpin),
        mut out: Vec<u8>,
    ) -> io::Result<()> {
        loop {
            let mut is_complete = false;
            let needs_more = loop {
                if out.len() >= GATHERED || is_complete {
                    break false;
                }
                let (taken, event) = self.decoder.decode(upstream.buffered()).map_err(io::Error::other)?;
                let needs_more = match event {
                    Event::Data(data) => {
                        self.encoder.data(data, &mut out);
                        false
                    }
                    Event::End(trailers) => {
                        let trailers = if trailers.is_empty() {
                            Vec::new()
                        } else {
                            read_fields(trailers, TRAILERS).map_err(io::Error::other)?
                        };
                        self.encoder.end(self.passing.trailers(trailers), &mut out);
                        is_complete = true;
                        false
                    }
                    Event::NeedMore => true,
                };
                upstream.consume(taken);
                if needs_more {
                    break true;
                }
            };
            if !out.is_empty() {
                client.write_all(&out).await?;
                client.flush().await?;
                out.clear();
            }
            if is_complete {
                return Ok(());
            }
            if needs_more && upstream.fill().await? == 0 {
                if !self.decoder.ends_with_connection() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.decoder = Decoder::new(Framing::Empty);
            }
        }
    }
}

/// How a body goes to a client: one that ends with the upstream's connection is sent in chunks, so that its end is known.
pub fn framing_to_client(from_upstream: Framing, is_http_1_0: bool) -> Framing {
    match from_upstream {
        Framing::Chunked | Framing::UntilClose if is_http_1_0 => Framing::UntilClose,
        Framing::UntilClose => Framing::Chunked,
        framing => framing,
    }
}
