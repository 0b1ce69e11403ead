//! The heads of messages as they go on: without the fields of the connection that they came by, and with ours.

use zeroize::Zeroizing;

use crate::http::wire::{Field, Framing, Head, RequestLine, write_field};
use crate::secret::Secret;

/// The fields of a connection (RFC 9110 §7.6.1), beside those that `Connection` names and `Proxy-*`, and of its framing.
const OF_CONNECTION: [&str; 6] = ["connection", "content-length", "keep-alive", "te", "transfer-encoding", "upgrade"];
/// The fields of a request that are ours to say: credentials and the origin.
const REPLACED: [&str; 3] = ["authorization", "dpop", "host"];

/// Which fields of a message go on.
pub struct Passing {
    named: Vec<String>,
    is_request: bool,
}

impl Passing {
    pub fn of_request(head: &Head) -> Self {
        Self { named: named_by_connection(head), is_request: true }
    }

    pub fn of_response(head: &Head) -> Self {
        Self { named: named_by_connection(head), is_request: false }
    }

    pub fn passes(&self, field: &Field<'_>) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| field.is(name));
        let is_proxy_field = field.name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("proxy-"));
        let is_kept_here = is_proxy_field
            || is_one_of(&OF_CONNECTION)
            || self.is_request && is_one_of(&REPLACED)
            || self.named.iter().any(|name| field.is(name));
        !is_kept_here
    }

    /// The trailers that go on, of the lines of a body's end.
    pub fn trailers<'a>(&'a self, fields: Vec<Field<'a>>) -> impl Iterator<Item = Field<'a>> {
        fields.into_iter().filter(|field| self.passes(field))
    }
}

fn named_by_connection(head: &Head) -> Vec<String> {
    head.all("connection").flat_map(Field::elements).map(str::to_owned).collect()
}

/// Whether a request asks for the one upgrade that is passed on (RFC 6455 §4.1).
pub fn is_websocket(head: &Head, line: &RequestLine<'_>, framing: Framing) -> bool {
    let is_sole = head.all("upgrade").map(|field| field.value.eq_ignore_ascii_case(b"websocket")).eq([true]);
    line.method == "GET"
        && !line.is_http_1_0
        && framing == Framing::Empty
        && is_sole
        && head.has_element("connection", "upgrade")
}

/// What a request goes on with, in place of what it came with.
pub struct Credentials<'a> {
    pub authorization: &'a Secret,
    pub proof: Option<&'a Secret>,
}

pub fn request_head(
    head: &Head,
    line: &RequestLine<'_>,
    framing: Framing,
    authority: &str,
    credentials: &Credentials<'_>,
) -> Zeroizing<Vec<u8>> {
    let passing = Passing::of_request(head);
    let fields = || head.fields().filter(|field| passing.passes(field));
    let secrets = [Some(credentials.authorization), credentials.proof];
    let secrets: usize = secrets.into_iter().flatten().map(|secret| secret.expose().len()).sum();
    let size: usize = fields().map(|field| field.name.len() + field.value.len() + 4).sum();
    // A vector that grows leaves copies of the token behind.
    let size = size + secrets + line.method.len() + line.target.len() + authority.len() + 256;
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    for word in [line.method, " ", line.target, " HTTP/1.1\r\nHost: ", authority, "\r\n"] {
        out.extend_from_slice(word.as_bytes());
    }
    fields().for_each(|field| write_field(field, &mut out));
    write_framing(framing, &mut out);
    if is_websocket(head, line, framing) {
        out.extend_from_slice(b"Connection: Upgrade\r\nUpgrade: websocket\r\n");
    } else if head.all("te").flat_map(Field::elements).any(|coding| coding.eq_ignore_ascii_case("trailers")) {
        out.extend_from_slice(b"Connection: TE\r\nTE: trailers\r\n");
    }
    let mut add_secret = |name: &[u8], secret: &Secret| {
        for part in [name, secret.expose().as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    };
    add_secret(b"Authorization: ", credentials.authorization);
    if let Some(proof) = credentials.proof {
        add_secret(b"DPoP: ", proof);
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// The head of a response; `framing` is that of its body to the client.
pub fn response_head(head: &Head, status_text: &[u8], framing: Framing, closes: bool) -> Vec<u8> {
    let mut out = begin_response(head, status_text);
    match framing {
        // There is no body, and a length would be that of another one: of HEAD, or of 304.
        Framing::Empty => head.all("content-length").for_each(|field| write_field(field, &mut out)),
        framing => write_framing(framing, &mut out),
    }
    if closes {
        out.extend_from_slice(b"Connection: close\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// The head of an interim response, or of the one that begins another protocol.
pub fn interim_head(head: &Head, status_text: &[u8], upgrades: bool) -> Vec<u8> {
    let mut out = begin_response(head, status_text);
    if upgrades {
        out.extend_from_slice(b"Connection: Upgrade\r\nUpgrade: websocket\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

fn begin_response(head: &Head, status_text: &[u8]) -> Vec<u8> {
    let passing = Passing::of_response(head);
    let mut out = [b"HTTP/1.1 ", status_text, b"\r\n"].concat();
    head.fields().filter(|field| passing.passes(field)).for_each(|field| write_field(field, &mut out));
    out
}

fn write_framing(framing: Framing, out: &mut Vec<u8>) {
    match framing {
        Framing::Empty | Framing::UntilClose => {}
        Framing::Length(length) => out.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes()),
        Framing::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
    }
}

/// The head and body of a response of our own.
pub fn own_response(status: u16, content_type: &str, body: &str, extra: &str, closes: bool) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        _ => "Bad Gateway",
    };
    let close = if closes { "Connection: close\r\n" } else { "" };
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\n{extra}{close}\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Framing, Head, is_websocket, request_head, response_head};
    use crate::secret::Secret;

    fn pass(request: &str, framing: Framing) -> String {
        let head = Head::parse(request.as_bytes().to_vec(), 99).unwrap();
        let line = head.request_line().unwrap();
        let (authorization, proof) = (Secret::new("Bearer t"), Secret::new("p"));
        let credentials = Credentials { authorization: &authorization, proof: Some(&proof) };
        let out = request_head(&head, &line, framing, "api.example", &credentials);
        assert!(out.capacity() >= out.len() && out.capacity() < out.len() + 300, "it may have grown");
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn fields_of_connection_and_credentials_go_and_all_else_passes() {
        let request = "PUT /%7Ea?b#".trim_end_matches('#').to_owned()
            + " HTTP/1.1\r\nHost: localhost:1\r\nCookie: a=b; c\r\nX-Odd:  \t v\t v \r\nAUTHORIZATION: Basic x\r\nDPoP: y\r\n\
               Proxy-Authorization: z\r\nproxy-Foo: z\r\nKeep-Alive: 5\r\nConnection: close, X-Hop , cookie2\r\nX-Hop: 1\r\n\
               Cookie2: 1\r\nUpgrade: h2c\r\nTE: gzip, Trailers\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\
               Trailer: X\r\nX-Odd: 2\r\n\r\n";
        assert_eq!(
            pass(&request, Framing::Chunked),
            "PUT /%7Ea?b HTTP/1.1\r\nHost: api.example\r\nCookie: a=b; c\r\nX-Odd: v\t v\r\nExpect: 100-continue\r\n\
             Trailer: X\r\nX-Odd: 2\r\nTransfer-Encoding: chunked\r\nConnection: TE\r\nTE: trailers\r\n\
             Authorization: Bearer t\r\nDPoP: p\r\n\r\n"
        );
    }

    #[test]
    fn connection_can_not_name_what_frames_or_proves() {
        let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: Content-Length, Host, Authorization\r\n\r\n";
        assert_eq!(
            pass(request, Framing::Length(3)),
            "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 3\r\nAuthorization: Bearer t\r\nDPoP: p\r\n\r\n"
        );
    }

    #[test]
    fn websocket_is_only_upgrade() {
        for (fields, is) in [
            ("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", true),
            ("Connection: Upgrade\r\nUpgrade: h2c\r\n", false),
            ("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n", false),
            ("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n", false),
            ("Upgrade: websocket\r\n", false),
        ] {
            let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            let head = Head::parse(request.clone().into_bytes(), 9).unwrap();
            let line = head.request_line().unwrap();
            assert_eq!(is_websocket(&head, &line, Framing::Empty), is, "{fields}");
            assert!(!is_websocket(&head, &line, Framing::Length(1)));
            assert_eq!(pass(&request, Framing::Empty).contains("Upgrade"), is, "{fields}");
        }
    }

    #[test]
    fn response_passes_without_fields_of_its_connection() {
        let text = "HTTP/1.1 200 Fine enough\r\nSet-Cookie: a\r\nset-cookie: b\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
                    Proxy-Authenticate: Basic\r\nWWW-Authenticate: Bearer\r\nTransfer-Encoding: chunked\r\n\r\n";
        let head = Head::parse(text.as_bytes().to_vec(), 99).unwrap();
        let out = response_head(&head, head.status_line().unwrap().text, Framing::Chunked, true);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "HTTP/1.1 200 Fine enough\r\nSet-Cookie: a\r\nset-cookie: b\r\nWWW-Authenticate: Bearer\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        );
    }
}
