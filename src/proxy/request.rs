//! A connection of a client, and one request after the other on it.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::sync::watch;
use tokio::time::timeout;

use super::admission::Refusal;
use super::client_body::{ClientBody, UploadFault};
use super::message::{self, Credentials, Passing};
use super::response::{ResponseBody, framing_to_client};
use super::service::Proxy;
use super::signer::RequestSigner;
use super::token_supply::LiveToken;
use super::upstream::Connection;
use crate::error::{self, Error};
use crate::http::metrics;
use crate::http::server::{HEAD_TIMEOUT, IDLE_TIMEOUT, REQUEST_FIELDS, linger};
use crate::http::wire::{
    First, Framing, Head, ReadFault, Reader, RequestLine, race, request_framing, response_framing,
};
use crate::http::{RESPONSE_FIELDS, Stream};
use crate::text::sanitize;

/// Methods that may be sent twice (RFC 9110 §9.2.2).
const IDEMPOTENT: [&str; 5] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

struct Client {
    reader: Reader<ReadHalf<Stream>>,
    writer: WriteHalf<Stream>,
}

/// What becomes of the client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Keep,
    Close,
    /// The client may still be sending: closing at once could take the response from it.
    Linger,
}

/// The response that was sent, by its status, if any.
struct Served {
    status: Option<u16>,
    next: Next,
}

impl Served {
    fn none() -> Self {
        Self { status: None, next: Next::Close }
    }
}

/// A request with all that is known of it.
struct Request<'a> {
    head: &'a Head,
    line: RequestLine<'a>,
    framing: Framing,
}

/// Why there is no response of the upstream.
enum Failure {
    Upload(UploadFault),
    /// Nothing came before the connection ended.
    Unanswered(String),
    Broken(Error),
}

pub async fn serve_connection(proxy: Arc<Proxy>, stream: Stream) {
    let _open = proxy.metrics.connections.enter();
    let (read, writer) = split(stream);
    let mut client = Client { reader: Reader::new(read), writer };
    loop {
        if !await_request(&mut client, proxy.stop.clone()).await {
            return;
        }
        let started = Instant::now();
        let head = client.reader.head_within(HEAD_TIMEOUT, REQUEST_FIELDS).await;
        let served = match &head {
            Ok(head) => proxy.serve_request(&mut client, head).await,
            Err(ReadFault::Malformed(why)) => {
                proxy.refuse(&mut client, (400, error::proxy::malformed(why)), false).await
            }
            Err(ReadFault::Late) => proxy.refuse(&mut client, (408, error::proxy::late_head()), false).await,
            Err(ReadFault::Io(_)) => return,
        };
        proxy.record(head.as_ref().ok(), &served, started.elapsed());
        match served.next {
            Next::Keep => {}
            Next::Close => return,
            Next::Linger => return linger(client.reader, client.writer).await,
        }
    }
}

/// Waits for the next request; `false` when none comes, or the proxy stops.
async fn await_request(client: &mut Client, mut stop: watch::Receiver<u8>) -> bool {
    let message = pin!(timeout(IDLE_TIMEOUT, client.reader.wait_for_message()));
    let stopped = pin!(stop.wait_for(|signals| *signals > 0));
    matches!(race(message, stopped).await, First::One(Ok(Ok(true))))
}

impl Proxy {
    async fn serve_request(&self, client: &mut Client, head: &Head) -> Served {
        let malformed = |why| (400, error::proxy::malformed(why));
        let line = match head.request_line() {
            Ok(line) => line,
            Err(why) => return self.refuse(client, malformed(why), false).await,
        };
        let framing = match request_framing(head) {
            Ok(framing) => framing,
            Err(why) => return self.refuse(client, malformed(why), false).await,
        };
        let can_keep = matches!(framing, Framing::Empty | Framing::Length(0)) && self.keeps_connection(head, &line);
        if let Err(refusal) = self.admission.check_sender(&line, head) {
            return self.refuse(client, refusal, can_keep).await;
        }
        if self.options.metrics && line.target.starts_with("/-/") {
            if line.target != "/-/metrics" {
                return self.refuse(client, (404, error::proxy::nothing_here()), can_keep).await;
            }
            return send_own(client, 200, metrics::CONTENT_TYPE, &self.metrics.render(), can_keep).await;
        }
        if let Err(refusal) = self.admission.check_request(&line, framing) {
            return self.refuse(client, refusal, can_keep).await;
        }
        match self.forward(client, &Request { head, line, framing }).await {
            Ok(served) => served,
            Err(refusal) => self.refuse(client, refusal, can_keep).await,
        }
    }

    /// Sends a request on until there is a response that is the client's: again with another nonce, with a newer token, or
    /// because the connection that it went over had just been closed, each once.
    async fn forward(&self, client: &mut Client, request: &Request<'_>) -> Result<Served, Refusal> {
        let bad_gateway = |error| (502, error);
        let repeats = self.options.retry_401 || self.signer.is_some();
        let passing = Passing::of_request(request.head);
        let mut body = ClientBody::new(request.framing, passing, self.options.max_body, repeats);
        let may_repeat = IDEMPOTENT.contains(&request.line.method) && request.framing == Framing::Empty;
        let (mut is_stale, mut has_nonce, mut is_renewed) = (false, false, false);
        let mut live = self.tokens.current().await.map_err(bad_gateway)?;
        loop {
            body.begin(self.compose_head(request, &live).map_err(bad_gateway)?);
            let connecting = async {
                if is_stale { self.upstream.open_new().await } else { self.upstream.connect(may_repeat).await }
            };
            let mut upstream = connecting.await.map_err(|fault| bad_gateway(fault.into()))?;
            let head = match self.await_response(client, request, &mut body, &mut upstream).await {
                Ok(head) => head,
                Err(Failure::Unanswered(_)) if upstream.is_reused && may_repeat && !is_stale => {
                    is_stale = true;
                    continue;
                }
                Err(Failure::Unanswered(why)) => return Err(bad_gateway(self.upstream.connector.cut(&why).into())),
                Err(Failure::Broken(error)) => return Err(bad_gateway(error)),
                Err(Failure::Upload(fault)) => return reject_upload(&fault),
            };
            let status = head.status_line().map_or(0, |line| line.status);
            let wants_nonce =
                self.signer.as_ref().is_some_and(|signer| signer.store_nonce(&self.url(request), status, &head));
            if status == 401 && body.can_repeat() {
                if wants_nonce && !has_nonce {
                    has_nonce = true;
                    continue;
                }
                if self.options.retry_401 && !is_renewed && !wants_nonce {
                    is_renewed = true;
                    if let Some(newer) = self.tokens.replace(&live).await {
                        live = newer;
                        continue;
                    }
                }
            }
            return Ok(self.relay(client, request, &mut body, upstream, &head).await);
        }
    }

    /// The URL of a request at the upstream.
    fn url(&self, request: &Request<'_>) -> String {
        format!("{}{}", self.upstream.connector.origin(), request.line.target)
    }

    fn compose_head(&self, request: &Request<'_>, live: &LiveToken) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        let prove =
            |signer: &RequestSigner| signer.prove(request.line.method, &self.url(request), &live.token.access_token);
        let proof = self.signer.as_ref().map(prove).transpose()?;
        let credentials = Credentials { authorization: &live.value, proof: proof.as_ref() };
        let authority = self.upstream.connector.authority();
        Ok(message::request_head(request.head, &request.line, request.framing, authority, &credentials))
    }

    /// Sends the request, and its body as it comes, until the head of a final response is there. Interim responses are passed
    /// on, so that `100 Continue` is the upstream's.
    async fn await_response(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        body: &mut ClientBody,
        upstream: &mut Connection,
    ) -> Result<Head, Failure> {
        let mut is_uploading = true;
        loop {
            let head = {
                let mut reading = pin!(upstream.reader.head(RESPONSE_FIELDS));
                let uploaded = if is_uploading {
                    let uploading = pin!(body.upload(&mut client.reader, &mut upstream.writer));
                    race(uploading, reading.as_mut()).await
                } else {
                    First::Other(reading.as_mut().await)
                };
                match uploaded {
                    First::Other(head) => head,
                    First::One(result) => {
                        is_uploading = false;
                        match result {
                            Ok(()) => continue,
                            // It may have answered before it closed.
                            Err(UploadFault::UpstreamGone) => {
                                timeout(HEAD_TIMEOUT, reading).await.unwrap_or(Err(ReadFault::Late))
                            }
                            Err(fault) => return Err(Failure::Upload(fault)),
                        }
                    }
                }
            };
            let head = head.map_err(|fault| self.judge(fault, upstream.reader.buffered().is_empty()))?;
            let malformed = |why: &str| Failure::Broken(self.upstream.connector.bad_response(why).into());
            let line = head.status_line().map_err(malformed)?;
            response_framing(&head, request.line.method).map_err(malformed)?;
            match line.status {
                101 if !message::is_websocket(request.head, &request.line, request.framing)
                    || !head.has_element("upgrade", "websocket") =>
                {
                    return Err(malformed("it begins a protocol that was not asked for"));
                }
                100 | 102..200 => {
                    let interim = message::interim_head(&head, line.text, false);
                    if !request.line.is_http_1_0 && client.writer.write_all(&interim).await.is_err() {
                        return Err(Failure::Upload(UploadFault::ClientGone));
                    }
                }
                _ => return Ok(head),
            }
        }
    }

    fn judge(&self, fault: ReadFault, nothing_came: bool) -> Failure {
        let connector = &self.upstream.connector;
        match fault {
            ReadFault::Malformed(why) => Failure::Broken(connector.bad_response(why).into()),
            ReadFault::Io(error) if nothing_came => Failure::Unanswered(error.to_string()),
            ReadFault::Io(error) => Failure::Broken(connector.cut(&error.to_string()).into()),
            ReadFault::Late => Failure::Unanswered("it gave no answer".to_owned()),
        }
    }

    /// Passes a response on, and what is left of the request meanwhile.
    async fn relay(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        body: &mut ClientBody,
        mut upstream: Connection,
        head: &Head,
    ) -> Served {
        let Ok(line) = head.status_line() else { return Served::none() };
        if line.status == 101 {
            return begin_tunnel(client, upstream, &message::interim_head(head, line.text, true)).await;
        }
        let from_upstream = response_framing(head, request.line.method).unwrap_or(Framing::UntilClose);
        let to_client = framing_to_client(from_upstream, request.line.is_http_1_0);
        let keeps = self.keeps_connection(request.head, &request.line) && to_client != Framing::UntilClose;
        let out = message::response_head(head, line.text, to_client, !keeps);
        let response = ResponseBody::new(head, from_upstream, to_client);
        let downloaded = {
            let mut downloading = pin!(response.download(&mut upstream.reader, &mut client.writer, out));
            let uploading = pin!(body.upload(&mut client.reader, &mut upstream.writer));
            match race(uploading, downloading.as_mut()).await {
                First::Other(result) => result,
                First::One(Ok(()) | Err(UploadFault::UpstreamGone)) => downloading.await,
                // The client has ended the request, or has broken it: it waits for no response.
                First::One(Err(_)) => Err(std::io::ErrorKind::BrokenPipe.into()),
            }
        };
        let status = Some(line.status);
        if downloaded.is_err() {
            return Served { status, next: Next::Close };
        }
        if !body.is_complete() {
            return Served { status, next: Next::Linger };
        }
        let is_kept =
            from_upstream != Framing::UntilClose && !line.is_http_1_0 && !head.has_element("connection", "close");
        if is_kept {
            self.upstream.keep(upstream);
        }
        Served { status, next: if keeps { Next::Keep } else { Next::Linger } }
    }

    fn keeps_connection(&self, head: &Head, line: &RequestLine<'_>) -> bool {
        !line.is_http_1_0 && !head.has_element("connection", "close") && *self.stop.borrow() == 0
    }

    /// Answers with an error of our own; a connection whose request is not read to its end is closed.
    async fn refuse(&self, client: &mut Client, (status, error): Refusal, can_keep: bool) -> Served {
        let body = format!("{}\n", error.redact(&self.secrets).json());
        send_own(client, status, "application/json", &body, can_keep).await
    }

    /// Counts a request and logs it, without its query.
    fn record(&self, head: Option<&Head>, served: &Served, took: Duration) {
        if let Some(status) = served.status {
            self.metrics.count_request(status, took);
        }
        if let Some(log) = &self.log {
            let line = head.and_then(|head| head.request_line().ok());
            let (method, target) = line.map_or(("-", "-"), |line| (line.method, line.target));
            let path = target.split('?').next().unwrap_or_default();
            let status = served.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            log.push(format!("{} {} {status} {}ms", sanitize(method), sanitize(path), took.as_millis()));
        }
    }
}

fn reject_upload(fault: &UploadFault) -> Result<Served, Refusal> {
    match fault {
        UploadFault::Malformed(why) => Err((400, error::proxy::malformed(why))),
        UploadFault::TooLarge(most) => Err((413, error::proxy::too_large(*most))),
        UploadFault::ClientGone | UploadFault::UpstreamGone => Ok(Served::none()),
    }
}

async fn send_own(client: &mut Client, status: u16, content_type: &str, body: &str, can_keep: bool) -> Served {
    let extra = if status == 405 { "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" } else { "" };
    let response = message::own_response(status, content_type, body, extra, !can_keep);
    let sent = async { client.writer.write_all(&response).await.and(client.writer.flush().await) };
    match sent.await {
        Ok(()) => Served { status: Some(status), next: if can_keep { Next::Keep } else { Next::Linger } },
        Err(_) => Served::none(),
    }
}

/// Passes bytes both ways until both sides have ended: either may end first.
async fn begin_tunnel(client: &mut Client, mut upstream: Connection, head: &[u8]) -> Served {
    let status = Some(101);
    if client.writer.write_all(head).await.is_ok() {
        let mut out = pin!(pump(&mut client.reader, &mut upstream.writer));
        let mut back = pin!(pump(&mut upstream.reader, &mut client.writer));
        match race(out.as_mut(), back.as_mut()).await {
            First::One(Ok(())) => drop(back.await),
            First::Other(Ok(())) => drop(out.await),
            _ => {}
        }
    }
    Served { status, next: Next::Close }
}

async fn pump(from: &mut Reader<impl AsyncRead + Unpin>, to: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    loop {
        to.write_all(from.buffered()).await?;
        to.flush().await?;
        from.consume(from.buffered().len());
        if from.fill().await? == 0 {
            return to.shutdown().await;
        }
    }
}
