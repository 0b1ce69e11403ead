//! A request on its way to the upstream: its head, then its body, as fast as the upstream reads and no faster.

use std::io::{self, IoSlice};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::message::Passing;
use crate::http::wire::{Decoder, Encoder, Event, Framing, Malformed, Reader, read_fields};

/// How many bytes of a body are kept, so that its request can be sent again.
const REPEATABLE: u64 = 64 * 1024;
/// How many bytes are gathered before they are written.
const GATHERED: usize = 16 * 1024;
/// The most fields of trailers.
const TRAILERS: usize = 100;

#[derive(Debug)]
pub enum UploadFault {
    Malformed(Malformed),
    /// It is larger than this.
    TooLarge(u64),
    /// The client ended the connection in the middle.
    ClientGone,
    /// The upstream takes no more of it; it may have answered before.
    UpstreamGone,
}

pub struct ClientBody {
    decoder: Decoder,
    encoder: Encoder,
    passing: Passing,
    max_body: Option<u64>,
    /// How many bytes of it have come.
    count: u64,
    /// What was sent of it, as long as it could be sent again.
    sent: Option<Vec<u8>>,
    /// What is not written yet: the head, which has the token in it, and the body.
    head: Zeroizing<Vec<u8>>,
    head_written: usize,
    out: Vec<u8>,
    written: usize,
    is_complete: bool,
}

impl ClientBody {
    /// `repeats` says whether the request may have to be sent again.
    pub fn new(framing: Framing, passing: Passing, max_body: Option<u64>, repeats: bool) -> Self {
        let is_short = !matches!(framing, Framing::Length(length) if length > REPEATABLE);
        Self {
            decoder: Decoder::new(framing),
            encoder: if framing == Framing::Chunked { Encoder::Chunked } else { Encoder::Plain },
            passing,
            max_body,
            count: 0,
            sent: (is_short && (repeats || matches!(framing, Framing::Empty | Framing::Length(0)))).then(Vec::new),
            head: Zeroizing::default(),
            head_written: 0,
            out: Vec::new(),
            written: 0,
            is_complete: false,
        }
    }

    /// Whether the client has sent all of it.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    pub fn can_repeat(&self) -> bool {
        self.sent.is_some()
    }

    /// Begins the request, or begins it again, with this head.
    pub fn begin(&mut self, head: Zeroizing<Vec<u8>>) {
        (self.head, self.head_written, self.written) = (head, 0, 0);
        self.out = self.sent.clone().unwrap_or_default();
    }

    /// Sends the request on, to its end. It may be given up at any time, and continued.
    pub async fn upload(
        &mut self,
        client: &mut Reader<impl AsyncRead + Unpin>,
        upstream: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), UploadFault> {
        loop {
            let needs_more = self.gather(client)?;
            self.write_gathered(upstream).await.map_err(|_| UploadFault::UpstreamGone)?;
            if self.is_complete {
                return Ok(());
            }
            if needs_more && !client.fill().await.is_ok_and(|count| count > 0) {
                return Err(UploadFault::ClientGone);
            }
        }
    }

    async fn write_gathered(&mut self, upstream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        loop {
            let (head, body) = (&self.head[self.head_written..], &self.out[self.written..]);
            if head.is_empty() && body.is_empty() {
                return upstream.flush().await;
            }
            let count = upstream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            let of_head = count.min(head.len());
            self.head_written += of_head;
            self.written += count - of_head;
        }
    }

    /// Takes what the client has sent, unless enough waits to be written; says whether all that came is taken.
    fn gather(&mut self, client: &mut Reader<impl AsyncRead + Unpin>) -> Result<bool, UploadFault> {
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        }
        while !self.is_complete && self.out.len() < GATHERED {
            let (taken, event) = self.decoder.decode(client.buffered()).map_err(UploadFault::Malformed)?;
            let from = self.out.len();
            match event {
                Event::Data(data) => {
                    self.count += data.len() as u64;
                    if let Some(most) = self.max_body.filter(|most| self.count > *most) {
                        return Err(UploadFault::TooLarge(most));
                    }
                    self.encoder.data(data, &mut self.out);
                }
                Event::End(trailers) => {
                    let trailers = if trailers.is_empty() {
                        Vec::new()
                    } else {
                        read_fields(trailers, TRAILERS).map_err(UploadFault::Malformed)?
                    };
                    self.encoder.end(self.passing.trailers(trailers), &mut self.out);
                    self.is_complete = true;
                }
                Event::NeedMore => {
                    client.consume(taken);
                    return Ok(true);
                }
            }
            client.consume(taken);
            match &mut self.sent {
                Some(sent) if self.count <= REPEATABLE => sent.extend_from_slice(&self.out[from..]),
                sent => *sent = None,
            }
        }
        Ok(false)
    }
}
