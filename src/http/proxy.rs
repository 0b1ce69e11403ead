//! Which proxy a request goes through: https to another machine only.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use url::Url;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::settings::Settings;
use super::target::Target;
use crate::edges::Environment;

#[derive(Clone)]
pub struct Proxy {
    /// With user name and password, if the setting holds them.
    pub url: Url,
    pub origin: String,
}

/// The longest status line that is read, in bytes.
const STATUS_LINE: u64 = 512;
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The origin of the proxy that requests to this URL go through, if any.
pub fn proxy_for(url: &str, settings: &Settings) -> Result<Option<String>, Fault> {
    Ok(Proxy::for_target(&Target::parse(url)?, settings)?.map(|proxy| proxy.origin))
}

impl Proxy {
    /// The proxy for a target, if any. `HTTP_PROXY` never matters: plain http goes to loopback, which has no proxy.
    pub fn for_target(target: &Target, settings: &Settings) -> Result<Option<Self>, Fault> {
        if target.loopback || target.is_plain() {
            return Ok(None);
        }
        if let Some(text) = &settings.proxy {
            return if text.is_empty() { Ok(None) } else { Self::parse("--proxy", text).map(Some) };
        }
        let Some((from, text)) = first_of(&settings.environment, VARIABLES)? else { return Ok(None) };
        let exempt = first_of(&settings.environment, ["no_proxy", "NO_PROXY"])?.map_or("", |(_, list)| list);
        if is_exempt(exempt, target) {
            return Ok(None);
        }
        Self::parse(from, text).map(Some)
    }

    fn parse(from: &'static str, text: &str) -> Result<Self, Fault> {
        let refuse = |why| Fault::ProxySetting { from, why };
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        // A password with one of these signs would be cut there, and its beginning taken for the host.
        let authority = whole.trim().split_once("://").map_or("", |(_, rest)| rest.strip_suffix('/').unwrap_or(rest));
        if authority.contains(['#', '?', '/', '\\']) {
            return Err(refuse("it contains # ? / or \\, which are written %23 %3F %2F %5C in a password"));
        }
        let url = Url::parse(whole.trim()).map_err(|_| refuse("it is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(refuse("its scheme is none of http, https, socks5 and socks5h"));
        }
        let (Some(host), port) = (url.host_str(), url.port()) else { return Err(refuse("it names no host")) };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let origin = format!("{}://{host}{port}", url.scheme());
        Ok(Self { url, origin })
    }

    /// The user and the password of its URL, decoded and encoded again as Basic credentials or as SOCKS takes them.
    pub fn intercept(&self, target: &Target) -> Option<Intercept> {
        let matcher = Matcher::builder().all(self.url.as_str()).build();
        matcher.intercept(&target.url.as_str().parse().ok()?)
    }

    /// The request that asks an http proxy for a connection to a target (RFC 9110 §9.3.6).
    pub fn connect_head(&self, target: &Target) -> Option<Zeroizing<String>> {
        let (host, port) = (target.url.host_str()?, target.url.port_or_known_default()?);
        let intercepted = self.intercept(target)?;
        let credentials = intercepted.basic_auth().and_then(|value| value.to_str().ok());
        let credentials = credentials.map(|value| Zeroizing::new(format!("Proxy-Authorization: {value}\r\n")));
        let credentials = credentials.as_ref().map_or("", |field| field);
        let head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{credentials}\r\n");
        Some(Zeroizing::new(head))
    }

    /// The status with which a proxy answers CONNECT, which the library below keeps to itself. Only for an http proxy
    /// that has just refused: this asks it once more.
    pub async fn ask_status(&self, target: &Target) -> Option<u16> {
        let head = self.connect_head(target)?;
        let proxy = (
            self.url.host_str()?.trim_matches(['[', ']']),
            self.url.port_or_known_default().filter(|_| self.url.scheme() == "http")?,
        );
        let mut stream = TcpStream::connect(proxy).await.ok()?;
        stream.write_all(head.as_bytes()).await.ok()?;
        let mut line = String::new();
        BufReader::new(stream.take(STATUS_LINE)).read_line(&mut line).await.ok()?;
        line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim_end().parse().ok()
    }
}

/// The first of these variables that is set and not empty. One that can't be read must not look unset: the request would
/// go round the proxy.
fn first_of<'a, const N: usize>(
    environment: &'a Environment,
    names: [&'static str; N],
) -> Result<Option<(&'static str, &'a str)>, Fault> {
    let Some((from, value)) =
        names.into_iter().find_map(|name| Some((name, environment.os(name).filter(|value| !value.is_empty())?)))
    else {
        return Ok(None);
    };
    let text = value.to_str().ok_or(Fault::ProxySetting { from, why: "it is not UTF-8" })?;
    Ok(Some((from, text)))
}

/// Whether a list of `NO_PROXY` (names with their subdomains, addresses, networks, `*`) holds the host.
fn is_exempt(list: &str, target: &Target) -> bool {
    if list.trim().is_empty() {
        return false;
    }
    let port = target.url.port_or_known_default();
    let list: Vec<&str> = list.split(',').filter_map(|entry| without_port(entry.trim(), port)).collect();
    let everything_else = Matcher::builder().all("http://proxy.invalid").no(list.join(",")).build();
    // A URL that hyper can't read is refused later, by name.
    target.url.as_str().parse().is_ok_and(|uri: hyper::Uri| everything_else.intercept(&uri).is_none())
}

/// An entry as the matcher reads it: `*.name` is `.name`, and `host:port` is the host where the port is the target's.
fn without_port(entry: &str, port: Option<u16>) -> Option<&str> {
    let entry = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
    match entry.rsplit_once(':') {
        Some((host, digits)) if host.ends_with(']') || !host.contains(':') => {
            (digits.parse().ok() == port).then(|| host.trim_matches(['[', ']']))
        }
        _ => Some(entry),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, Proxy, Settings, Target, first_of};
    use crate::edges::{Deadline, Environment};

    fn of(url: &str, flag: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<String>, Fault> {
        let settings = Settings {
            deadline: Deadline::after(Duration::from_secs(5)),
            cacert: Vec::new(),
            headers: Vec::new(),
            headers_to: None,
            proxy: flag.map(str::to_owned),
            environment: Environment::of(variables.iter().copied()),
            identity: None,
            retries: true,
            before_send: None,
        };
        Ok(Proxy::for_target(&Target::parse(url)?, &settings)?.map(|proxy| proxy.origin))
    }

    #[test]
    fn loopback_has_no_proxy() {
        let all = [("HTTP_PROXY", "p:1"), ("HTTPS_PROXY", "p:1"), ("ALL_PROXY", "p:1"), ("http_proxy", "p:1")];
        for url in ["http://127.0.0.1/", "http://localhost/", "https://localhost/", "https://[::1]/"] {
            assert_eq!(of(url, Some("http://p:1"), &all).unwrap(), None, "{url}");
        }
    }

    #[test]
    fn flag_beats_environment_and_https_beats_all() {
        let url = "https://as.example/";
        let environment = [("HTTPS_PROXY", "two:2"), ("ALL_PROXY", "three:3")];
        assert_eq!(of(url, Some("one:1"), &environment).unwrap().unwrap(), "http://one:1");
        assert_eq!(of(url, None, &environment).unwrap().unwrap(), "http://two:2");
        assert_eq!(of(url, None, &environment[1..]).unwrap().unwrap(), "http://three:3");
        assert_eq!(of(url, Some(""), &environment).unwrap(), None);
        assert_eq!(of(url, None, &[("HTTP_PROXY", "x:1")]).unwrap(), None);
    }

    #[test]
    fn no_proxy() {
        for (list, direct) in [
            ("as.example", true),
            ("example", true),
            (".example", true),
            ("*", true),
            ("other, as.example", true),
            ("s.example", false),
            ("as.example.org", false),
            ("", false),
            ("as.example:443", true),
            ("as.example:8443", false),
            ("*.example", true),
            ("*.as.example.org", false),
        ] {
            let found = of("https://as.example/x?y", None, &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", list)]).unwrap();
            assert_eq!(found.is_none(), direct, "{list}");
        }
        let at_port =
            |list| of("https://[2001:db8::1]:8443/", None, &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", list)]).unwrap();
        assert!(at_port("[2001:db8::1]:8443").is_none() && at_port("2001:db8::1").is_none());
        assert!(at_port("[2001:db8::1]:443").is_some());
        let network = [("HTTPS_PROXY", "p:1"), ("no_proxy", "10.0.0.0/8")];
        assert_eq!(of("https://10.1.2.3/", None, &network).unwrap(), None);
        assert!(of("https://11.1.2.3/", None, &network).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn variable_that_is_not_utf8_is_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let bad = std::ffi::OsStr::from_bytes(b"http://p\xff:1");
        for names in [["HTTPS_PROXY", "X"], ["all_proxy", "X"], ["NO_PROXY", "HTTPS_PROXY"]] {
            let good = std::ffi::OsStr::new("http://p:1");
            let environment = Environment::of([(names[0], bad), (names[1], good)]);
            let fault = first_of(&environment, [names[0]]).unwrap_err();
            assert!(matches!(fault, Fault::ProxySetting { from, .. } if from == names[0]), "{fault}");
        }
    }

    #[test]
    fn proxy_of_unknown_scheme_is_refused_without_password() {
        for bad in ["socks4://me:hunter2@p:1", "ftp://p", "http://", "socks5://"] {
            let fault = of("https://as.example/", None, &[("all_proxy", bad)]).unwrap_err();
            assert!(matches!(fault, Fault::ProxySetting { from: "all_proxy", .. }), "{fault}");
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
        for cut in
            ["http://me:12#hunter2@p:1", "me:12?hunter2@p:1", "http://me:12/hunter2@p:1", "http://me:1\\hunter2@p"]
        {
            let fault = of("https://as.example/", Some(cut), &[]).unwrap_err();
            assert!(matches!(fault, Fault::ProxySetting { from: "--proxy", .. }), "{fault}");
            assert!(!format!("{fault} {fault:?}").contains("hunter2") && !fault.to_string().contains("me"), "{fault}");
        }
        assert_eq!(of("https://as.example/", Some("http://p:3128/"), &[]).unwrap().unwrap(), "http://p:3128");
        let shown = of("https://as.example/", Some("http://me:hunter2@p:3128"), &[]).unwrap().unwrap();
        assert_eq!(shown, "http://p:3128");
        let shown = of("https://as.example/", None, &[("ALL_PROXY", "socks5h://me:hunter2@p:1080")]).unwrap().unwrap();
        assert_eq!(shown, "socks5h://p:1080");
    }
}
