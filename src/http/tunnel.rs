//! A connection through a proxy, by CONNECT (RFC 9110 §9.3.6) or SOCKS 5 (RFC 1928, RFC 1929).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::Host;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::proxy::Proxy;
use super::target::Target;
use super::transport::MAX_FIELDS;
use super::wire::Reader;
use crate::text::sanitize;

/// Anything that bytes go in and out of.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}
pub type Stream = Box<dyn Duplex>;

/// Asks a proxy, over a connection to it, for one to the target. A proxy resolves the name of the target.
pub async fn open(stream: Stream, proxy: &Proxy, target: &Target) -> Result<Stream, Fault> {
    let opened = if proxy.url.scheme().starts_with("socks5") {
        open_by_socks(stream, proxy, target).await
    } else {
        open_by_connect(stream, proxy, target).await
    };
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => Fault::ProxyAuthentication { proxy: proxy.origin.clone() },
        _ => Fault::Proxy {
            proxy: proxy.origin.clone(),
            origin: target.origin.clone(),
            why: sanitize(&error.to_string()),
        },
    })
}

async fn open_by_connect(mut stream: Stream, proxy: &Proxy, target: &Target) -> io::Result<Stream> {
    let head = proxy.connect_head(target).ok_or_else(|| io::Error::other("its URL can't be used"))?;
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    let mut reader = Reader::new(stream);
    let head = reader.head(MAX_FIELDS).await.map_err(|_| io::Error::other("its answer is not proper HTTP"))?;
    match head.status_line().map(|line| line.status) {
        Ok(200..=299) if reader.buffered().is_empty() => Ok(reader.into_stream()),
        Ok(407) => Err(io::ErrorKind::PermissionDenied.into()),
        Ok(status) => Err(io::Error::other(format!("it answered {status}"))),
        Err(why) => Err(io::Error::other(why)),
    }
}

async fn open_by_socks(mut stream: Stream, proxy: &Proxy, target: &Target) -> io::Result<Stream> {
    const NO_AUTHENTICATION: u8 = 0;
    const PASSWORD: u8 = 2;
    let no_socks = || io::Error::other("it does not speak SOCKS 5");
    let intercepted = proxy.intercept(target);
    let credentials = intercepted.as_ref().and_then(|intercepted| intercepted.raw_auth());
    let method = if credentials.is_some() { PASSWORD } else { NO_AUTHENTICATION };
    stream.write_all(&[5, 1, method]).await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match chosen {
        [5, chosen] if chosen == method => {}
        [5, _] => return Err(io::ErrorKind::PermissionDenied.into()),
        _ => return Err(no_socks()),
    }
    if let Some((user, password)) = credentials {
        let mut request = Zeroizing::new(vec![1]);
        for text in [user, password] {
            request.push(u8::try_from(text.len()).map_err(|_| io::Error::other("its password is too long"))?);
            request.extend_from_slice(text.as_bytes());
        }
        stream.write_all(&request).await?;
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).await?;
        if answer[1] != 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
    }
    stream.write_all(&socks_request(target)?).await?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await?;
    let length = match answer {
        [5, 0, _, 1] => 4,
        [5, 0, _, 4] => 16,
        [5, 0, _, 3] => usize::from(stream.read_u8().await?),
        [5, why, ..] => return Err(io::Error::other(format!("it refused with SOCKS error {why}"))),
        _ => return Err(no_socks()),
    };
    // The address and the port that it uses do not matter.
    stream.read_exact(&mut vec![0; length + 2]).await?;
    Ok(stream)
}

/// The request for a connection to the target.
fn socks_request(target: &Target) -> io::Result<Vec<u8>> {
    let mut request = vec![5, 1, 0];
    match target.url.host() {
        Some(Host::Ipv4(address)) => request.extend([&[1][..], &address.octets()].concat()),
        Some(Host::Ipv6(address)) => request.extend([&[4][..], &address.octets()].concat()),
        Some(Host::Domain(name)) => {
            let length = u8::try_from(name.len()).map_err(|_| io::Error::other("the name of the host is too long"))?;
            request.extend([&[3, length][..], name.as_bytes()].concat());
        }
        None => return Err(io::Error::other("there is no host")),
    }
    request.extend(target.url.port_or_known_default().unwrap_or_default().to_be_bytes());
    Ok(request)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{Fault, Proxy, Target, open};
    use crate::edges::{Deadline, Environment};
    use crate::http::Settings;

    fn proxy(url: &str, target: &Target) -> Proxy {
        let settings = Settings {
            deadline: Deadline::after(Duration::from_secs(5)),
            cacert: Vec::new(),
            headers: Vec::new(),
            headers_to: None,
            proxy: Some(url.to_owned()),
            environment: Environment::default(),
            identity: None,
            retries: true,
            before_send: None,
        };
        Proxy::for_target(target, &settings).unwrap().unwrap()
    }

    /// Plays a proxy that expects and answers these bytes in turn, and gives what came of it.
    fn play(url: &str, target: &str, script: &'static [(&'static [u8], &'static [u8])]) -> Result<(), Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ours, mut theirs) = tokio::io::duplex(1024);
            let played = tokio::spawn(async move {
                for (expected, answer) in script {
                    let mut found = vec![0; expected.len()];
                    theirs.read_exact(&mut found).await.unwrap();
                    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(expected));
                    theirs.write_all(answer).await.unwrap();
                }
                theirs
            });
            let target = Target::parse(target).unwrap();
            let opened = open(Box::new(ours), &proxy(url, &target), &target).await.map(drop);
            drop(played.await.unwrap());
            opened
        })
    }

    #[test]
    fn http_proxy_is_asked_by_connect() {
        const PLAIN: &[u8] = b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n";
        const NAMED: &[u8] = b"CONNECT api.example:8443 HTTP/1.1\r\nHost: api.example:8443\r\n\
                               Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n\r\n";
        let url = "https://api.example/";
        play("http://p:1", url, &[(PLAIN, b"HTTP/1.1 200 Fine\r\nA: b\r\n\r\n")]).unwrap();
        play("http://me:hunter2@p:1", "https://api.example:8443/", &[(NAMED, b"HTTP/1.0 200 x\r\n\r\n")]).unwrap();
        let refused = play("http://p:1", url, &[(PLAIN, b"HTTP/1.1 407 No\r\n\r\n")]);
        assert!(matches!(refused, Err(Fault::ProxyAuthentication { .. })));
        // Bytes behind the answer would be taken for the target's.
        for answer in
            [&b"HTTP/1.1 403 No\r\n\r\n"[..], b"HTTP/1.1 200 x\r\n\r\nmore", b"220 mail\r\n\r\n", b"HTTP/1.1 200 x\n\n"]
        {
            let script = Box::leak(Box::new([(PLAIN, answer)]));
            assert!(matches!(play("http://p:1", url, script), Err(Fault::Proxy { .. })), "{answer:?}");
        }
    }

    #[test]
    fn socks_proxy_is_asked_with_name_and_password() {
        const GRANTED: &[u8] = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34";
        const REQUEST: &[u8] = b"\x05\x01\x00\x03\x0bapi.example\x01\xbb";
        let url = "https://api.example/";
        play("socks5h://p:1", url, &[(b"\x05\x01\x00", b"\x05\x00"), (REQUEST, GRANTED)]).unwrap();
        let password = (&b"\x01\x02me\x07hunter2"[..], &b"\x01\x00"[..]);
        let script = Box::leak(Box::new([(&b"\x05\x01\x02"[..], &b"\x05\x02"[..]), password, (REQUEST, GRANTED)]));
        play("socks5://me:hunter2@p:1", url, script).unwrap();
        let address = (&b"\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"[..], &b"\x05\x00\x00\x03\x01a\x12\x34"[..]);
        let script = Box::leak(Box::new([(&b"\x05\x01\x00"[..], &b"\x05\x00"[..]), address]));
        play("socks5://p:1", "https://192.0.2.1/", script).unwrap();
        let refused = play("socks5://p:1", url, &[(b"\x05\x01\x00", b"\x05\xff")]);
        assert!(matches!(refused, Err(Fault::ProxyAuthentication { .. })));
        let refused = play("socks5://p:1", url, &[(b"\x05\x01\x00", b"\x05\x00"), (REQUEST, b"\x05\x02\x00\x01")]);
        assert!(refused.unwrap_err().to_string().contains("SOCKS error 2"));
        assert!(play("socks5://p:1", url, &[(b"\x05\x01\x00", b"HT")]).is_err());
    }
}
